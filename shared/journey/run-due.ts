import type { Queue } from '../platform/queue.ts';
import { formatInstant, type Instant, MINUTE } from '../platform/time.ts';
import { type ChangeMessage, changesOf } from '../policy/contract.ts';
import type { DueBucket, DueKind, DueRow, DueWork } from './due-work.ts';
import { type RunStepsPorts, runSteps, type StepCounts } from './run-steps.ts';
import type { RecheckPayload } from './step-row.ts';

/** A message on the due queue: this bucket holds work due at or before `upTo`. */
export interface DueMessage extends DueBucket {
  /** ISO 8601. */
  readonly upTo: string;
}

/** Everything that due work needs from outside. Payloads of orders, settlements and print orders are their areas' own. */
export interface RunDuePorts extends Omit<RunStepsPorts, 'dueWork'> {
  readonly dueWork: DueWork;
  readonly changes: Pick<Queue<ChangeMessage>, 'send'>;
  /** Held messages whose time has come: back to the queue of their class or channel. */
  readonly heldOrders: (payloads: readonly unknown[]) => Promise<void>;
  /** Messages whose outcome stayed unknown. */
  readonly settle: (payloads: readonly unknown[]) => Promise<void>;
  /** Batches and broker lists to be handed over. */
  readonly print: (payloads: readonly unknown[]) => Promise<void>;
}

export interface RunDueOutcome extends StepCounts {
  /** True where rows are left: look again with the same message. */
  readonly more: boolean;
}

/** Pages that one message works through, so that a run stays well within its time limit. */
const PAGES = 20;

/** Tells every bucket with something due to the due queue. @returns the buckets, and when the next work is due */
export const tick = async (
  { dueWork, due }: { readonly dueWork: DueWork; readonly due: Pick<Queue<DueMessage>, 'send'> },
  now: Instant,
): Promise<{ readonly shards: number; readonly nextDueAt: Instant | undefined }> => {
  const buckets = await dueWork.activeBuckets(now);
  if (buckets.length > 0) await due.send(buckets.map((bucket) => ({ ...bucket, upTo: formatInstant(now) })));
  // what was just queued may place work that is due sooner than all that is known now: come back in a minute
  const nextDueAt = buckets.length > 0 ? nextMinute(now) : await dueWork.nextAfter(now);
  return { shards: buckets.length, nextDueAt };
};

const nextMinute = (now: Instant): Instant => ((Math.floor(now / MINUTE) + 1) * MINUTE) as Instant;

const payloadsOf = (rows: readonly DueRow[], ...kinds: readonly DueKind[]): unknown[] =>
  rows.filter(({ kind }) => kinds.includes(kind)).map(({ payload }) => payload);

/** Hands a page of rows other than steps to whom they concern, then removes them. Handed over twice is harmless, removed
 *  before handed over would be lost. */
const forward = async (rows: readonly DueRow[], ports: RunDuePorts): Promise<void> => {
  const rechecks = payloadsOf(rows, 'recheck') as RecheckPayload[];
  const because = 'recheck';
  const changes: ChangeMessage[] = [
    ...changesOf(
      rechecks.flatMap((payload) => ('policyId' in payload ? [payload.policyId] : [])),
      because,
    ),
    ...rechecks.flatMap((payload): ChangeMessage[] =>
      'partyId' in payload ? [{ kind: 'party', partyId: payload.partyId, because }] : [],
    ),
  ];
  if (changes.length > 0) await ports.changes.send(changes);
  const [orders, settlements, prints] = [
    payloadsOf(rows, 'order'),
    payloadsOf(rows, 'settle'),
    payloadsOf(rows, 'print', 'broker-list'),
  ];
  if (orders.length > 0) await ports.heldOrders(orders);
  if (settlements.length > 0) await ports.settle(settlements);
  if (prints.length > 0) await ports.print(prints);
  await ports.dueWork.remove(rows);
};

/** Works through what is due in one bucket, page by page. Safe to be run by several at once and cut off at any point. */
export const runDue = async (
  bucket: DueBucket,
  upTo: Instant,
  ports: RunDuePorts,
  now: Instant,
): Promise<RunDueOutcome> => {
  const total = { due: 0, ordered: 0, skipped: 0, tasks: 0, stale: 0 };
  let after: string | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const { rows, next } = await ports.dueWork.page(bucket, upTo, after);
    const steps = rows.filter(({ kind }) => kind === 'step');
    if (steps.length > 0) {
      const counts = await runSteps(steps, ports, now);
      total.ordered += counts.ordered;
      total.skipped += counts.skipped;
      total.tasks += counts.tasks;
      total.stale += counts.stale;
    }
    const others = rows.filter(({ kind }) => kind !== 'step');
    if (others.length > 0) await forward(others, ports);
    total.due += rows.length;
    if (next === undefined) return { ...total, more: false };
    after = next;
  }
  return { ...total, more: true };
};
