import type { Queue } from '../platform/queue.ts';
import { formatInstant, type Instant, MINUTE } from '../platform/time.ts';
import { type ChangeMessage, changesOf } from '../policy/contract.ts';
import { type DueBucket, type DueKind, type DueRow, type DueWork, NOBODY } from './due-work.ts';
import { type PageOutcome, type RunPagePorts, runPage } from './run-page.ts';
import type { RecheckPayload } from './step-row.ts';

/** A message on the due queue: this bucket holds work due at or before `upTo`. */
export interface DueMessage extends DueBucket {
  /** ISO 8601. */
  readonly upTo: string;
}

/** Everything that due work needs from outside. Payloads are their areas' own. */
export interface RunDuePorts extends Omit<RunPagePorts, 'dueWork'> {
  readonly dueWork: DueWork;
  /** Messages whose outcome stayed unknown. */
  readonly settle: (payloads: readonly unknown[]) => Promise<void>;
  /** Batches and broker lists to be handed over. */
  readonly print: (payloads: readonly unknown[]) => Promise<void>;
  /** Tasks whose deadline is over. */
  readonly deadlines: (payloads: readonly unknown[]) => Promise<void>;
  /** Clicks on the links of messages, to be judged. */
  readonly clicks: (payloads: readonly unknown[]) => Promise<void>;
  /** Finishes what follows from answers whose request may have died. */
  readonly answers: (payloads: readonly unknown[]) => Promise<void>;
  /** Runs, passes over audiences, the watch over campaigns. */
  readonly audiences: { send(payloads: readonly unknown[]): Promise<void> };
}

export interface RunDueOutcome extends Omit<PageOutcome, 'faults'> {
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

/** Hands rows other than steps and orders to whom they concern, then removes them. Handed over twice is harmless, removed
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
  const [settlements, prints, deadlines, clicks, answers, audiences] = [
    payloadsOf(rows, 'settle'),
    payloadsOf(rows, 'print', 'broker-list'),
    payloadsOf(rows, 'task-deadline'),
    payloadsOf(rows, 'clicks'),
    payloadsOf(rows, 'answer'),
    payloadsOf(rows, 'run', 'audience-pass', 'campaign-watch'),
  ];
  if (settlements.length > 0) await ports.settle(settlements);
  if (prints.length > 0) await ports.print(prints);
  if (deadlines.length > 0) await ports.deadlines(deadlines);
  if (clicks.length > 0) await ports.clicks(clicks);
  if (answers.length > 0) await ports.answers(answers);
  if (audiences.length > 0) await ports.audiences.send(audiences);
  await ports.dueWork.remove(rows);
};

/** Where the last person's rows begin: they may go on in the next page. */
const lastPerson = (rows: readonly DueRow[]): number => {
  const group = rows.at(-1)?.group;
  if (group === undefined || group === NOBODY) return rows.length;
  return rows.findLastIndex((row) => row.group !== group) + 1;
};

const isJourney = ({ kind }: DueRow): boolean => kind === 'step' || kind === 'order';

/**
 * Works through what is due in one bucket, page by page. A person's rows are worked together: those at a page's end are
 * carried over to the next. Safe to be run by several at once and cut off at any point.
 * @throws the first fault of single rows, once all the others were worked: the message comes again, and they with it
 */
export const runDue = async (
  bucket: DueBucket,
  upTo: Instant,
  ports: RunDuePorts,
  now: Instant,
): Promise<RunDueOutcome> => {
  const total = { due: 0, ordered: 0, skipped: 0, tasks: 0, stale: 0 };
  const faults: unknown[] = [];
  const work = async (rows: readonly DueRow[]): Promise<void> => {
    const others = rows.filter((row) => !isJourney(row));
    // what cannot be handed over stays, and keeps nobody's journey waiting
    if (others.length > 0) await forward(others, ports).catch((fault: unknown) => faults.push(fault));
    const own = rows.filter(isJourney);
    total.due += others.length;
    if (own.length === 0) return;
    const outcome = await runPage(own, ports, now);
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += outcome[name];
    faults.push(...outcome.faults);
  };

  let carried: readonly DueRow[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const { rows, next } = await ports.dueWork.page(bucket, upTo, after);
    const all = [...carried, ...rows];
    const cut = next === undefined ? all.length : lastPerson(all);
    await work(all.slice(0, cut));
    carried = all.slice(cut);
    after = next;
    if (next === undefined) break;
  }
  // one person with more than all these pages: in parts rather than never
  if (after !== undefined && total.due === 0) await work(carried);
  if (faults.length > 0) throw faults[0];
  return { ...total, more: after !== undefined };
};
