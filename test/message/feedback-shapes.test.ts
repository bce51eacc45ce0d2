import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { wire } from '../../functions/receive-feedback/wire.ts';
import { BOUNCES, type BounceKind, classifyBounce, isComplaint } from '../../shared/message/bounce-kinds.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { feedbackMessage } from '../../shared/message/ses-events.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { ADDRESS, ann, eventOf, household, NOW } from './feedback-rig.ts';

const folder = join(import.meta.dirname, '../../../shared/data/ses-events');
const samples = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** What each sample says, read by a person. */
const READ_AS: Readonly<Record<string, object>> = {
  'event-bounce-record.json': { eventType: 'Bounce', bounce: { bounceType: 'Permanent', bounceSubType: 'General' } },
  'event-click-record.json': {
    eventType: 'Click',
    click: { link: 'http://docs.aws.amazon.com/ses/latest/DeveloperGuide/send-email-smtp.html' },
  },
  'event-complaint-record.json': {
    eventType: 'Complaint',
    complaint: { complaintFeedbackType: 'abuse', complainedRecipients: [{ emailAddress: 'recipient@example.com' }] },
  },
  'event-delivery-record.json': {
    eventType: 'Delivery',
    delivery: { timestamp: Date.parse('2016-10-19T23:21:04.133Z') },
  },
  'event-deliverydelay-record.json': {
    eventType: 'DeliveryDelay',
    deliveryDelay: {
      delayType: 'TransientCommunicationFailure',
      expirationTime: Date.parse('2020-06-16T00:25:40.914Z'),
    },
  },
  'event-open-record.json': { eventType: 'Open', open: { timestamp: Date.parse('2017-08-09T22:00:19.652Z') } },
  'event-reject-record.json': { eventType: 'Reject' },
  'event-rendering-failure-record.json': { eventType: 'Rendering Failure' },
  'event-send-record.json': { eventType: 'Send' },
  'event-subscription-record.json': {
    eventType: 'Subscription',
    subscription: { newTopicPreferences: { unsubscribeAll: true } },
  },
  'notification-amazon-sns-delivery-notification-example.json': { eventType: 'Delivery' },
  'notification-bounce-notification-with-a-dsn.json': {
    eventType: 'Bounce',
    bounce: { bouncedRecipients: [{ emailAddress: 'jane@example.com' }] },
    mail: { destination: ['jane@example.com', 'mary@example.com', 'richard@example.com'] },
  },
  'notification-bounce-notification-without-a-dsn.json': {
    eventType: 'Bounce',
    bounce: { bouncedRecipients: [{ emailAddress: 'jane@example.com' }, { emailAddress: 'richard@example.com' }] },
  },
  'notification-complaint-notification-with-a-feedback-report.json': {
    eventType: 'Complaint',
    complaint: { complaintFeedbackType: 'abuse', complainedRecipients: [{ emailAddress: 'richard@example.com' }] },
  },
  'notification-complaint-notification-without-a-feedback-report.json': { eventType: 'Complaint' },
};

