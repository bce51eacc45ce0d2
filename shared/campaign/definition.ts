import * as z from 'zod';
import { derivedId } from '../platform/ids.ts';
import { isDuration, type WallTime } from '../platform/time.ts';
import { ruleSchema } from './rule.ts';

/**
 * The campaign definition: what is sent to whom on which day, as a file that people read, review and change
 * (docs/guides/campaigns.md). `campaigns/schema.json` is this schema for editors. Unknown properties are refused: a typo
 * must not pass as an absent option.
 */

const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .transform((text) => text as WallTime)
  .describe('Wall clock in the policy’s zone, HH:MM');
const days = z.int().min(0).max(730);
const duration = z
  .string()
  .refine(isDuration, 'an ISO 8601 duration such as P3D')
  .describe('ISO 8601 duration such as P3D; days are calendar days in the policy’s zone');

const stepId = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);

/** When a step is due, counted from the campaign's anchor day. */
const atSchema = z
  .union([
    z.strictObject({ daysBefore: days, time: wallTime }),
    z.strictObject({ daysAfter: days, time: wallTime }),
    z.strictObject({
      daysBefore: days.describe('The day on which the letter lies in the letterbox, before the anchor day'),
      letterbox: z.strictObject({
        workingDays: z.int().min(1).max(30).describe('Handed over this many working days earlier (print calendar)'),
      }),
    }),
    z.strictObject({
      daysAfter: days.describe('The day on which the letter lies in the letterbox, after the anchor day'),
      letterbox: z.strictObject({ workingDays: z.int().min(1).max(30) }),
    }),
  ])
  .describe('When: days before or after the anchor day, at a time of day or as a letter’s day in the letterbox');

const template = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/);

const doSchema = z.union([
  z.strictObject({ send: z.enum(['email', 'letter']), template }).describe('A message by this template'),
  z
    .strictObject({
      task: z.enum(['call', 'offer-missing']).describe('`call` is a contact with the customer; others are internal'),
      reason: z
        .string()
        .regex(/^[a-z][a-z-]{0,40}$/)
        .describe('Shown with the task'),
    })
    .describe('A task for a person'),
]);

const lateRules = ['next-open-minute', 'drop', 'next-channel'] as const;

const stepSchema = z.strictObject({
  id: stepId.describe('Names the step for good: it is part of every message’s identity'),
  at: atSchema,
  do: doSchema,
  when: ruleSchema.optional().describe('Only if this holds when the step is due'),
  useBy: duration.optional().describe('How long after its time the step may still happen; the campaign’s unless said'),
  late: z
    .enum(lateRules)
    .optional()
    .describe(
      'next-open-minute: as soon as the contact rules allow, within useBy (default) · drop: not at all an hour after its time · next-channel: after useBy by `otherwise`',
    ),
  otherwise: z
    .strictObject({ send: z.enum(['email', 'letter']), template })
    .optional()
    .describe('For late: next-channel: what goes out instead'),
});

const lineOverride = z.strictObject({
  daysBefore: days.optional(),
  daysAfter: days.optional(),
  time: wallTime.optional(),
  workingDays: z.int().min(1).max(30).optional(),
});

const triggerSchema = z
  .union([
    z.strictObject({ date: z.literal('policy.renewsOn') }).describe('Each policy in force with this date'),
    z.strictObject({ event: z.enum(['PolicyLapsed', 'PolicyRenewed']) }).describe('Each policy this happens to'),
  ])
  .describe('What begins the journey; its day is the anchor that steps count from');

const exitReasons = ['renewed', 'lapsed', 'cancelled', 'deceased', 'not-renewing', 'contradiction'] as const;

export const definitionSchema = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  id: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  title: z.strictObject({ 'zh-CN': z.string().min(1), en: z.string().min(1) }),
  subject: z.literal('policy').describe('One journey per policy, not per person'),
  trigger: triggerSchema,
  class: z.enum(['marketing', 'service', 'statutory']).describe('Send class of every message of the campaign'),
  audience: z.strictObject({
    contactRules: z
      .array(z.enum(['direct', 'intermediary', 'copy-to-intermediary']))
      .min(1)
      .describe('Policies with one of these contact rules; for `intermediary` steps go onto the broker’s weekly list'),
    lines: z
      .array(z.enum(['motor', 'home', 'health', 'life', 'liability', 'travel', 'other']))
      .min(1)
      .optional()
      .describe('Only these product lines; all unless said'),
  }),
  reEntry: z.literal('per-term').describe('Once per policy and term, never twice for the same term'),
  exits: z.array(z.enum(exitReasons)).min(1).describe('What ends the journey before its last step'),
  useBy: duration,
  steps: z.array(stepSchema).min(1).max(50),
  byLine: z
    .partialRecord(
      z.enum(['motor', 'home', 'health', 'life', 'liability', 'travel', 'other']),
      z.record(stepId, lineOverride),
    )
    .default({})
    .describe('Where a product line’s cadence or letter lead differs: step → what differs'),
});

/** A definition, checked. */
export type CampaignDefinition = z.output<typeof definitionSchema>;
export type CampaignStep = CampaignDefinition['steps'][number];
export type StepTime = CampaignStep['at'];

/** A definition with the hash of its content, by which enrolments stay with it. */
export interface PinnedDefinition {
  readonly hash: string;
  readonly definition: CampaignDefinition;
}

/** Names a definition by its content: any change of meaning gives another hash; spaces and the order in the file do not. */
export const pinDefinition = (definition: CampaignDefinition): PinnedDefinition => ({
  hash: derivedId('definition', JSON.stringify(definition)),
  definition,
});
