import type { Instant } from '../platform/time.ts';
import type { SendOrder, TimelineEntry } from './message.ts';

/** A message's row before anything is known of its outcome. */
export type MessageRow = Pick<
  TimelineEntry,
  'partyId' | 'at' | 'kind' | 'id' | 'policyIds' | 'campaign' | 'step' | 'channel' | 'sendClass'
>;

/**
 * The one timeline row of a message. It stands at the instant the message was due: every worker, redelivery and repeat
 * of the order derives the same row, so whatever they find (held, skipped, sent) is written once.
 * @param at when it was due; the gate tells of an earlier order of the same message that was due at another instant
 */
export const messageRow = (order: SendOrder, at: Instant): MessageRow => ({
  partyId: order.partyId,
  at,
  kind: 'message',
  id: order.sendId,
  policyIds: order.enrolments.flatMap(({ policyId }) => policyId ?? []),
  campaign: order.campaign,
  step: order.step,
  channel: order.channel,
  sendClass: order.sendClass,
});
