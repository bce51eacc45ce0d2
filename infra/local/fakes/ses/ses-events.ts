import { formatInstant, type Instant } from '../../../../shared/platform/time.ts';
import { LOCAL_ACCOUNT } from '../../template/resources.ts';
import type { AcceptedMail } from './accept-log.ts';

/** What SES tells after it has accepted a mail, by the name in `eventType`. */
export type SesEvent =
  | { readonly type: 'Send' }
  | { readonly type: 'Delivery'; readonly recipient: string }
  | { readonly type: 'Bounce'; readonly bounceType: BounceType; readonly bounceSubType: string }
  | { readonly type: 'Complaint'; readonly feedbackType: string | undefined }
  | { readonly type: 'Open' }
  | { readonly type: 'Click'; readonly link: string }
  | { readonly type: 'Reject'; readonly reason: string }
  | { readonly type: 'Rendering Failure'; readonly message: string };

export type SesEventType = SesEvent['type'];
export type BounceType = 'Permanent' | 'Transient' | 'Undetermined';

/** The event as an event destination names it (`MatchingEventTypes`). */
export const destinationName = (type: SesEventType): string =>
  type === 'Rendering Failure' ? 'renderingFailure' : type.toLowerCase();

/** SES cuts the header list of an event at about this many characters (SES developer guide, "mail object"). */
const MAX_HEADERS = 10_000;
const AGENT = 'Mozilla/5.0 (local runtime)';
const ADDRESS = '192.0.2.1';

/** The record SES publishes: JSON as in the developer guide, "Contents of event data". */
export const eventRecord = (event: SesEvent, mail: AcceptedMail, at: Instant, sourceArn: string): object => ({
  eventType: event.type,
  mail: mailObject(mail, sourceArn, event.type),
  ...detailsOf(event, mail, formatInstant(at)),
});

const mailObject = (mail: AcceptedMail, sourceArn: string, type: SesEventType): object => {
  const headers = [];
  let length = 0;
  for (const header of mail.headers) {
    length += header.name.length + header.value.length;
    if (length > MAX_HEADERS) break;
    headers.push(header);
  }
  const fromDomain = /@([^>\s]+)>?\s*$/.exec(mail.from)?.[1] ?? '';
  const own = {
    ...(mail.configurationSet === undefined ? {} : { 'ses:configuration-set': [mail.configurationSet] }),
    'ses:source-ip': ['127.0.0.1'],
    'ses:from-domain': [fromDomain],
    'ses:caller-identity': [mail.principal],
    ...(type === 'Delivery' ? { 'ses:outgoing-ip': ['192.0.2.2'] } : {}),
  };
  const tags = Object.entries(mail.tags).map(([name, value]) => [name, [value]] as const);
  const replyTo = mail.headers.find(({ name }) => name.toLowerCase() === 'reply-to')?.value;
  return {
    timestamp: formatInstant(mail.at),
    source: mail.from,
    sourceArn,
    sendingAccountId: LOCAL_ACCOUNT,
    messageId: mail.messageId,
    destination: mail.to,
    headersTruncated: headers.length < mail.headers.length,
    headers,
    commonHeaders: {
      from: [mail.from],
      ...(replyTo === undefined ? {} : { replyTo: [replyTo] }),
      to: mail.to,
      messageId: mail.messageId,
      subject: mail.subject,
    },
    tags: { ...own, ...Object.fromEntries(tags) },
  };
};

const detailsOf = (event: SesEvent, mail: AcceptedMail, timestamp: string): object => {
  const feedbackId = `${mail.messageId.slice(0, 16)}-${mail.messageId.slice(17, 53)}-000000`;
  switch (event.type) {
    case 'Send':
      return { send: {} };
    case 'Delivery':
      return {
        delivery: {
          timestamp,
          processingTimeMillis: 1,
          recipients: [event.recipient],
          smtpResponse: '250 2.6.0 message received',
          reportingMTA: 'mta.local.invalid',
        },
      };
    case 'Bounce': {
      const status = event.bounceType === 'Permanent' ? '5.1.1' : '4.4.7';
      return {
        bounce: {
          feedbackId,
          bounceType: event.bounceType,
          bounceSubType: event.bounceSubType,
          bouncedRecipients: mail.to.map((emailAddress) => ({
            emailAddress,
            action: event.bounceType === 'Permanent' ? 'failed' : 'delayed',
            status,
            diagnosticCode: `smtp; ${status.startsWith('5') ? 550 : 450} ${status} reported by the local runtime`,
          })),
          timestamp,
          reportingMTA: 'dns; mta.local.invalid',
        },
      };
    }
    case 'Complaint':
      return {
        complaint: {
          feedbackId,
          complaintSubType: null,
          complainedRecipients: mail.to.map((emailAddress) => ({ emailAddress })),
          timestamp,
          userAgent: AGENT,
          ...(event.feedbackType === undefined ? {} : { complaintFeedbackType: event.feedbackType }),
          arrivalDate: timestamp,
        },
      };
    case 'Open':
      return { open: { ipAddress: ADDRESS, timestamp, userAgent: AGENT } };
    case 'Click':
      return { click: { ipAddress: ADDRESS, timestamp, userAgent: AGENT, link: event.link, linkTags: null } };
    case 'Reject':
      return { reject: { reason: event.reason } };
    case 'Rendering Failure':
      return { failure: { errorMessage: event.message, templateName: '' } };
  }
};
