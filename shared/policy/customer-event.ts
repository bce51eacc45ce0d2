import * as z from 'zod';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { type CivilDate, type Instant, parseInstant } from '../platform/time.ts';

/** Source of the events that the insurer's policy administration raises. */
export const POLICY_ADMIN = 'policy.admin';
/** Source of any other customer event of the insurer's systems: complaints, service calls, seminars … */
export const CUSTOMER_EVENTS = 'customer.events';
/** Source of the events that journeys emit. */
export const JOURNEYS = 'perennial.journeys';

const civilDate = z.iso.date().transform((day) => day as CivilDate);
const instant = z.iso.datetime({ offset: true }).transform((text) => parseInstant(text) as Instant);

/** The only version there is; the next one gets its own schema beside this, and both are read (F39). */
const VERSION = 1;

const base = {
  schemaVersion: z.literal(VERSION),
  eventId: z.string().min(1).max(200),
  occurredAt: instant,
};
const policyNo = z.string().trim().min(1).max(60);
const customerRef = z.string().trim().min(1).max(100);

/** An amount: in minor units, or as decimal text; a bare number or text is in the currency of the policy. */
const premium = z.union([
  z.object({ minor: z.int(), currency: z.string().regex(/^[A-Z]{3}$/) }),
  z.object({
    amount: z.union([z.string(), z.number()]).transform(String),
    currency: z.string().regex(/^[A-Z]{3}$/),
  }),
  z.union([z.string(), z.number()]).transform((amount) => ({ amount: String(amount) })),
]);

/** What the events carry, by detail type. Unknown properties are dropped, so that a sender may add some. */
export const policyAdminEvents = {
  PolicyRenewed: z.object({
    ...base,
    policyNo,
    termStartsOn: civilDate,
    nextRenewalOn: civilDate,
    premium: premium.nullish(),
  }),
  PolicyCancelled: z.object({ ...base, policyNo, effectiveOn: civilDate, reason: z.string().max(200).nullish() }),
  PolicyLapsed: z.object({ ...base, policyNo, effectiveOn: civilDate, reason: z.string().max(200).nullish() }),
  PolicyDateMoved: z.object({ ...base, policyNo, from: civilDate, to: civilDate }),
  CustomerDeceased: z.object({ ...base, customerRef, on: civilDate.nullish() }),
  ConsentChanged: z.object({
    ...base,
    customerRef,
    channel: z.enum(['email', 'post', 'phone', 'sms']),
    purpose: z.enum(['service', 'marketing']),
    given: z.boolean(),
    wording: z.string().min(1).max(200).default('legacy-unproven'),
  }),
} as const;

export type PolicyAdminEvents = {
  readonly [Type in keyof typeof policyAdminEvents]: z.output<(typeof policyAdminEvents)[Type]>;
};
/** One event of the policy administration, its detail checked. */
export type PolicyAdminEvent = {
  [Type in keyof PolicyAdminEvents]: { readonly type: Type; readonly detail: PolicyAdminEvents[Type] };
}[keyof PolicyAdminEvents];

/** What an event tells beyond whom it is about: flat values that filters of campaigns can ask for. */
const properties = z
  .record(z.string().regex(/^[A-Za-z][\w-]{0,59}$/), z.union([z.string().max(500), z.number(), z.boolean()]))
  .refine((values) => Object.keys(values).length <= 50, 'at most 50 properties');

const told = {
  ...base,
  /** What it is about in the sender's books, such as a complaint's number: the same fact told again has the same key (F11).
   *  The event's id where absent. */
  key: z.string().trim().min(1).max(200).optional(),
  properties: properties.default({}),
};

/** An event of the insurer's systems that does no more than begin, wake and end journeys. */
export const customerEventSchema = z
  .object({ ...told, customerRef: customerRef.optional(), policyNo: policyNo.optional() })
  .refine((event) => event.customerRef !== undefined || event.policyNo !== undefined, {
    path: ['customerRef'],
    message: 'an event names its customer by customerRef or policyNo',
  });
export type CustomerEventDetail = z.output<typeof customerEventSchema>;

/** An event of our own, which knows its customer by id. */
export const journeyEventSchema = z.object({
  ...told,
  partyId: z
    .string()
    .min(1)
    .transform((id) => id as PartyId),
  policyId: z
    .string()
    .min(1)
    .transform((id) => id as PolicyId)
    .optional(),
  hops: z.int().min(0).max(5).default(0),
});
export type JourneyEventDetail = z.output<typeof journeyEventSchema>;

/** Events of the policy administration that change nothing we keep, but that journeys may begin, go on or end with. */
export const policyAdminNews = {
  PremiumDue: customerEventSchema,
  PremiumPaid: customerEventSchema,
  DebitFailed: customerEventSchema,
  ManagerLeft: customerEventSchema,
  ComplaintOpened: customerEventSchema,
  ComplaintClosed: customerEventSchema,
} as const;

/** An event as EventBridge puts it on the queue. */
export const envelopeSchema = z.object({
  id: z.string().min(1),
  source: z.string().min(1),
  'detail-type': z.string().min(1),
  time: instant,
  detail: z.record(z.string(), z.unknown()),
});
export type Envelope = z.output<typeof envelopeSchema>;

/** Checks the detail of an event. @throws as `readDetail` */
const parseDetail = <Schema extends z.ZodType>(schema: Schema, envelope: Envelope): z.output<Schema> => {
  const type = envelope['detail-type'];
  const { schemaVersion } = envelope.detail;
  if (schemaVersion !== VERSION)
    throw new EngagementError(
      'unknown-version',
      `schemaVersion ${JSON.stringify(schemaVersion)} of ${type} is not known: this build reads ${VERSION}`,
    );
  const parsed = schema.safeParse(envelope.detail);
  if (parsed.success) return parsed.data;
  // paths and codes only: values may be personal
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.code})`).join(', ');
  throw new EngagementError('bad-input', `${type} does not fit its contract at ${where}: see its schema`);
};

/**
 * Reads the detail of an event by the schema of its type.
 * @param schemas the known types of the event's source
 * @throws EngagementError `unknown-version`, `bad-input`, neither retryable: the event belongs in the DLQ for a person
 */
export const readDetail = <Schemas extends Readonly<Record<string, z.ZodType>>>(
  schemas: Schemas,
  envelope: Envelope,
): { [Type in keyof Schemas]: { type: Type; detail: z.output<Schemas[Type]> } }[keyof Schemas] => {
  const type = envelope['detail-type'];
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (!schema)
    throw new EngagementError(
      'bad-input',
      `unknown detail type "${type}": known are ${Object.keys(schemas).join(', ')}`,
    );
  return { type, detail: parseDetail(schema, envelope) } as ReturnType<typeof readDetail<Schemas>>;
};

/** Names that campaigns can give as `event`. */
const TYPE = /^[A-Z][A-Za-z]{1,60}$/;

/**
 * Reads the detail of an event whose type says nothing of its contract.
 * @throws EngagementError as `readDetail`; `bad-input` for a type that no campaign could name
 */
export const readAnyDetail = <Schema extends z.ZodType>(
  schema: Schema,
  envelope: Envelope,
): { readonly type: string; readonly detail: z.output<Schema> } => {
  const type = envelope['detail-type'];
  if (!TYPE.test(type))
    throw new EngagementError('bad-input', 'detail type is none that a campaign can name: write it as ComplaintClosed');
  return { type, detail: parseDetail(schema, envelope) };
};
