import type { CampaignControl } from '../campaign/campaign.ts';
import type { Controls } from '../campaign/control.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import type { DueWork } from '../journey/due-work.ts';
import type { SendOrder } from '../message/message.ts';
import type { SendLimits } from '../message/quota.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Queue } from '../platform/queue.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import { type ChangeMessage, changesOf } from '../policy/contract.ts';
import { type CheckRunPorts, checkRun, nextCheck } from './check-run.ts';
import type { AudiencesMessage } from './contract.ts';
import { walkDue } from './due-items.ts';
import type { AudiencePlace, MemberPages } from './members.ts';
import type { Pace } from './pace-store.ts';
import { nextMinute, perMinuteOf } from './pacing.ts';
import { beforeOf, broadcastStep, firstChannel, type Member, orderOf, type Run, type RunCursor } from './run.ts';
import type { RunPage, Runs } from './run-store.ts';

/** What a run asks of orders it is about to queue: which go now, where several campaigns want the same person. Those it
 *  leaves out have been held or skipped with their reason. */
export type Arbitrate = (
  orders: readonly SendOrder[],
  run: Run,
  all: readonly Run[],
  now: Instant,
) => Promise<readonly SendOrder[]>;

export interface WalkRunsPorts extends CheckRunPorts {
  readonly runs: Runs;
  readonly pace: Pace;
  readonly limits: (now: Instant) => Promise<SendLimits>;
  readonly controls: Pick<Controls, 'of'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly audience: (pinned: PinnedDefinition, mode: Run['mode']) => Promise<Pick<MemberPages, 'page'>>;
  readonly arbitrate: Arbitrate;
  /** Puts each order on the queue of its class or channel. */
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
  readonly changes: Pick<Queue<JourneyMessage | ChangeMessage>, 'send'>;
  readonly audiences: Pick<Queue<AudiencesMessage>, 'send'>;
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly staff: StaffEvents;
  readonly clock: () => Instant;
}

/** What one look at all running runs came to. */
export interface WalkOutcome {
  readonly ordered: number;
  readonly ended: number;
}

/** A page is full with this many members; it may hold as many more as one page of audience rows. */
const PAGE_MEMBERS = 500;
/** Pages of rows looked through for one page of members: then the place is kept, though few were found. */
const PAGE_READS = 64;
/** Pages of members that one message works through, so that it stays well within its function's time. */
const PAGES = 30;
/** How long runs wait whose class used up its share of the day: room comes back bit by bit as the 24 hours run on. */
const NO_ROOM_TODAY = 15 * MINUTE;
/** A journey message names at most this many. */
const ENTER = 25;
/** Calls to queues at a time, each with up to 100 messages. */
const WIDTH = 5;

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

const fillPage = async (
  source: Pick<MemberPages, 'page'>,
  { page, ...from }: RunCursor,
  now: Instant,
): Promise<RunPage> => {
  const members: Member[] = [];
  let next: AudiencePlace | undefined = {
    shard: from.shard,
    ...(from.after === undefined ? {} : { after: from.after }),
  };
  for (let reads = 0; next !== undefined && members.length < PAGE_MEMBERS && reads < PAGE_READS; reads += 1) {
    const found = await source.page(next, now);
    members.push(
      ...found.members.map(({ partyId, policyId }) => (policyId === undefined ? { partyId } : { partyId, policyId })),
    );
    next = found.next;
  }
  return { page, members, ...(next === undefined ? {} : { next }) };
};

const enterMessages = ({ campaign, occurrence }: Run, members: readonly Member[]): readonly JourneyMessage[] =>
  chunksOf(members, ENTER).map((subjects) => ({ kind: 'enter', campaign, occurrence, subjects, because: 'run' }));

/** Whoever follows changes looks for what the policy, or the person, may begin. */
const lookMessages = (members: readonly Member[]): readonly ChangeMessage[] => [
  ...changesOf(
    members.flatMap(({ policyId }) => policyId ?? []),
    'launch',
  ),
  ...members.flatMap(({ partyId, policyId }): ChangeMessage[] =>
    policyId === undefined ? [{ kind: 'party', partyId, because: 'launch' }] : [],
  ),
];

/** The run after `count` more members of a page were queued. */
const advanced = (run: Run, page: RunPage, count: number, now: Instant): Run => {
  const done = run.cursor.done + count;
  const counted = {
    ...run,
    // a page is counted when its first members are queued, whether by this attempt or the one before it
    members: run.members + (run.cursor.done === 0 ? page.members.length : 0),
    ordered: run.ordered + count,
  };
  if (done < page.members.length) return { ...counted, cursor: { ...run.cursor, done } };
  const number = page.members.length === 0 ? page.page : page.page + 1;
  if (page.next !== undefined) return { ...counted, cursor: { page: number, done: 0, ...page.next } };
  const cursor = { page: number, done: 0, shard: run.cursor.shard };
  return counted.ordered === 0 || run.mode !== 'orders'
    ? { ...counted, cursor, state: 'finished', walkedAt: now, endedAt: now }
    : { ...counted, cursor, state: 'settling', walkedAt: now, checkAt: nextCheck(now, now) };
};

/** How a run of which nothing more is queued will end; undefined for one that goes on. */
const stopOf = ({ state, useBy }: Run, control: CampaignControl, now: Instant): 'cancelled' | 'expired' | undefined => {
  if (control.kind === 'cancelled') return 'cancelled';
  return state === 'walking' && now > useBy ? 'expired' : undefined;
};

