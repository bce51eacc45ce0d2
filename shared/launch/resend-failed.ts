import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { SendOrder, TimelineEntry } from '../message/message.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { resendAnyway } from '../message/unknown-outcome.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Queue } from '../platform/queue.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import type { AudiencesMessage } from './contract.ts';
import { runUseBy } from './plan-runs.ts';
import { troubleOf } from './read-runs.ts';
import { broadcastStep, orderOf, type Run, type RunRef } from './run.ts';
import type { Runs } from './run-store.ts';

export interface ResendPorts {
  readonly runs: Pick<Runs, 'get' | 'put' | 'page' | 'outcomes'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly timeline: Timeline;
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
}

/** What an operator asked for. */
export type ResendRequest = Omit<Extract<AudiencesMessage, { kind: 'resend' }>, 'kind'>;

/** An attempt waits until the one before it has its outcomes. */
const BETWEEN = 10 * MINUTE;
const WIDTH = 8;

/** Whether another attempt may be made now. */
export const mayResend = ({ resends = [] }: Run, now: Instant): boolean => now - (resends.at(-1) ?? 0) >= BETWEEN;

/** The run with the attempt of `at` noted, by this call or by one that was cut off. */
const noted = async (ref: RunRef, at: Instant, { runs }: ResendPorts): Promise<Run | undefined> => {
  const run = await runs.get(ref);
  if (run === undefined || run.resends?.includes(at)) return run;
  const written = await runs.put({ ...run, resends: [...(run.resends ?? []), at] });
  if (written !== undefined) return written;
  throw new EngagementError('conflict', `run ${ref.campaign} ${ref.occurrence} changed meanwhile: try again`, {
    retryable: true,
  });
};

/** Orders of an attempt: messages of their own, in its name. A failed message was never accepted. */
const attemptOrders = (run: Run, pinned: PinnedDefinition, n: number, parties: readonly PartyId[]): SendOrder[] => {
  const step = broadcastStep(pinned.definition);
  const dueAt = run.resends?.[n - 1];
  if (step === undefined || dueAt === undefined) return [];
  const attempt: Run = {
    ...run,
    occurrence: `${run.occurrence}~${n}`,
    dueAt,
    useBy: runUseBy(pinned.definition, dueAt),
  };
  return parties.map((partyId) => orderOf(attempt, pinned, step, partyId));
};

/**
 * The orders that are due to members whose message failed, in the attempt of `at`. Whoever got a message by an attempt
 * before it gets none; whose order of an attempt has no outcome (it may be on its way, or lost) gets that same order again,
 * so that nobody gets two.
 */
const ordersFor = async (
  run: Run,
  pinned: PinnedDefinition,
  parties: readonly PartyId[],
  at: Instant,
  { timeline }: ResendPorts,
): Promise<readonly SendOrder[]> => {
  const orders: SendOrder[] = [];
  const last = (run.resends?.indexOf(at) ?? -1) + 1;
  let open = parties;
  for (let n = 1; n < last; n += 1) {
    const attempt = attemptOrders(run, pinned, n, open);
    const rows = await timeline.getMany(
      attempt.map(({ partyId, sendId, dueAt }) => ({ partyId, at: dueAt, kind: 'message' as const, id: sendId })),
    );
    orders.push(...attempt.filter(({ sendId }) => !rows.has(sendId)));
    open = attempt.flatMap(({ partyId, sendId }) => (rows.get(sendId)?.state === 'failed' ? [partyId] : []));
  }
  return [...orders, ...attemptOrders(run, pinned, last, open)];
};

/**
 * Sends a page of what failed again, after whatever made it fail was put right; or, by the word of an operator who knows
 * that it may arrive twice, of what is of unknown outcome. Done twice it is done once.
 * @returns where the next page begins; undefined after the last one
 */
export const resend = async (
  { campaign, occurrence, outcome, at, after }: ResendRequest,
  ports: ResendPorts,
): Promise<number | undefined> => {
  const run = await noted({ campaign, occurrence }, at, ports);
  if (run === undefined) return undefined;
  const { entries, next } = await troubleOf(ports, run, outcome, after);
  if (outcome === 'unknown') {
    const again = ({ partyId, at: row, id }: TimelineEntry) =>
      resendAnyway({ timeline: ports.timeline, orders: ports.orders }, { partyId, at: row, kind: 'message', id }, at);
    await inParallel(entries, WIDTH, again);
    return next;
  }
  const pinned = await ports.definitions.get(campaign, run.definition);
  const parties = entries.map(({ partyId }) => partyId);
  const orders = await ordersFor(run, pinned, parties, at, ports);
  if (orders.length > 0) await ports.orders.send(orders);
  return next;
};
