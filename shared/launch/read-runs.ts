import type { Definitions } from '../campaign/definition-store.ts';
import type { TimelineEntry } from '../message/message.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { formatInstant } from '../platform/time.ts';
import { sumCounts } from './check-run.ts';
import { broadcastStep, orderOf, type Run, type RunRef } from './run.ts';
import type { RunCount, Runs } from './run-store.ts';
import type { RunProgress, RunView } from './views.ts';

/** A run as people see it. */
export const viewOf = (run: Run): RunView => {
  const { occurrence, state, mode, definition, members, ordered, walkedAt, endedAt } = run;
  return {
    occurrence,
    state,
    mode,
    definition,
    dueAt: formatInstant(run.dueAt),
    useBy: formatInstant(run.useBy),
    startedAt: formatInstant(run.startedAt),
    ...(walkedAt === undefined ? {} : { walkedAt: formatInstant(walkedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: formatInstant(endedAt) }),
    members,
    ordered,
  };
};

const byReason = (counts: readonly RunCount[], outcome: RunCount['outcome']): Record<string, number> => {
  const reasons: Record<string, number> = {};
  for (const { reason = 'other', count, ...one } of counts)
    if (one.outcome === outcome) reasons[reason] = (reasons[reason] ?? 0) + count;
  return reasons;
};

/** How far a run is: the sum over its pages, as of the last look at each. */
export const readProgress = async (
  runs: Pick<Runs, 'get' | 'outcomes'>,
  ref: RunRef,
): Promise<RunProgress | undefined> => {
  const run = await runs.get(ref);
  if (run === undefined) return undefined;
  const pages = await runs.outcomes(ref);
  const counts = sumCounts(pages.flatMap((page) => page.counts));
  const total = (outcome?: RunCount['outcome']): number =>
    counts.reduce((sum, one) => sum + (outcome === undefined || one.outcome === outcome ? one.count : 0), 0);
  const checkedAt = Math.max(...pages.map((page) => page.checkedAt));
  return {
    ...viewOf(run),
    sent: total('sent'),
    held: byReason(counts, 'held'),
    skipped: byReason(counts, 'skipped'),
    failed: byReason(counts, 'failed'),
    unknown: total('unknown'),
    pending: run.mode === 'orders' ? run.ordered - total() + total('pending') : 0,
    ...(pages.length === 0 ? {} : { checkedAt: formatInstant(checkedAt as never) }),
  };
};

/** Pages of members looked through for one answer. */
const PAGES = 20;
const ITEMS = 50;

/** The rows of a run's members that failed, or whose outcome is unknown, in order of pages.
 *  @param after the number of the page to begin with */
export const troubleOf = async (
  ports: {
    readonly runs: Pick<Runs, 'page' | 'outcomes'>;
    readonly definitions: Pick<Definitions, 'get'>;
    readonly timeline: Pick<Timeline, 'getMany'>;
  },
  run: Run,
  outcome: 'failed' | 'unknown',
  after = 0,
): Promise<{ readonly entries: readonly TimelineEntry[]; readonly next?: number }> => {
  if (run.mode !== 'orders') return { entries: [] };
  const pinned = await ports.definitions.get(run.campaign, run.definition);
  const step = broadcastStep(pinned.definition);
  const concerned = (await ports.runs.outcomes(run))
    .filter(({ page, counts }) => page >= after && counts.some((count) => count.outcome === outcome))
    .map(({ page }) => page);
  const entries: TimelineEntry[] = [];
  for (const [n, number] of concerned.entries()) {
    if (n >= PAGES || entries.length >= ITEMS) return { entries, next: number };
    const members = (await ports.runs.page(run, number))?.members ?? [];
    const orders = step === undefined ? [] : members.map(({ partyId }) => orderOf(run, pinned, step, partyId));
    const rows = await ports.timeline.getMany(
      orders.map(({ partyId, sendId, dueAt }) => ({ partyId, at: dueAt, kind: 'message' as const, id: sendId })),
    );
    entries.push(...[...rows.values()].filter(({ state }) => state === outcome));
  }
  return { entries };
};
