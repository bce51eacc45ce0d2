import * as z from 'zod';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';

const id = z.string().min(1).max(200);

/**
 * What a `webhook` step hands over: names only, no personal data. It travels on the queue `outbound` beside the orders
 * for relayed texts (shared/relay/contract.ts).
 */
export const webhookCall = z.strictObject({
  kind: z.literal('webhook'),
  /** Names the call for its receiver (`webhook-id`): derived from campaign, occurrence, subject and step, so that a
   *  second delivery is recognised as the first. */
  id: id.regex(/^[A-Za-z0-9_-]+$/),
  /** A registered endpoint's name. */
  endpoint: id,
  campaign: id,
  step: id,
  partyId: id.transform((value) => value as PartyId),
  policyId: id.transform((value) => value as PolicyId).optional(),
  occurrence: id,
  /** When the step was due. */
  occurredAt: z.int().transform((at) => at as Instant),
  /** How often it was tried before; a step queues it without. */
  tried: z.int().min(1).max(100).optional(),
});
export type WebhookCall = z.output<typeof webhookCall>;
