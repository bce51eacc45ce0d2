import * as z from 'zod';
import { ruleGroupSchema } from '../audience/rule.ts';
import { topics } from '../customer/customer.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { derivedId } from '../platform/ids.ts';
import { isDuration, parseZone, type WallTime, type ZoneId } from '../platform/time.ts';

/**
 * The campaign definition: who is sent what, when, and what follows, as a file that people read, review and change
 * (docs/guides/campaigns.md). `campaigns/schema.json` is this schema for editors. Unknown properties are refused: a typo
 * must not pass as an absent option.
 *
 * A journey goes by the calendar (each step says `at`, days before or after the anchor day: a moved date moves it) or
 * by flow (no step says `at`: one after the other, with waits, branches and splits). What a schema cannot say is checked
 * by check-definition.ts.
 */

const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .transform((text) => text as WallTime)
  .describe('Wall clock in the zone of the policy or customer, HH:MM');
const localDateTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d$/)
  .describe('Date and wall clock in `zone`, such as 2027-01-15T10:00');
const zone = z
  .string()
  .refine((text) => parseZone(text) !== undefined, 'an IANA time zone such as Asia/Shanghai')
  .transform((text) => text as ZoneId);
const days = z.int().min(0).max(730);
const duration = z
  .string()
  .refine(isDuration, 'an ISO 8601 duration such as P3D')
  .describe('ISO 8601 duration such as P3D; days are calendar days in the zone of the policy or customer');

const stepId = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/);
const eventName = z
  .string()
  .regex(/^[A-Z][A-Za-z]{1,60}$/)
  .describe('Detail type of a customer event, such as ComplaintClosed');

/** Dates that a journey can count from. */
const dateFields = [
  'policy.renewsOn',
  'policy.startsOn',
  'policy.contractStartsOn',
  'claim.occurredOn',
  'claim.settledOn',
  'customer.birthOn',
] as const;

/** When a step of a calendar journey is due, counted from the anchor day. */
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

const sendSchema = z
  .strictObject({
    send: z.enum(['email', 'letter', 'invite']).describe('`invite` is an e-mail that asks to answer `survey`'),
    template: name,
    survey: name.optional().describe('What an `invite` asks, or a letter whose code opens the survey'),
  })
  .describe('A message by this template');

const actionSchema = z.union([
  sendSchema,
  z
    .strictObject({
      relay: z
        .strictObject({ gateway: name, channel: z.enum(['sms']), template: name })
        .describe('A short text that the insurer’s own gateway sends'),
    })
    .describe('A text by the insurer’s gateway'),
  z
    .strictObject({
      task: z
        .enum(['call', 'visit', 'offer-missing', 'follow-up', 'survey-call'])
        .describe('`call`, `visit` and `survey-call` contact the customer; `survey-call` asks `survey` by telephone'),
      survey: name.optional(),
      reason: z
        .string()
        .regex(/^[a-z][a-z-]{0,40}$/)
        .describe('Shown with the task'),
      withinDays: z.int().min(0).max(365).optional().describe('Due this many days later; the same day unless said'),
    })
    .describe('A task for a person'),
  z
    .strictObject({
      set: z.strictObject({ trait: name, value: z.union([z.string().max(200), z.number(), z.boolean()]) }),
    })
    .describe('Notes something about the customer that rules can ask for as customer.trait.<name>'),
  z
    .strictObject({
      emit: z.strictObject({
        event: eventName,
        properties: z.record(name, z.union([z.string().max(200), z.number(), z.boolean()])).optional(),
      }),
    })
    .describe('Raises an event on the bus, which may begin or wake other journeys'),
  z
    .strictObject({ webhook: z.strictObject({ endpoint: name.describe('An address that engineers registered') }) })
    .describe('Tells another system, signed and retried'),
]);

