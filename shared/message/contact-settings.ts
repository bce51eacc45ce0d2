import * as z from 'zod';
import { RECENT_DAYS } from '../customer/gate-store.ts';
import type { WallTime } from '../platform/time.ts';
import { closedDayRules } from './holidays.ts';

const channel = z.enum(['email', 'post', 'phone', 'sms', 'visit']);
const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .transform((text) => text as WallTime);
/** The gate remembers contacts for so long and no rule can look back further. */
const days = z.int().min(1).max(RECENT_DAYS);
/** Classes that a rule may hold or drop: never statutory, whose messages the law asks for. */
const bound = z.enum(['marketing', 'service']);

const quietHours = z
  .strictObject({ from: wallTime, until: wallTime })
  .describe('Wall clock of the recipient, from (inclusive) until (exclusive); may pass midnight');
export type QuietHours = z.output<typeof quietHours>;

const silence = z
  .enum(['send', 'hold', 'skip'])
  .describe('What a situation does to a message: nothing, wait for its end within the use-by, or not at all');
const silences = z.strictObject({ marketing: silence, service: silence, statutory: z.literal('send') });

/** The contact rules' figures as data: what `PUT /api/contact-rules` takes. Unknown properties are refused. */
export const contactSettingsSchema = z.strictObject({
  quietHours: z.partialRecord(bound, quietHours).describe('A class without an entry has no quiet hours'),
  wakes: z.array(channel).describe('Channels that quiet hours are about: a letter wakes nobody'),
  closedDays: z
    .partialRecord(bound, z.partialRecord(channel, z.enum(closedDayRules)))
    .describe('Days of the recipient’s country on which a class does not use a channel'),
  caps: z
    .array(
      z.strictObject({
        sendClass: bound,
        channels: z.array(channel).min(1).optional().describe('All channels unless said'),
        max: z.int().min(0).max(100),
        days,
      }),
    )
    .max(20)
    .describe('At most `max` contacts of a class to one person in any `days` × 24 hours'),
  budget: z
    .strictObject({
      points: z.record(channel, z.int().min(0).max(100)).describe('What one contact by a channel costs the customer'),
      days,
      allowance: z.int().min(0).max(1_000),
      classes: z.strictObject({
        marketing: z.enum(['blocked', 'counted', 'free']),
        service: z.enum(['blocked', 'counted', 'free']),
        statutory: z.enum(['counted', 'free']),
      }),
    })
    .describe('Contact budget: points of all contacts in any `days` × 24 hours; `blocked` counts and may be refused'),
  situations: z.strictObject({
    'open-complaint': silences,
    'disputed-claim': silences,
    bereavement: silences,
    'fraud-review': silences,
  }),
  situationRecheckHours: z.int().min(1).max(168).describe('How often a message held by a situation asks again'),
});
export type ContactSettings = z.output<typeof contactSettingsSchema>;

/**
 * The figures as shipped (product.md M3; reliability.md C28, C29). An insurer's counsel sets them.
 *
 * Service mail has no cap: each policy must get its reminders; it does count against the budget, so that a customer who
 * heard much about his contracts is left alone by advertising. A running complaint or dispute silences advertising but
 * not the reminder without which cover would end; a bereaved family is left alone for as long as the use-by allows;
 * under a fraud review nothing goes out but what the law asks for. Nobody writes to the dead, whatever is set here.
 */
export const contactSettings: ContactSettings = {
  quietHours: {
    marketing: { from: '21:00' as WallTime, until: '08:00' as WallTime },
    service: { from: '21:00' as WallTime, until: '08:00' as WallTime },
  },
  wakes: ['email', 'sms', 'phone', 'visit'],
  closedDays: {
    marketing: {
      email: 'holidays',
      sms: 'holidays',
      phone: 'weekends-and-holidays',
      visit: 'weekends-and-holidays',
    },
    service: { phone: 'holidays', visit: 'weekends-and-holidays' },
  },
  caps: [
    { sendClass: 'marketing', max: 1, days: 7 },
    { sendClass: 'marketing', max: 2, days: 30 },
  ],
  budget: {
    points: { email: 1, post: 2, sms: 2, phone: 3, visit: 4 },
    days: 30,
    allowance: 12,
    classes: { marketing: 'blocked', service: 'counted', statutory: 'free' },
  },
  situations: {
    'open-complaint': { marketing: 'skip', service: 'send', statutory: 'send' },
    'disputed-claim': { marketing: 'skip', service: 'send', statutory: 'send' },
    bereavement: { marketing: 'skip', service: 'hold', statutory: 'send' },
    'fraud-review': { marketing: 'skip', service: 'skip', statutory: 'send' },
  },
  situationRecheckHours: 12,
};
