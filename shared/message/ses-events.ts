import * as z from 'zod';
import { type Instant, parseInstant } from '../platform/time.ts';

/** Fields of SES's event records that we read (event publishing by SNS); what else they hold is left alone. */
const timestamp = z.string().transform((text, context): Instant => {
  const at = parseInstant(text);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'not an instant' });
  return z.NEVER;
});

const recipients = z.array(z.object({ emailAddress: z.string() })).default([]);
const mail = z.object({
  messageId: z.string().min(1),
  timestamp,
  destination: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.array(z.string())).default({}),
});
const userAgent = z.string().optional();

/** One event of one mail. */
const sesEvent = z.discriminatedUnion('eventType', [
  z.object({ eventType: z.literal('Send'), mail }),
  z.object({ eventType: z.literal('Delivery'), mail, delivery: z.object({ timestamp }) }),
  z.object({
    eventType: z.literal('DeliveryDelay'),
    mail,
    deliveryDelay: z.object({
      timestamp,
      delayType: z.string(),
      /** Until when SES goes on trying; then comes a bounce. */
      expirationTime: timestamp.optional(),
    }),
  }),
  z.object({
    eventType: z.literal('Bounce'),
    mail,
    bounce: z.object({
      bounceType: z.enum(['Permanent', 'Transient', 'Undetermined']),
      bounceSubType: z.string(),
      bouncedRecipients: recipients,
      timestamp,
    }),
  }),
  z.object({
    eventType: z.literal('Complaint'),
    mail,
    complaint: z.object({
      complainedRecipients: recipients,
      timestamp,
      complaintFeedbackType: z.string().optional(),
    }),
  }),
  z.object({ eventType: z.literal('Reject'), mail }),
  z.object({ eventType: z.literal('Rendering Failure'), mail }),
  z.object({ eventType: z.literal('Open'), mail, open: z.object({ timestamp }) }),
  z.object({
    eventType: z.literal('Click'),
    mail,
    click: z.object({ timestamp, link: z.string().optional(), userAgent }),
  }),
  z.object({
    eventType: z.literal('Subscription'),
    mail,
    subscription: z.object({
      timestamp,
      newTopicPreferences: z.object({ unsubscribeAll: z.boolean().default(false) }).optional(),
    }),
  }),
]);
export type SesEvent = z.output<typeof sesEvent>;

const envelope = z.object({ Type: z.literal('Notification'), Message: z.string() });

/** SES's older notifications say `notificationType` where events say `eventType`, and know three of them. They carry no
 *  tags: such a mail is somebody else's. */
const notification = z.looseObject({ notificationType: z.enum(['Bounce', 'Complaint', 'Delivery']) });

const asEvent = (content: unknown): unknown => {
  const older = notification.safeParse(content);
  return older.success && !('eventType' in older.data)
    ? { ...older.data, eventType: older.data.notificationType }
    : content;
};

/**
 * A body of the feedback queue: an event as SES words it, with or without the envelope of SNS around it. Anything else is
 * refused: what SNS asks to be confirmed (`SubscriptionConfirmation`) too, and no address in it is ever called (S42).
 */
export const feedbackMessage = z.unknown().transform((body, context): SesEvent => {
  const wrapped = envelope.safeParse(body);
  let content = body;
  if (wrapped.success) {
    try {
      content = JSON.parse(wrapped.data.Message);
    } catch {
      context.addIssue({ code: 'custom', message: 'envelope without JSON' });
      return z.NEVER;
    }
  }
  const parsed = sesEvent.safeParse(asEvent(content));
  if (parsed.success) return parsed.data;
  for (const { path } of parsed.error.issues) context.addIssue({ code: 'custom', path, message: 'unexpected' });
  return z.NEVER;
});
