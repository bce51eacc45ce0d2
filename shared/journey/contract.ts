import * as z from 'zod';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { reactionKinds } from './enrolment.ts';

const partyId = z
  .string()
  .min(1)
  .transform((id) => id as PartyId);
const policyId = z
  .string()
  .min(1)
  .transform((id) => id as PolicyId);
const properties = z.record(z.string().max(60), z.union([z.string().max(500), z.number(), z.boolean()]));

const enrolmentRef = z.strictObject({
  partyId,
  campaign: z.string().min(1).max(60),
  policyId: policyId.optional(),
  occurrence: z.string().min(1).max(200),
});

/**
 * Messages on the changes queue beside `changeMessageSchema`: something happened to one customer, or is wanted for one.
 * Any number of copies end in the same state, because what follows is keyed by the occurrence.
 */
export const journeyMessageSchema = z.discriminatedUnion('kind', [
  /** A customer event that campaigns may begin, go on or end with. */
  z.strictObject({
    kind: z.literal('event'),
    partyId,
    policyId: policyId.optional(),
    event: z.strictObject({
      id: z.string().min(1).max(200),
      type: z.string().min(1).max(80),
      /** What the event is about in the sender's books; the same business fact under a new event id has the same (F11). */
      key: z.string().min(1).max(200),
      occurredAt: z.int().transform((at) => at as Instant),
      /** When Perennial first heard of it; copies and replays keep it, so that an old event moves no new journey (F12). */
      receivedAt: z.int().transform((at) => at as Instant),
      properties,
      /** How many journeys emitted one another before it; at most 5, so that no two campaigns call each other for ever. */
      hops: z.int().min(0).max(5),
    }),
    because: z.string(),
  }),
  /** A customer entered or left a watched audience. */
  z.strictObject({
    kind: z.literal('audience'),
    partyId,
    audience: z.string().min(1).max(60),
    on: z.enum(['enter', 'leave']),
    /** The civil date of it, so that a copy is no second entry. */
    occurrence: z.string().min(1).max(60),
    because: z.string(),
  }),
  /** The API, or a run of a campaign with several steps, enrols these customers. */
  z.strictObject({
    kind: z.literal('enter'),
    campaign: z.string().min(1).max(60),
    occurrence: z.string().min(1).max(60),
    subjects: z
      .array(z.strictObject({ partyId, policyId: policyId.optional() }))
      .min(1)
      .max(25),
    because: z.string(),
  }),
  /** A message failed for good: the step's failure branch is taken, where it has one. */
  z.strictObject({
    kind: z.literal('step-failed'),
    ref: enrolmentRef,
    step: z.string().min(1).max(40),
    because: z.string(),
  }),
  /** The customer reacted to a message of the journey: reminders for want of a reaction are needless. */
  z.strictObject({
    kind: z.literal('reaction'),
    ref: enrolmentRef,
    reaction: z.strictObject({
      kind: z.enum(reactionKinds),
      at: z.int().transform((at) => at as Instant),
    }),
    because: z.string(),
  }),
]);
export type JourneyMessage = z.output<typeof journeyMessageSchema>;
