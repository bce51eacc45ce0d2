import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { SendOrder, TimelineEntry } from '../message/message.ts';
import type { Timeline } from '../message/timeline-store.ts';
import type { Queue } from '../platform/queue.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../platform/time.ts';
import { broadcastStep, orderOf, type Run } from './run.ts';
import type { PageOutcomes, RunCount, RunPage, Runs } from './run-store.ts';

export interface CheckRunPorts {
  readonly runs: Pick<Runs, 'page' | 'outcomes' | 'setOutcomes'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly timeline: Pick<Timeline, 'getMany'>;
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
}

export interface CheckOutcome {
  /** False where pages are left that should be looked at now. */
  readonly all: boolean;
  /** When the first open page is looked at again. */
  readonly again?: Instant;
  /** True where members are left of whom nothing is known yet, not even that their message waits. */
  readonly pending?: boolean;
  /** How the run ends; absent where it goes on. */
  readonly state?: 'finished' | 'incomplete';
}

/** Pages looked at by one message: each reads a row a member. */
const PAGES = 40;
/** A member without any outcome this long after the last was queued has lost its order (a dead letter): queued again; the
 *  ledger lets it go once. */
const LOST_AFTER = 15 * MINUTE;
/** How long after the use-by a run is given up. */
const GIVE_UP_AFTER = DAY;

/** When outcomes are next looked at: soon at first, then ever less often. @param since when the last was queued */
export const nextCheck = (since: Instant, now: Instant): Instant =>
  (now + Math.min(HOUR, Math.max(2 * MINUTE, (now - since) / 4))) as Instant;

const countOf = (row: TimelineEntry | undefined): Omit<RunCount, 'count'> => {
  if (row?.state === undefined) return { outcome: 'pending' };
  const reason = row.reason === undefined ? {} : { reason: row.reason };
  switch (row.state) {
    case 'held':
      return { outcome: 'held', ...reason };
    case 'skipped':
      return { outcome: 'skipped', ...reason };
    case 'recalled':
      return { outcome: 'skipped', reason: 'recalled' };
    case 'failed':
      return { outcome: 'failed', ...reason };
    case 'unknown':
      return { outcome: 'unknown' };
    default:
      return { outcome: 'sent', state: row.state };
  }
};

/** Adds up counts of the same outcome, state and reason. */
export const sumCounts = (counts: Iterable<RunCount>): readonly RunCount[] => {
  const sums = new Map<string, RunCount>();
  for (const one of counts) {
    const name = JSON.stringify([one.outcome, one.reason, one.state]);
    sums.set(name, { ...one, count: one.count + (sums.get(name)?.count ?? 0) });
  }
  return [...sums.values()];
};

/** Held messages tell until when; before that the page needs no look. */
const heldUntil = (row: TimelineEntry | undefined): number => {
  const until = row?.details?.until;
  return typeof until === 'number' ? until + MINUTE : Number.NaN;
};

const readPage = async (
  run: Run,
  pinned: PinnedDefinition,
  { page, members }: RunPage,
  ports: CheckRunPorts,
  now: Instant,
): Promise<{ readonly outcomes: PageOutcomes; readonly pending: readonly SendOrder[] }> => {
  const step = broadcastStep(pinned.definition);
  const orders = step === undefined ? [] : members.map(({ partyId }) => orderOf(run, pinned, step, partyId));
  const rows = await ports.timeline.getMany(
    orders.map(({ partyId, sendId, dueAt }) => ({ partyId, at: dueAt, kind: 'message' as const, id: sendId })),
  );
  const found = orders.map((order) => ({ order, row: rows.get(order.sendId) }));
  const pending = found.flatMap(({ order, row }) => (row === undefined ? [order] : []));
  const held = found.filter(({ row }) => row?.state === 'held');
  const open = pending.length + held.length;
  const soon = nextCheck(run.walkedAt ?? run.startedAt, now);
  const until = Math.min(...held.map(({ row }) => heldUntil(row)));
  const again = pending.length > 0 || Number.isNaN(until) ? soon : (Math.max(soon, until) as Instant);
  const counts = sumCounts(found.map(({ row }) => ({ ...countOf(row), count: 1 })));
  return { outcomes: { page, counts, open, checkedAt: now, ...(open === 0 ? {} : { again }) }, pending };
};

/** How many members of a page were queued. The page at work counts only once nothing more of it will be queued: later
 *  members would not be looked at. */
const queuedOf = ({ cursor }: Run, page: number): number =>
  page < cursor.page ? Number.POSITIVE_INFINITY : cursor.done;

/**
 * Looks at what became of the queued members of a run, page by page, and keeps the counts: the sum over pages is the run's
 * progress. A run is finished only when each member's message was sent or has the reason why not; one that never got an
 * outcome is queued again until the time is over.
 * @param stopped nothing more of the run will be queued, wherever its walk stands
 */
export const checkRun = async (
  run: Run,
  ports: CheckRunPorts,
  now: Instant,
  stopped = false,
): Promise<CheckOutcome> => {
  if (run.mode !== 'orders') return { all: true, state: 'finished' };
  const pinned = await ports.definitions.get(run.campaign, run.definition);
  const known = new Map((await ports.runs.outcomes(run)).map((outcomes) => [outcomes.page, outcomes]));
  const pages = run.cursor.page + (stopped && run.cursor.done > 0 ? 1 : 0);
  const numbers = Array.from({ length: pages }, (_, page) => page);
  const due = numbers.filter((page) => {
    const outcomes = known.get(page);
    return outcomes === undefined || (outcomes.again !== undefined && outcomes.again <= now);
  });
  const isLost = run.walkedAt !== undefined && now >= run.walkedAt + LOST_AFTER;
  for (const number of due.slice(0, PAGES)) {
    const kept = await ports.runs.page(run, number);
    if (kept === undefined) continue;
    const page = { ...kept, members: kept.members.slice(0, queuedOf(run, number)) };
    const { outcomes, pending } = await readPage(run, pinned, page, ports, now);
    if (isLost && pending.length > 0) await ports.orders.send(pending);
    await ports.runs.setOutcomes(run, outcomes);
    known.set(number, outcomes);
  }
  if (due.length > PAGES) return { all: false };
  const open = [...known.values()].filter(({ again }) => again !== undefined);
  if (open.length === 0) return { all: true, state: 'finished' };
  if (now > run.useBy + GIVE_UP_AFTER) return { all: true, state: 'incomplete' };
  const pending = open.some(({ counts }) => counts.some(({ outcome }) => outcome === 'pending'));
  return { all: true, pending, again: Math.min(...open.map(({ again }) => again as Instant)) as Instant };
};