const lambda = async (bodies: readonly unknown[]) => {
  const table = createMemoryTable();
  const logged: [string, unknown][] = [];
  const keep = (name: string, fields: unknown) => void logged.push([name, fields]);
  const handler = wire({
    table,
    queue: () => createMemoryQueue(),
    bus: createMemoryBus(),
    clock: () => NOW,
    log: { info: keep, warn: keep, error: keep },
  });
  const Records = bodies.map((body, n) => ({
    messageId: `m${n}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1' },
  }));
  const answer = await handler({ Records } as unknown as SQSEvent, {} as Context);
  return { table, logged, failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
};

describe('the shapes that SES sends', () => {
  test.skipIf(samples.length === 0)('every sample of the SES guide is here', () => {
    expect(samples.toSorted()).toEqual(Object.keys(READ_AS).toSorted());
  });

  test.skipIf(samples.length === 0).each(samples)('%s is read right, plain and inside an SNS envelope', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const plain = feedbackMessage.parse(JSON.parse(text));
    expect(plain).toMatchObject(READ_AS[name] as object);
    const wrapped = { Type: 'Notification', MessageId: 'x', TopicArn: 'arn:aws:sns:x', Message: text };
    expect(feedbackMessage.parse(wrapped)).toEqual(plain);
  });

  test.skipIf(samples.length === 0)(
    'none of them is a mail of ours: each is taken, and nothing is written',
    async () => {
      const { ports, table } = await household();
      const before = table.all();
      for (const name of samples) {
        const event = feedbackMessage.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
        expect(await receiveFeedback(ports, event), name).toEqual({ kind: 'foreign' });
      }
      expect(table.all()).toEqual(before);
    },
  );

  test('a notification without tags reads like an event; of other kinds there is none', () => {
    const { eventType, ...rest } = eventOf('Bounce') as unknown as Record<string, unknown>;
    const raw = JSON.parse(JSON.stringify(rest, (_, value) => value));
    const at = new Date(NOW).toISOString();
    const older = { ...raw, mail: { ...raw.mail, timestamp: at }, bounce: { ...raw.bounce, timestamp: at } };
    expect(feedbackMessage.parse({ notificationType: 'Bounce', ...older }).eventType).toBe(eventType);
    for (const notificationType of ['Send', 'AmazonSnsSubscriptionSucceeded', 'Open'])
      expect(feedbackMessage.safeParse({ notificationType, ...older }).success).toBe(false);
  });

  test('F09, S42: forged or broken input is refused with a reason, beside good events that are done', async () => {
    const bad = [
      'null',
      '1',
      '"x"',
      '{',
      {},
      [],
      { eventType: 'Nonsense', mail: {} },
      { eventType: 'Bounce', mail: { messageId: 'x', timestamp: 'yesterday' } },
      { Type: 'Notification', Message: '{' },
      { Type: 'Notification', Message: 'null' },
      { Type: 'Notification', Message: JSON.stringify({ Type: 'SubscriptionConfirmation' }) },
      { eventType: 'Bounce', mail: { messageId: 'x', timestamp: '2019-01-31T10:00:00Z', tags: 'forged' } },
    ];
    const good = { eventType: 'Send', mail: { messageId: 'x', timestamp: '2019-01-31T10:00:00Z' }, send: {} };
    const { failed, logged } = await lambda([...bad, good]);
    expect(failed).toEqual(bad.map((_, n) => `m${n}`));
    expect(logged.filter(([name]) => name === 'message.failed')).toHaveLength(bad.length);
    expect(logged).toContainEqual(['feedback.received', { type: 'Send', outcome: 'foreign' }]);
  });

  test('S42: nobody confirms a subscription: dropped, logged, its address never called', async () => {
    const called: unknown[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = (async (...asked: unknown[]) => {
      called.push(asked);
      throw new Error('no fetch');
    }) as typeof fetch;
    try {
      const SubscribeURL = 'https://evil.example/?Action=ConfirmSubscription';
      const { failed, logged, table } = await lambda([
        { Type: 'SubscriptionConfirmation', TopicArn: 'arn:aws:sns:elsewhere:1:t', SubscribeURL, Token: 't' },
        { Type: 'UnsubscribeConfirmation', TopicArn: 'arn:aws:sns:elsewhere:1:t', SubscribeURL, Token: 't' },
      ]);
      expect(failed).toEqual([]);
      expect(logged.filter(([name]) => name === 'feedback.dropped')).toHaveLength(2);
      expect(JSON.stringify(logged)).not.toContain('evil.example');
      expect(table.all()).toEqual([]);
    } finally {
      globalThis.fetch = fetch;
    }
    expect(called).toEqual([]);
  });
});

describe('what a bounce says', () => {
  const TABLE: Readonly<Record<string, BounceKind>> = {
    'Permanent/General': 'hard',
    'Permanent/NoEmail': 'hard',
    'Permanent/Suppressed': 'hard',
    'Permanent/OnAccountSuppressionList': 'hard',
    'Permanent/UnsubscribedRecipient': 'opt-out',
    'Transient/General': 'soft',
    'Transient/MailboxFull': 'soft',
    'Transient/CustomTimeoutExceeded': 'soft',
    'Transient/MessageTooLarge': 'content',
    'Transient/ContentRejected': 'content',
    'Transient/AttachmentRejected': 'content',
    'Undetermined/Undetermined': 'soft',
    'Permanent/AddedLater': 'hard',
    'Transient/AddedLater': 'soft',
    'Undetermined/AddedLater': 'soft',
  };

  test.each(Object.entries(TABLE))('%s is %s', (name, kind) => {
    const [type, subType] = name.split('/') as ['Permanent', string];
    expect(classifyBounce(type, subType)).toBe(kind);
  });

  test('every sub-type that is known stands in this table', () => {
    for (const [type, subType] of BOUNCES) expect(TABLE).toHaveProperty([`${type}/${subType}`]);
  });

  test.each(BOUNCES)('%s/%s: the gate after one', async (bounceType, bounceSubType) => {
    const { ports, gateOf } = await household();
    await receiveFeedback(ports, eventOf('Bounce', undefined, ADDRESS, { bounceType, bounceSubType }));
    const kind = classifyBounce(bounceType, bounceSubType);
    expect((await gateOf(ann))?.suppressed.email).toBe(kind === 'hard' ? 'hard-bounce' : undefined);
  });

  test.each([
    ['abuse', true],
    ['fraud', true],
    ['virus', true],
    ['other', true],
    [undefined, true],
    ['added-later', true],
    ['not-spam', false],
    ['auth-failure', false],
  ])('a report of kind %s is a complaint: %s', (type, complained) => {
    expect(isComplaint(type)).toBe(complained);
  });
});