const controlSchema = z.union([
  z.strictObject({
    wait: z.union([
      z.strictObject({ for: duration }),
      z.strictObject({
        until: z.strictObject({
          time: wallTime,
          weekdays: z
            .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
            .min(1)
            .optional(),
        }),
      }),
      z.strictObject({
        until: z.strictObject({ date: z.enum(dateFields), days: z.int().min(-730).max(730), time: wallTime }),
      }),
      z.strictObject({
        event: eventName,
        where: ruleGroupSchema.optional(),
        upTo: duration.describe('How long at most'),
        otherwise: stepId.describe('Where to go on when the event did not come'),
      }),
    ]),
  }),
  z.strictObject({
    branch: z.strictObject({
      paths: z
        .array(z.strictObject({ when: ruleGroupSchema, next: stepId }))
        .min(1)
        .max(20)
        .describe('The first path whose rule holds is taken'),
      otherwise: stepId,
    }),
  }),
  z.strictObject({
    split: z
      .array(z.strictObject({ share: z.int().min(1).max(99), next: stepId }))
      .min(2)
      .max(10)
      .describe('Shares in per cent, together 100; the same customer always takes the same path'),
  }),
  z.strictObject({
    exit: z
      .string()
      .regex(/^[a-z][a-z-]{0,40}$/)
      .describe('Ends the journey with this reason'),
  }),
]);

const lateRules = ['next-open-minute', 'drop', 'next-channel'] as const;

const stepSchema = z.strictObject({
  id: stepId.describe('Names the step for good: it is part of every message’s identity'),
  at: atSchema.optional().describe('Each step of a calendar journey has it, no step of a flow'),
  do: z.union([actionSchema, controlSchema]),
  when: ruleGroupSchema.optional().describe('Only if this holds when the step is due; else it is passed over'),
  next: stepId.optional().describe('Flow: the step after this one; the one written below it unless said'),
  onFailure: stepId.optional().describe('Flow: where the journey goes on if the message failed for good'),
  useBy: duration.optional().describe('How long after its time the step may still happen; the campaign’s unless said'),
  late: z
    .enum(lateRules)
    .optional()
    .describe(
      'next-open-minute: as soon as the contact rules allow, within useBy (default) · drop: not at all an hour after its time · next-channel: after useBy by `otherwise`',
    ),
  otherwise: z
    .strictObject({ send: z.enum(['email', 'letter']), template: name })
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
    z
      .strictObject({ date: z.enum(dateFields), yearly: z.boolean().optional().describe('Each year on that day') })
      .describe('Each policy in force, claim or customer with this date; the date is the anchor day'),
    z
      .strictObject({ event: eventName, where: ruleGroupSchema.optional().describe('Only if its properties fit') })
      .describe('Each time this happens to a policy or customer; its day is the anchor day'),
    z
      .strictObject({ audience: name, on: z.enum(['enter', 'leave']) })
      .describe('Each customer who enters or leaves a saved audience'),
    z.strictObject({ once: z.strictObject({ at: localDateTime, zone }) }).describe('Everyone in the audience, once'),
    z
      .strictObject({
        every: z.strictObject({
          rrule: z.string().min(6).max(300).describe('RFC 5545, such as FREQ=MONTHLY;BYDAY=1MO'),
          from: localDateTime.describe('First day and time of day'),
          zone,
        }),
      })
      .describe('Everyone in the audience, again and again'),
    z.strictObject({ api: z.literal(true) }).describe('Whoever the API names'),
  ])
  .describe('What begins the journey; its day is the anchor that steps count from');

export const exitReasons = ['renewed', 'lapsed', 'cancelled', 'deceased', 'not-renewing', 'contradiction'] as const;

const lines = ['motor', 'home', 'health', 'life', 'liability', 'travel', 'other'] as const;
const listId = name.describe('An uploaded list');

