import * as z from 'zod';

const duration = z.string().regex(/^P(?!$)(\d+D)?(T(\d+H)?(\d+M)?)?$/, 'ISO 8601 duration in days, hours, minutes');

const act = z.discriminatedUnion('do', [
  /** The insurer's systems tell the bus something. */
  z.strictObject({
    do: z.literal('event'),
    source: z.string(),
    detailType: z.string(),
    detail: z.record(z.string(), z.unknown()),
  }),
  /** The mail provider reports on the mail at hand. */
  z.strictObject({
    do: z.literal('feedback'),
    type: z.enum(['Bounce', 'Complaint', 'Open', 'Click']),
    subType: z.string().optional(),
  }),
  /** The customer opens the page the mail links to and posts a form. */
  z.strictObject({
    do: z.literal('page'),
    link: z.enum(['renew', 'survey', 'unsubscribe']),
    form: z.record(z.string(), z.string()),
  }),
  /** The customer, or the customer's mail program, answers the mail at hand. */
  z.strictObject({
    do: z.literal('reply'),
    text: z.string(),
    /** Further header fields, such as those of an absence note. */
    headers: z.record(z.string().regex(/^[A-Za-z-]+$/), z.string().regex(/^[\x20-\x7e]*$/)).optional(),
  }),
]);

/**
 * One thing that will happen in the sample book: at an instant, or some time after a mail. `future.ndjson` holds one per
 * line; the local runtime plays them as the clock moves.
 */
export const Behaviour = z.union([
  z.strictObject({ at: z.iso.datetime(), act }),
  z.strictObject({
    /** The first mail to this address of this campaign, and step if one is named. */
    onMail: z.strictObject({
      to: z.email(),
      campaign: z.string(),
      step: z.string().optional(),
      policyNo: z.string().optional(),
    }),
    after: duration,
    act,
  }),
]);
export type Behaviour = z.output<typeof Behaviour>;
export type Act = z.output<typeof act>;
