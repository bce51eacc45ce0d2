import * as z from 'zod';
import { topics } from '../customer/customer.ts';
import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { SendOrder } from './message.ts';

const instant = z.int().transform((at) => at as Instant);
const id = z.string().min(1).max(100);

const enrolmentRef = z.object({
  partyId: id.transform((value) => value as PartyId),
  campaign: id,
  policyId: id.transform((value) => value as PolicyId).optional(),
  occurrence: z.string().min(1).max(200),
}) satisfies z.ZodType<EnrolmentRef>;

/** An order on a send queue, on the letters queue or on the outbound queue. */
export const sendOrder = z.object({
  sendId: id.transform((value) => value as SendId),
  channel: z.enum(['email', 'post', 'sms']),
  sendClass: z.enum(['marketing', 'service', 'statutory']),
  priority: z.int().min(0).max(100),
  campaign: id,
  definition: id,
  step: id,
  template: id,
  templateVersion: id,
  partyId: id.transform((value) => value as PartyId),
  enrolments: z.array(enrolmentRef).min(1).max(100),
  dueAts: z.array(instant).min(1).max(100).optional(),
  round: z.int().min(1).optional(),
  broadcast: z.boolean().optional(),
  survey: id.optional(),
  surveyVersion: id.optional(),
  requested: z.literal(true).optional(),
  to: z.literal('unconfirmed').optional(),
  topic: z.enum(topics).optional(),
  trackClicks: z.literal(true).optional(),
  gateway: id.optional(),
  dueAt: instant,
  useBy: instant,
  resend: z.object({ of: id, by: z.enum(['rule', 'operator']) }).optional(),
  // a field that is not named here would be lost on the way, and with it the rule that asks for it
}) satisfies z.ZodType<SendOrder> & { readonly shape: Readonly<Record<keyof SendOrder, unknown>> };

/** Payload of due work of kind `settle`: a message whose outcome was unknown when it was placed. */
export interface SettlePayload {
  readonly order: SendOrder;
  /** `at` of its timeline row. */
  readonly row: Instant;
  /** Owner token of the reservation in question. */
  readonly owner: string;
}

/** Payload of due work of kind `clicks`: the message whose clicks are judged. */
export interface ClicksPayload {
  readonly partyId: PartyId;
  /** `at` of its timeline row. */
  readonly at: Instant;
  readonly id: string;
}

export const clicksPayload = z.object({
  partyId: id.transform((value) => value as PartyId),
  at: instant,
  id,
}) satisfies z.ZodType<ClicksPayload>;

export const settlePayload = z.object({
  order: sendOrder,
  row: instant,
  owner: id,
}) satisfies z.ZodType<SettlePayload>;