export const definitionSchema = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  id: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  title: z.strictObject({ 'zh-CN': z.string().min(1).max(120), en: z.string().min(1).max(120) }),
  department: name.default('marketing').describe('Whose it is, for the calendar'),
  priority: z.int().min(0).max(100).default(50).describe('Who gets a scarce contact: higher goes first'),
  subject: z.enum(['policy', 'customer']).describe('One journey per policy, or one per customer'),
  trigger: triggerSchema,
  class: z.enum(['marketing', 'service', 'statutory']).describe('Send class of every message of the campaign'),
  topic: z
    .enum(topics)
    .optional()
    .describe(
      'What it is about; customers may refuse it by topic. `surveys` for invites unless said, `offers` for marketing',
    ),
  requested: z
    .literal(true)
    .optional()
    .describe('The customer asked for its messages moments ago, on a page of ours: only for events of those pages'),
  trackClicks: z
    .literal(true)
    .optional()
    .describe('Links to other sites lead through our own redirect, which notes the click'),
  audience: z
    .strictObject({
      contactRules: z
        .array(z.enum(['direct', 'intermediary', 'copy-to-intermediary']))
        .min(1)
        .optional()
        .describe(
          'Policies with one of these contact rules; for `intermediary` steps go onto the broker’s weekly list',
        ),
      lines: z.array(z.enum(lines)).min(1).optional().describe('Only these product lines; all unless said'),
      rule: ruleGroupSchema.optional().describe('Only customers (and policies) for whom this holds on entering'),
      saved: name.optional().describe('Only members of this saved audience'),
      include: z.array(listId).min(1).optional().describe('Only members of one of these lists'),
      exclude: z.array(listId).min(1).optional().describe('No members of these lists'),
    })
    .default({}),
  reEntry: z
    .enum(['never', 'after-exit', 'per-term', 'concurrent'])
    .describe(
      'never: once for good · after-exit: again once the earlier journey ended · per-term: once for each term, birthday, claim, event or run · concurrent: each time',
    ),
  exits: z
    .array(
      z.union([
        z.enum(exitReasons),
        z.strictObject({ event: eventName, where: ruleGroupSchema.optional() }),
        z.strictObject({ when: ruleGroupSchema }),
      ]),
    )
    .min(1)
    .describe('What ends the journey before its last step'),
  useBy: duration,
  merge: z
    .strictObject({ within: duration })
    .optional()
    .describe('Same step, same recipient within this time: one message for all of the policies'),
  steps: z.array(stepSchema).min(1).max(50),
  byLine: z
    .partialRecord(z.enum(lines), z.record(stepId, lineOverride))
    .default({})
    .describe('Where a product line’s cadence or letter lead differs: step → what differs'),
});

/** A definition, checked. */
export type CampaignDefinition = z.output<typeof definitionSchema>;
export type CampaignStep = CampaignDefinition['steps'][number];
/** A step of a calendar journey. */
export type DatedStep = CampaignStep & { readonly at: NonNullable<CampaignStep['at']> };
export type StepTime = DatedStep['at'];
export type StepAct = CampaignStep['do'];
export type Trigger = CampaignDefinition['trigger'];
export type DateField = (typeof dateFields)[number];

/** True for a journey that goes by the calendar. */
export const isCalendar = ({ steps }: CampaignDefinition): boolean => steps.every(({ at }) => at !== undefined);

/** Versions of what a definition names, as approved (F34). */
export interface Pins {
  /** Of every template: template → version. */
  readonly templates: Readonly<Record<string, string>>;
  /** Of every survey that it asks: survey → version. */
  readonly surveys: Readonly<Record<string, string>>;
}

/** A definition with the hash of its content, by which enrolments stay with it. */
export interface PinnedDefinition extends Pins {
  readonly hash: string;
  readonly definition: CampaignDefinition;
}

/** Names a definition by its content: any change of meaning, and any other version of a template or survey, gives another
 *  hash; spaces, the order in the file, and where its editor finds the schema do not. */
export const pinDefinition = (
  { $schema: _schema, ...definition }: CampaignDefinition,
  { templates, surveys }: Pins,
): PinnedDefinition => ({
  hash: derivedId('definition', canonicalJson(definition), canonicalJson(templates), canonicalJson(surveys)),
  definition,
  templates,
  surveys,
});
