import * as z from 'zod';
import { callSlots, leavingReasons, renewalChoices } from './renewal-answer.ts';
import { metrics } from './survey.ts';

/** Source of the events that the customer's pages raise. */
export const PAGES_SOURCE = 'perennial.pages';

const base = {
  schemaVersion: z.literal(1),
  /** The same for a repeated answer, so that a consumer can tell. */
  eventId: z.string().min(1),
  occurredAt: z.iso.datetime(),
  partyId: z.string().min(1),
  invitationId: z.string().min(1),
  policyId: z.string().min(1).optional(),
  campaign: z.string().min(1).optional(),
  occurrence: z.string().min(1).optional(),
  step: z.string().min(1).optional(),
};

/** A customer answered the renewal page. What was written as free text stays in the answer's own item. */
export const renewalPageAnswered = z.object({
  ...base,
  choice: z.enum(renewalChoices),
  reason: z.enum(leavingReasons).optional(),
  call: z.object({ on: z.iso.date(), slot: z.enum(callSlots) }).optional(),
});
export type RenewalPageAnswered = z.infer<typeof renewalPageAnswered>;

/** A customer answered a survey. What was written as free text stays in the answer's own item. */
export const surveyAnswered = z.object({
  ...base,
  survey: z.string().min(1),
  surveyVersion: z.string().min(1),
  metric: z.enum(metrics).optional(),
  /** On the scale of `metric`. */
  score: z.int().min(0).max(10).optional(),
  low: z.boolean(),
  given: z.enum(['page', 'phone', 'reply-slip']),
  hasComment: z.boolean(),
});
export type SurveyAnswered = z.infer<typeof surveyAnswered>;

/** A customer stopped e-mail by one click or on the page; what stops depends on the class of the mail they had. */
export const unsubscribed = z.object({
  schemaVersion: z.literal(1),
  eventId: z.string().min(1),
  occurredAt: z.iso.datetime(),
  partyId: z.string().min(1),
  channel: z.literal('email'),
  sendClass: z.enum(['marketing', 'service', 'statutory']),
});
export type Unsubscribed = z.infer<typeof unsubscribed>;

/** The events of the pages by their detail type. */
export const pageEvents = {
  RenewalPageAnswered: renewalPageAnswered,
  SurveyAnswered: surveyAnswered,
  Unsubscribed: unsubscribed,
} as const;
