import { EngagementError } from '../platform/errors.ts';
import { derivedId, type SendId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import type { Queue } from '../platform/queue.ts';
import { DAY, type Instant } from '../platform/time.ts';
import type { DecisionTrace } from './decision-trace.ts';
import type { SendOrder } from './message.ts';
import { readEvidence } from './proof.ts';
import { sendIdsOf } from './send-ids.ts';
import type { Timeline, TimelineKey } from './timeline-store.ts';
import { resendAnyway } from './unknown-outcome.ts';

/** How long a message that is sent again may take to go out, quiet hours included. */
const USE_BY = DAY;

export interface SendAgainPorts {
  readonly timeline: Timeline;
  /** The messages bucket: a failed message's order stands in its trace. */
  readonly messages: Pick<Objects, 'get'>;
  /** Puts each order on the queue of its class or channel. */
  readonly orders: Queue<SendOrder>;
}

/** `settled`: the message is neither failed nor of unknown outcome any more. */
export type SendAgainOutcome = { readonly kind: 'resent' | 'settled' };

/** The orders that a failed message becomes: one for each enrolment, under ids of their own, because those of the failed
 *  one may be reserved for good. The same failure gives the same ids, however often it is asked. */
export const again = (order: SendOrder, failedAt: unknown, now: Instant): SendOrder[] => {
  const { resend: _, dueAts: __, ...rest } = order;
  return order.enrolments.map((ref, part) => ({
    ...rest,
    sendId: derivedId('again', sendIdsOf(order)[part] ?? order.sendId, String(failedAt)) as SendId,
    enrolments: [ref],
    dueAt: now,
    useBy: Math.max(order.useBy, now + USE_BY) as Instant,
  }));
};

/**
 * An operator's word that a message that failed, or of which nobody knows the outcome, is sent again. Of unknown outcome
 * it may arrive twice. Consent, suppression and quiet hours still hold.
 * @throws EngagementError `not-found` where there is no such message; `conflict` where its order was not kept
 */
export const sendAgain = async (ports: SendAgainPorts, key: TimelineKey, now: Instant): Promise<SendAgainOutcome> => {
  const found = await ports.timeline.get(key);
  if (found?.state !== 'failed') return resendAnyway(ports, key, now);
  const kept = found.proof ?? found.trace;
  const trace = kept && (JSON.parse((await readEvidence(ports.messages, kept)).trace) as Partial<DecisionTrace>);
  const order = trace?.question?.order;
  if (order === undefined)
    throw new EngagementError('conflict', `the order of message ${key.id} was not kept: begin its journey anew`);
  await ports.orders.send(again(order, found.details?.failedAt, now));
  return { kind: 'resent' };
};
