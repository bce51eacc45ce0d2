import type { Definitions } from '../campaign/definition-store.ts';
import type { SendOrder } from '../message/message.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { resendAnyway } from '../message/unknown-outcome.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import { runUseBy } from './plan-runs.ts';
import { troubleOf } from './read-runs.ts';
import { broadcastStep, orderOf, type Run } from './run.ts';
import type { Runs } from './run-store.ts';

export interface ResendPorts {
  readonly runs: Pick<Runs, 'get' | 'put' | 'page' | 'outcomes'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly timeline: Timeline;
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
}

/** `too-soon`: another attempt has just been made. */
export type ResendOutcome =
  | { readonly kind: 'resent'; readonly resent: number; readonly left: number }
  | { readonly kind: 'too-soon' };

/** An attempt waits until the one before it has its outcomes. */
const BETWEEN = 10 * MINUTE;
/** Messages of one attempt: a request must answer in time. */
const MOST = 500;

/** The run as which an attempt goes out: its messages are other ones than those that failed. */
const attemptOf = (run: Run, n: number, at: Instant, useBy: Instant): Run => ({
  ...run,
  occurrence: `${run.occurrence}~${n}`,
  dueAt: at,
  useBy,
});

/**
 * Sends failed messages of a run once more, after whatever made them fail was put right. A failed message was never
 * accepted, so its repeat is a message of its own, in the attempt's name; whoever got a repeat already gets no other. A
 * repeat that has no outcome yet is asked for under the same name again, so that nobody gets two.
 */
const resendFailed = async (
  run: Run,
  parties: readonly PartyId[],
  ports: ResendPorts,
  now: Instant,
): Promise<number | undefined> => {
  const { resends = [] } = run;
  const last = resends.at(-1);
  if (last !== undefined && now - last < BETWEEN) return undefined;
  const claimed = await ports.runs.put({ ...run, resends: [...resends, now] });
  if (claimed === undefined) return undefined;
  const pinned = await ports.definitions.get(run.campaign, run.definition);
  const step = broadcastStep(pinned.definition);
  if (step === undefined) return 0;
  const orderIn = (n: number, at: Instant, partyId: PartyId): SendOrder =>
    orderOf(attemptOf(run, n, at, runUseBy(pinned.definition, now)), pinned, step, partyId);

  let open = parties;
  const orders: SendOrder[] = [];
  // the latest attempt knows best
  for (const [back, at] of [...resends].reverse().entries()) {
    const attempt = open.map((partyId) => orderIn(resends.length - back, at, partyId));
    const rows = await ports.timeline.getMany(
      attempt.map(({ partyId, sendId }) => ({ partyId, at, kind: 'message' as const, id: sendId })),
    );
    // a member without a row was either not in that attempt or its order is lost: the same order again harms nobody
    orders.push(...attempt.filter(({ sendId }) => !rows.has(sendId)));
    open = attempt.flatMap(({ partyId, sendId }) => (rows.get(sendId)?.state === 'failed' ? [partyId] : []));
  }
  orders.push(...open.map((partyId) => orderIn(resends.length + 1, now, partyId)));
  await ports.orders.send(orders);
  return orders.length;
};

/** Sends what failed, or (by an operator's word, who knows that it may arrive twice) what is of unknown outcome, again. */
export const resend = async (
  run: Run,
  outcome: 'failed' | 'unknown',
  ports: ResendPorts,
  now: Instant,
): Promise<ResendOutcome> => {
  const found: { readonly partyId: PartyId; readonly at: Instant; readonly id: string }[] = [];
  let after: number | undefined = 0;
  while (after !== undefined && found.length < MOST) {
    const page: Awaited<ReturnType<typeof troubleOf>> = await troubleOf(ports, run, outcome, after);
    found.push(...page.entries);
    after = page.next;
  }
  const left = after === undefined ? 0 : 1;
  if (outcome === 'failed') {
    const resent = await resendFailed(
      run,
      found.map(({ partyId }) => partyId),
      ports,
      now,
    );
    return resent === undefined ? { kind: 'too-soon' } : { kind: 'resent', resent, left };
  }
  let resent = 0;
  for (const { partyId, at, id } of found) {
    const { kind } = await resendAnyway(
      { timeline: ports.timeline, orders: ports.orders },
      { partyId, at, kind: 'message', id },
      now,
    );
    if (kind === 'resent') resent += 1;
  }
  return { kind: 'resent', resent, left };
};
