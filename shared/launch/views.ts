import * as z from 'zod';

/** What the API answers about runs, pre-flights, the calendar and stops. */

const instant = z.iso.datetime();
const day = z.iso.date();
const text = z.object({ 'zh-CN': z.string(), en: z.string() });
const byReason = z.record(z.string(), z.int()).describe('reason → how many');
const customerId = z.string().describe('opaque');

/** Names a run in a path. */
export const occurrenceParam = z.string().regex(/^[\w:-]{1,60}$/, 'must be a run as the API gave it');

export const runView = z.object({
  occurrence: z.string(),
  state: z.enum(['walking', 'settling', 'finished', 'incomplete', 'expired', 'skipped', 'cancelled']),
  mode: z.enum(['orders', 'enter', 'look']),
  definition: z.string(),
  dueAt: instant,
  useBy: instant,
  startedAt: instant,
  walkedAt: instant.optional(),
  endedAt: instant.optional(),
  members: z.int().describe('Found in the audience so far'),
  ordered: z.int().describe('Of these queued for sending, or entered into the journey'),
});
export type RunView = z.infer<typeof runView>;

export const runsAnswer = z.object({ items: z.array(runView) });

export const runProgress = runView.extend({
  sent: z.int(),
  held: byReason,
  skipped: byReason,
  failed: byReason,
  unknown: z.int(),
  pending: z.int().describe('Queued, no outcome yet as of the last look'),
  checkedAt: instant.optional().describe('When outcomes were last looked at'),
});
export type RunProgress = z.infer<typeof runProgress>;

export const failedQuery = z.strictObject({
  outcome: z.enum(['failed', 'unknown']).default('failed'),
  after: z.coerce.number().int().min(0).optional(),
});
export const failedAnswer = z.object({
  items: z.array(
    z.object({
      customerId,
      customerName: z.string().optional(),
      sendId: z.string(),
      at: instant,
      reason: z.string().optional(),
    }),
  ),
  next: z.int().optional(),
});

export const resendRequest = z.strictObject({ outcome: z.enum(['failed', 'unknown']).default('failed') });
export const resendAnswer = z.object({
  messages: z.int().describe('How many that are, as of the last look; they go within minutes'),
});

export const preFlightView = z.object({
  campaign: z.string(),
  definition: z.string(),
  state: z.enum(['computing', 'done']),
  progress: z.number().min(0).max(1),
  requestedAt: instant,
  at: instant.describe('When the first run begins; for a campaign without runs when it was asked'),
  audience: z.int(),
  going: z.int().describe('May be written to at that time'),
  held: byReason.describe('May be written to later'),
  skipped: byReason.describe('May not be written to'),
  messages: z.object({ email: z.int(), post: z.int(), sms: z.int() }).describe('At most, if everybody takes each step'),
  cost: z
    .object({ currency: z.string(), mail: z.int(), text: z.int(), print: z.int(), postage: z.int(), total: z.int() })
    .describe('Minor units'),
  pace: z
    .object({
      mails: z.int(),
      hours: z.number(),
      finishesAt: instant,
      deadline: instant,
      room: z.int().describe('How many can go until the deadline'),
      fits: z.boolean(),
    })
    .optional(),
  print: z.object({ handOverOn: day, cutOff: instant }).optional(),
  missing: z
    .object({ checked: z.int(), lacking: z.int(), sample: z.array(customerId).max(20) })
    .describe('Customers of a sample who lack something that a template needs'),
  overlap: z.array(z.object({ campaign: z.string(), customers: z.int() })),
  refusal: z.string().optional().describe('Why it cannot be launched so'),
});
export type PreFlightView = z.infer<typeof preFlightView>;

export const calendarQuery = z
  .strictObject({ from: day, to: day })
  .refine(({ from, to }) => from <= to, { message: 'must not be after "to"', path: ['from'] })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= 400 * 86_400_000, {
    message: 'at most 400 days after "from"',
    path: ['to'],
  });

export const calendarEntry = z.object({
  on: day,
  campaign: z.string(),
  title: text,
  department: z.string(),
  class: z.enum(['marketing', 'service', 'statutory']),
  priority: z.int(),
  state: z.string(),
  kind: z
    .enum(['run', 'step', 'sent', 'print'])
    .describe('run: to an audience · step: of a calendar journey · sent: what went out · print: letters handed over'),
  step: z.string().optional(),
  at: instant.optional(),
  occurrence: z.string().optional(),
  count: z.int().optional().describe('Messages: counted in the past, estimated ahead; absent where nobody knows'),
  atLeast: z.boolean().optional().describe('There are more than were counted'),
});
export type CalendarEntry = z.infer<typeof calendarEntry>;

export const calendarAnswer = z.object({
  from: day,
  to: day,
  entries: z.array(calendarEntry),
  holidays: z.array(z.object({ on: day, country: z.string() })),
  overlap: z
    .array(z.object({ campaigns: z.tuple([z.string(), z.string()]), customers: z.int(), sampled: z.boolean() }))
    .describe('Customers in the audiences of both, of campaigns that write within a week of each other'),
});
export type CalendarAnswer = z.infer<typeof calendarAnswer>;

export const scopePath = z
  .string()
  .max(100)
  .regex(/^([\w-]+(\/[\w-]+)*)?$/, 'a path in the organisation, such as house/east; empty for the whole house');
export const stopRequest = z.strictObject({ scope: scopePath.default('') });
export const stopsAnswer = z.object({
  items: z.array(z.object({ scope: z.string(), by: z.string(), at: instant })),
});
