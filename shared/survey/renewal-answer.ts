import * as z from 'zod';
import type { ReactionKind } from '../journey/enrolment.ts';
import { addDays, type CivilDate, civilDateAt, type Instant, weekdayOf, type ZoneId } from '../platform/time.ts';

/** What a customer can say on the renewal page (product.md C9). */
export const renewalChoices = ['renew', 'call', 'changed', 'not-renewing', 'deceased'] as const;
export type RenewalChoice = (typeof renewalChoices)[number];

/** Why somebody does not renew; the page's list, in its order. */
export const leavingReasons = ['price', 'other-insurer', 'no-longer-needed', 'service', 'other'] as const;
export type LeavingReason = (typeof leavingReasons)[number];

/** When a customer wants to be called, in the policy's zone. */
export const callSlots = ['09-12', '12-15', '15-18'] as const;
export type CallSlot = (typeof callSlots)[number];

/** Longest free text taken from a customer, in characters. */
export const MAX_TEXT = 600;

/** The days a call can be asked for: the next five working days after today, Monday to Friday. */
export const callDays = (now: Instant, zone: ZoneId): readonly CivilDate[] => {
  const days: CivilDate[] = [];
  for (let day = addDays(civilDateAt(now, zone), 1); days.length < 5; day = addDays(day, 1))
    if (weekdayOf(day) <= 5) days.push(day);
  return days;
};

const line = (max: number) =>
  z
    .string()
    .max(max)
    // control characters but line breaks have no meaning in what people write, and forge lines in what machines read
    .transform((text) =>
      text
        .replaceAll('\r\n', '\n')
        .replaceAll(/[\p{Cc}--\n]/gv, ' ')
        .trim(),
    );

/** An empty field of a form is no answer. */
const optional = <Schema extends z.ZodType<string | undefined>>(schema: Schema) =>
  schema.optional().transform((text) => (text === '' ? undefined : text));

const phone = line(30).refine((text) => text === '' || /^\+?[\d ()/-]{5,30}$/.test(text), 'phone');

const forms = z.discriminatedUnion('choice', [
  z.object({ choice: z.literal('renew') }),
  z.object({
    choice: z.literal('call'),
    on: z.string().transform((day) => day as CivilDate),
    slot: z.enum(callSlots),
    phone: optional(phone),
  }),
  z.object({ choice: z.literal('changed'), text: line(MAX_TEXT).refine((text) => text !== '', 'empty') }),
  z.object({ choice: z.literal('not-renewing'), reason: z.enum(leavingReasons), text: optional(line(MAX_TEXT)) }),
  z.object({ choice: z.literal('deceased'), contact: optional(line(120)) }),
]);

/** An answer's content, as given; what was left empty is absent. */
export type RenewalContent = z.output<typeof forms>;

const withoutEmpty = (content: RenewalContent): RenewalContent =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined)) as RenewalContent;

/** One answer as recorded. */
export interface RenewalAnswer {
  /** Derived from the invitation and the answer's place in it: what follows from it happens once. */
  readonly id: string;
  readonly at: Instant;
  readonly content: RenewalContent;
}

export type FormOutcome =
  | { readonly kind: 'read'; readonly content: RenewalContent }
  /** `choice` where the form named a known one; `field` is the first that must be mended. */
  | { readonly kind: 'wrong'; readonly choice?: RenewalChoice; readonly field: string };

/** Reads the page's form. The day of a call must be one that the page offered (`days`). */
export const readRenewalForm = (form: Readonly<Record<string, string>>, days: readonly CivilDate[]): FormOutcome => {
  const choice = renewalChoices.find((known) => known === form.choice);
  if (!choice) return { kind: 'wrong', field: 'choice' };
  const parsed = forms.safeParse(form);
  if (!parsed.success) return { kind: 'wrong', choice, field: String(parsed.error.issues[0]?.path[0] ?? 'choice') };
  if (parsed.data.choice === 'call' && !days.includes(parsed.data.on)) return { kind: 'wrong', choice, field: 'on' };
  return { kind: 'read', content: withoutEmpty(parsed.data) };
};

/** The reaction that an answer is to the journey; undefined where no journey goes on after it. */
export const reactionOf = (choice: RenewalChoice): ReactionKind | undefined =>
  (
    ({
      renew: 'renew-page',
      call: 'call-requested',
      changed: 'renew-page',
      'not-renewing': 'not-renewing',
      deceased: undefined,
    }) as const
  )[choice];

/** True where both say the same, so that the second is a repeated press of the button. */
export const saysTheSame = (a: RenewalContent, b: RenewalContent): boolean => {
  const [mine, theirs] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return mine.length === theirs.size && mine.every(([field, value]) => theirs.get(field) === value);
};
