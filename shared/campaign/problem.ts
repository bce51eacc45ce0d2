import { nearest } from '../audience/nearest.ts';

/** What is wrong with a definition file, where, and what to do about it. */
export interface Problem {
  /** Such as `steps.3.at.daysBefore`. */
  readonly path: string;
  readonly message: string;
}

/** What somebody who wrote `written` may have meant, as the end of a sentence. */
export const suggest = (written: string, names: readonly string[]): string => {
  const near = nearest(written, names);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return names.length > 0 ? `known are ${names.slice(0, 30).join(', ')}` : 'there is none yet';
};
