import * as z from 'zod';
import { topics } from '../customer/customer.ts';
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

const ofPerson = {
  schemaVersion: z.literal(1),
  eventId: z.string().min(1),
  occurredAt: z.iso.datetime(),
  partyId: z.string().min(1),
};

/** A customer changed what they want to hear of, how often, or in which language; as it stands now. */
export const preferencesChanged = z.object({
  ...ofPerson,
  refusedTopics: z.array(z.enum(topics)),
  pace: z.enum(['weekly', 'monthly', 'quarterly']).optional(),
  paused: z.boolean(),
  /** Whether any channel is open to advertising. */
  advertising: z.boolean(),
  locale: z.string().min(2),
});
export type PreferencesChanged = z.infer<typeof preferencesChanged>;

/** A customer named a new e-mail address, which is not confirmed yet. The address is in no event. */
export const addressGiven = z.object(ofPerson);
export type AddressGiven = z.infer<typeof addressGiven>;

/** A customer confirmed a new e-mail address: it is theirs now. */
export const addressConfirmed = z.object(ofPerson);

/** Somebody asked for the link to the preference page, whether we know the address or not. */
export const preferenceLinkAsked = z.object({
  schemaVersion: z.literal(1),
  eventId: z.string().min(1),
  occurredAt: z.iso.datetime(),
  /** Keyed hash of the address: says nothing to whoever reads the event. */
  address: z.string().min(1),
});
export type PreferenceLinkAsked = z.infer<typeof preferenceLinkAsked>;

/** The events of the pages by their detail type. */
export const pageEvents = {
  RenewalPageAnswered: renewalPageAnswered,
  SurveyAnswered: surveyAnswered,
  Unsubscribed: unsubscribed,
  PreferencesChanged: preferencesChanged,
  AddressGiven: addressGiven,
  AddressConfirmed: addressConfirmed,
  PreferenceLinkAsked: preferenceLinkAsked,
} as const;
