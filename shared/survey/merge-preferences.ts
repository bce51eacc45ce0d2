import type { Pace, Preferences } from '../customer/customer.ts';
import type { Instant } from '../platform/time.ts';

const SLOWNESS: Readonly<Record<Pace, number>> = { weekly: 1, monthly: 2, quarterly: 3 };

const slower = (a: Pace | undefined, b: Pace | undefined): Pace | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return SLOWNESS[a] >= SLOWNESS[b] ? a : b;
};

const later = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || b === undefined ? (a ?? b) : (Math.max(a, b) as Instant);

/**
 * The preferences of somebody who shares a mailbox with a person who has just said `theirs`: whatever was refused there is
 * refused here, and nothing becomes looser, because nobody may agree for another. A pause that both were given by one
 * word (`together`) ends with it, too.
 * @param known what this one said before
 * @param together end of the other's pause until now
 */
export const mergePreferences = (
  known: Preferences | undefined,
  theirs: Preferences,
  together: Instant | undefined,
): Preferences => {
  const pace = slower(known?.pace, theirs.pace);
  const shared = known?.pausedUntil !== undefined && known.pausedUntil === together;
  const pausedUntil = shared ? theirs.pausedUntil : later(known?.pausedUntil, theirs.pausedUntil);
  return {
    refusedTopics: [...new Set([...(known?.refusedTopics ?? []), ...theirs.refusedTopics])],
    ...(pace === undefined ? {} : { pace }),
    ...(pausedUntil === undefined ? {} : { pausedUntil }),
  };
};
