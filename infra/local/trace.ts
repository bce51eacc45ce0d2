import { formatInstant } from '../../shared/platform/time.ts';
import type { TraceHop, VirtualClock } from './wire.ts';

/** The last hops of work through the system, in memory. */
export interface Trace {
  add(hop: TraceHop): void;
  /** Hops after number `after`, oldest first, with the number to go on from. */
  since(after: number): {
    readonly hops: readonly (TraceHop & { readonly n: number; readonly at: string })[];
    readonly next: number;
  };
}

const KEPT = 20_000;

/** @param clock stamps each hop with virtual time */
export const createTrace = (clock: VirtualClock): Trace => {
  const hops: { n: number; at: number; hop: TraceHop }[] = [];
  let last = 0;
  return {
    add(hop) {
      hops.push({ n: ++last, at: clock.now(), hop });
      if (hops.length > KEPT * 2) hops.splice(0, KEPT);
    },
    since: (after) => ({
      hops: hops
        .filter(({ n }) => n > after)
        .map(({ n, at, hop }) => ({ n, at: formatInstant(at as ReturnType<VirtualClock['now']>), ...hop })),
      next: last,
    }),
  };
};
