import * as z from 'zod';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { type Instant, parseInstant } from '../../../../shared/platform/time.ts';
import type { BounceType, SesEvent } from './ses-events.ts';

/** Body of `POST /local/mailbox/{id}/feedback`. */
const feedbackSchema = z.strictObject({
  type: z.enum(['Bounce', 'Complaint', 'Delivery', 'Open', 'Click', 'Reject', 'RenderingFailure']),
  /**
   * Bounce: `Permanent` (the default), `Transient`, `Undetermined`, or one of their sub-types such as `General`,
   * `NoEmail`, `MailboxFull`. Complaint: the feedback type, `abuse` by default.
   */
  subType: z.string().optional(),
  /** Click: the link that was followed. */
  link: z.string().optional(),
  /** When it happened, ISO 8601; in the future it is held until the clock gets there. Absent: now. */
  at: z.string().optional(),
});

/** What a mailbox does with a mail, as the operator asks for it. */
export interface Feedback {
  readonly event: SesEvent;
  readonly at: Instant | undefined;
}

const SUB_TYPES: Readonly<Record<BounceType, readonly string[]>> = {
  Permanent: ['General', 'NoEmail', 'Suppressed', 'OnAccountSuppressionList'],
  Transient: [
    'General',
    'MailboxFull',
    'MessageTooLarge',
    'ContentRejected',
    'AttachmentRejected',
    'CustomTimeoutExceeded',
  ],
  Undetermined: ['Undetermined'],
};

/** Reads the request. @throws EngagementError `bad-input` */
export const readFeedback = (input: unknown, recipient: string): Feedback => {
  const parsed = feedbackSchema.safeParse(input);
  if (!parsed.success) {
    throw new EngagementError('bad-input', `feedback is not readable: ${z.prettifyError(parsed.error)}`);
  }
  const { type, subType, link, at: text } = parsed.data;
  const at = text === undefined ? undefined : parseInstant(text);
  if (text !== undefined && at === undefined) {
    throw new EngagementError('bad-input', `feedback time "${text}" is not an ISO 8601 instant`);
  }
  return { event: eventOf(type, subType, link, recipient), at };
};

const eventOf = (
  type: z.output<typeof feedbackSchema>['type'],
  subType: string | undefined,
  link: string | undefined,
  recipient: string,
): SesEvent => {
  switch (type) {
    case 'Bounce':
      return { type, ...bounceOf(subType ?? 'Permanent') };
    case 'Complaint':
      return { type, feedbackType: subType ?? 'abuse' };
    case 'Delivery':
      return { type, recipient };
    case 'Open':
      return { type };
    case 'Click':
      if (link === undefined)
        throw new EngagementError('bad-input', 'feedback Click has no link: name the one followed');
      return { type, link };
    case 'Reject':
      return { type, reason: 'Bad content' };
    case 'RenderingFailure':
      return { type: 'Rendering Failure', message: 'reported by the local runtime' };
  }
};

const bounceOf = (text: string): { bounceType: BounceType; bounceSubType: string } => {
  const [first = '', second] = text.split('/');
  for (const bounceType of ['Permanent', 'Transient', 'Undetermined'] as const) {
    const known = SUB_TYPES[bounceType];
    const subType = first === bounceType ? (second ?? known[0]) : second === undefined ? first : undefined;
    if (subType !== undefined && known.includes(subType)) return { bounceType, bounceSubType: subType };
  }
  throw new EngagementError(
    'bad-input',
    `bounce sub-type "${text}" is unknown: use Permanent, Transient, Undetermined or a sub-type such as MailboxFull`,
  );
};
