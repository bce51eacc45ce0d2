import type { CivilDate } from '../platform/time.ts';
import type { Ending, Term } from './policy.ts';

/** How a policy's dates can contradict each other (ADR 0041). Codes: shown in tasks, translated by the console. */
export type Contradiction =
  | 'renews-on-or-before-start'
  | 'term-before-contract'
  | 'overlapping-terms'
  | 'ending-before-contract'
  | 'term-after-ending'
  | 'moved-date-unknown';

/** The dates that decide what a customer is told. */
export interface DatesToCheck {
  readonly contractStartsOn: CivilDate;
  readonly current: Term;
  /** The term before the current one. */
  readonly before: Term | undefined;
  readonly ending: Ending | undefined;
  /** Moves of a date that no term has, said later than the current term. */
  readonly unfit: readonly unknown[];
}

/**
 * The first contradiction found, or undefined. Only dates that decide what is sent are checked: an odd term of years ago
 * holds nobody's reminder. A gap between two terms is none (people pay late).
 */
export const contradictionOf = (dates: DatesToCheck): Contradiction | undefined => {
  const { contractStartsOn, current, before, ending, unfit } = dates;
  if (current.renewsOn <= current.startsOn) return 'renews-on-or-before-start';
  if (current.startsOn < contractStartsOn) return 'term-before-contract';
  if (ending !== undefined && ending.on < contractStartsOn) return 'ending-before-contract';
  if (ending !== undefined && current.startsOn > ending.on) return 'term-after-ending';
  if (before !== undefined && before.renewsOn > current.startsOn) return 'overlapping-terms';
  return unfit.length > 0 ? 'moved-date-unknown' : undefined;
};
