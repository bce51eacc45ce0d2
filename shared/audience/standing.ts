import type { CivilDate } from '../platform/time.ts';

/**
 * How a person stands in a watched audience, as their row keeps it: `+2027-01-31` in it since that day, nothing: not in
 * it. With `!` at the end the change is decided and not yet told: `+2027-01-31!` entering, `-2027-01-31!` leaving. What
 * is decided keeps its day, so that telling it again after a crash is the same occurrence.
 */
export type Standing = string | undefined;

/** What is to be done about a standing. */
export type StandingAct =
  /** Nothing: it is as it should be. */
  | { readonly kind: 'settled' }
  /** Decide the change: write `to`. */
  | { readonly kind: 'decide'; readonly to: string }
  /** Tell the change that was decided, then write `to`. */
  | { readonly kind: 'tell'; readonly on: 'enter' | 'leave'; readonly occurrence: string; readonly to: Standing };

/** The next thing to do about a standing.
 *  @param holds whether the audience's rule holds for the person now */
export const nextAct = (standing: Standing, holds: boolean, today: CivilDate): StandingAct => {
  if (standing?.endsWith('!')) {
    const occurrence = standing.slice(1, -1);
    return standing.startsWith('+')
      ? { kind: 'tell', on: 'enter', occurrence, to: `+${occurrence}` }
      : { kind: 'tell', on: 'leave', occurrence, to: undefined };
  }
  if ((standing !== undefined) === holds) return { kind: 'settled' };
  return { kind: 'decide', to: `${holds ? '+' : '-'}${today}!` };
};

/** The standing of somebody who is found in or out when an audience begins to be watched: nobody is told. */
export const silentStanding = (holds: boolean, today: CivilDate): Standing => (holds ? `+${today}` : undefined);