/**
 * Goes on with all running runs (ADR 0088, 0089): those of statutory messages first, then service, then marketing, then by
 * priority. What runs queue in a minute is what the provider takes in one; the rest waits for the next minute. A page of
 * members is written down before any of it is queued and the run moves past it after all of it is queued: cut off
 * anywhere, the same people are written to again, and the ledger lets each message go once (F35).
 */
export const walkRuns = async (ports: WalkRunsPorts): Promise<WalkOutcome> => {
  const runs = [...(await ports.runs.running())].sort(beforeOf);
  const total = { ordered: 0, ended: 0 };
  if (runs.length === 0) return total;
  const controlOf = async (run: Run): Promise<CampaignControl> =>
    (await ports.controls.of([run.campaign])).get(run.campaign) ?? { kind: 'cancelled' };

  let limits: SendLimits | undefined;
  /** Set once the provider has no room for runs of this class, nor for those after it: when to ask again. */
  let roomAgain: Instant | undefined;
  let pages = 0;

  const queue = async (run: Run, pinned: PinnedDefinition, members: readonly Member[], now: Instant): Promise<void> => {
    const step = broadcastStep(pinned.definition);
    if (run.mode === 'orders' && step !== undefined) {
      const orders = members.map(({ partyId }) => orderOf(run, pinned, step, partyId));
      const going = await ports.arbitrate(orders, run, runs, now);
      await inParallel(chunksOf(going, 100), WIDTH, (chunk) => ports.orders.send(chunk));
      return;
    }
    const messages: readonly (JourneyMessage | ChangeMessage)[] =
      run.mode === 'look' ? lookMessages(members) : enterMessages(run, members);
    await inParallel(chunksOf(messages, 100), WIDTH, (chunk) => ports.changes.send(chunk));
  };

  /** @returns when to look at the run again; undefined where something else will see to it */
  const walkOne = async (found: Run): Promise<Instant | undefined> => {
    const pinned = await ports.definitions.get(found.campaign, found.definition);
    const source = await ports.audience(pinned, found.mode);
    const isPaced = found.mode !== 'look' && firstChannel(pinned.definition) === 'email';
    let run = found;
    while (run.state === 'walking') {
      const now = ports.clock();
      if (isPaced && roomAgain !== undefined) return roomAgain;
      if (pages >= PAGES) return now;
      pages += 1;
      const { cursor } = run;
      const kept = cursor.done > 0 ? await ports.runs.page(run, cursor.page) : undefined;
      const filled = kept ?? (await fillPage(source, cursor, now));
      const page = kept === undefined && filled.members.length > 0 ? await ports.runs.keepPage(run, filled) : filled;

      // read again at each page: a cancelled run queues nothing more (F33)
      if ((await controlOf(run)).kind !== 'go') return now;
      const wanted = page.members.length - cursor.done;
      let granted = wanted;
      if (isPaced && wanted > 0) {
        limits ??= await ports.limits(now);
        const room = perMinuteOf(limits, run.sendClass);
        granted = await ports.pace.take(wanted, room, now);
        if (granted < wanted) roomAgain = room === 0 ? ((now + NO_ROOM_TODAY) as Instant) : nextMinute(now);
        if (granted === 0) return roomAgain;
      }
      await queue(run, pinned, page.members.slice(cursor.done, cursor.done + granted), now);
      const after = await ports.runs.put(advanced(run, page, granted, now));
      // another worker walks the same run: it is the one to go on
      if (after === undefined) return nextMinute(now);
      total.ordered += granted;
      run = after;
    }
    if (run.state === 'finished') total.ended += 1;
    return run.checkAt;
  };

  const end = async (run: Run, state: Run['state'], now: Instant): Promise<void> => {
    if ((await ports.runs.put({ ...run, state, endedAt: now })) === undefined) return;
    total.ended += 1;
    if (state === 'expired' || state === 'incomplete')
      await ports.staff.tell({
        type: 'RunIncomplete',
        at: now,
        campaign: run.campaign,
        details: { occurrence: run.occurrence, ordered: run.ordered },
      });
  };

  const goOn = async (run: Run): Promise<Instant | undefined> => {
    const now = ports.clock();
    const control = await controlOf(run);
    if (control.kind === 'hold') {
      const check = await checkRun(run, ports, now);
      if (!check.all) return now;
      // people look at a run that they paused; whoever resumes or releases has it looked at again
      return control.until ?? (check.pending === true ? check.again : undefined);
    }
    const stopped = stopOf(run, control, now);
    if (stopped === undefined && run.state === 'walking') return walkOne(run);
    if (stopped === undefined && run.checkAt !== undefined && now < run.checkAt) return run.checkAt;
    const check = await checkRun(run, ports, now, stopped !== undefined);
    if (!check.all) return now;
    // one that was stopped ends when it is known what became of all that was queued before
    if (check.state !== undefined) {
      await end(run, stopped ?? check.state, now);
      return undefined;
    }
    const checkAt = check.again;
    await ports.runs.put({ ...run, checkAt });
    return checkAt;
  };

  const looks: Instant[] = [];
  for (const run of runs) {
    const at = await goOn(run);
    if (at !== undefined) looks.push(at);
  }
  const now = ports.clock();
  if (looks.some((at) => at <= now)) await ports.audiences.send([{ kind: 'walk' }]);
  const later = looks.filter((at) => at > now);
  if (later.length > 0) await ports.dueWork.place([walkDue(Math.min(...later) as Instant)], now);
  return total;
};
