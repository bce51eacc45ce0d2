import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSendQuotaCommand, SESClient, SendEmailCommand, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSes, type Ses } from '../../../infra/local/fakes/ses/ses.ts';
import { createSns } from '../../../infra/local/fakes/ses/sns.ts';
import type { Resources } from '../../../infra/local/template/resources.ts';
import { cachedLimits, createSendQuota } from '../../../shared/message/quota.ts';
import { createSesLimits } from '../../../shared/message/ses-limits.ts';
import { createMemoryTable } from '../../../shared/platform/memory-table.ts';
import { clientSettings, createTestWorld, queueNamed, type TestWorld } from './world.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:mail-events';
const SET = 'arn:aws:ses:us-east-1:000000000000:configuration-set/mail';
const IDENTITY = 'arn:aws:ses:us-east-1:000000000000:identity/insurer.example';
const FEEDBACK = queueNamed('feedback', {
  policy: [
    {
      effect: 'Allow',
      principals: ['sns.amazonaws.com'],
      actions: ['sqs:SendMessage'],
      resources: ['arn:aws:sqs:us-east-1:000000000000:feedback'],
      conditions: { ArnEquals: { 'aws:SourceArn': [TOPIC] } },
    },
  ],
});
const RESOURCES: Partial<Resources> = {
  queues: [FEEDBACK],
  topics: [
    {
      logicalId: 'MailEvents',
      name: 'mail-events',
      arn: TOPIC,
      policy: [
        {
          effect: 'Allow',
          principals: ['ses.amazonaws.com'],
          actions: ['sns:Publish'],
          resources: [TOPIC],
          conditions: { StringEquals: { 'aws:SourceAccount': ['000000000000'] } },
        },
      ],
    },
  ],
  subscriptions: [
    { logicalId: 'Sub', topicArn: TOPIC, protocol: 'sqs', endpointArn: FEEDBACK.arn, rawMessageDelivery: false },
  ],
  configurationSets: [
    {
      logicalId: 'Set',
      name: 'mail',
      arn: SET,
      destinations: [
        { name: 'all', topicArn: TOPIC, events: ['send', 'delivery', 'bounce', 'complaint', 'click'], enabled: true },
      ],
    },
  ],
  emailIdentities: [{ logicalId: 'Identity', name: 'insurer.example', arn: IDENTITY }],
};

const rawMail = (more = '', from = '=?UTF-8?B?5L+d6Zmp?= <renewals@news.insurer.example>'): Buffer =>
  Buffer.from(
    `From: ${from}\r\nTo: Zhang San <zhang@customer.example>\r\nSubject: =?UTF-8?B?5L+d5Y2V57ut5L+d?=\r\n` +
      `List-Unsubscribe: <https://x.example/u/1>,\r\n <mailto:u@x.example>\r\n${more}MIME-Version: 1.0\r\n\r\nHello`,
  );

const setUp = (world: TestWorld): Ses => {
  const sns = createSns(world, { faults: world.faults });
  const ses = createSes(world, { faults: world.faults });
  world.onDeliver = (arn, body) => (arn === TOPIC ? sns.publish(arn, body) : undefined);
  return ses;
};

/** The SES events that reached the queue, out of their envelopes. */
const eventsOf = (world: TestWorld) =>
  world.delivered
    .filter(({ arn }) => arn === FEEDBACK.arn)
    .map(({ body }) => JSON.parse(body) as { Type: string; Message: string })
    .map(({ Message: message }) => JSON.parse(message) as Record<string, Record<string, unknown>>);

describe('SES', () => {
  let world: TestWorld;
  let ses: Ses;
  let client: SESClient;
  beforeEach(async () => {
    world = createTestWorld(RESOURCES);
    ses = setUp(world);
    client = new SESClient(clientSettings(await world.serve(ses)));
  });
  afterEach(async () => {
    client.destroy();
    await world.close();
  });
  const send = (raw = rawMail(), more: Partial<SendRawEmailCommand['input']> = {}) =>
    client.send(
      new SendRawEmailCommand({
        RawMessage: { Data: raw },
        ConfigurationSetName: 'mail',
        Destinations: ['zhang@customer.example'],
        Tags: [
          { Name: 'party', Value: 'p1' },
          { Name: 'step', Value: 'm60' },
        ],
        ...more,
      }),
    );

  test('takes a raw mail into the accept log, as it was sent', async () => {
    const { MessageId: messageId } = await send();
    expect(messageId).toMatch(/^0100[0-9a-f]{12}-[0-9a-f-]{36}-000000$/);
    const [mail] = ses.mailbox.list({}).items;
    expect(mail).toMatchObject({
      id: '1',
      messageId,
      at: world.clock.now(),
      to: ['zhang@customer.example'],
      from: '保险 <renewals@news.insurer.example>',
      subject: '保单续保',
      tags: { party: 'p1', step: 'm60' },
      principal: 'operator',
    });
    expect(mail?.headers).toContainEqual({
      name: 'List-Unsubscribe',
      value: '<https://x.example/u/1>, <mailto:u@x.example>',
    });
    expect(ses.mailbox.raw('1')).toEqual(rawMail());
  });

  test('feeds back Send and Delivery at once through the topic, and nothing else', async () => {
    const { MessageId: messageId } = await send();
    await expect.poll(() => eventsOf(world).length).toBe(2);
    const [sent, delivered] = eventsOf(world);
    expect(sent).toMatchObject({
      eventType: 'Send',
      send: {},
      mail: {
        timestamp: '2019-01-31T09:00:00.000Z',
        messageId,
        destination: ['zhang@customer.example'],
        headersTruncated: false,
        commonHeaders: { subject: '保单续保', messageId },
        tags: { party: ['p1'], step: ['m60'], 'ses:configuration-set': ['mail'] },
      },
    });
    expect(delivered).toMatchObject({
      eventType: 'Delivery',
      delivery: { recipients: ['zhang@customer.example'], timestamp: '2019-01-31T09:00:00.000Z' },
    });
    const envelope = JSON.parse(world.delivered.at(-1)?.body ?? '') as Record<string, string>;
    expect(Object.keys(envelope).sort()).toEqual([
      'Message',
      'MessageId',
      'Signature',
      'SignatureVersion',
      'SigningCertURL',
      'Timestamp',
      'TopicArn',
      'Type',
      'UnsubscribeURL',
    ]);
    expect(ses.busy?.()).toBe(0);
  });

  test('what a mailbox does is asked for: bounces of each kind, complaint, click, delivery, at any time', async () => {
    await send();
    ses.feedback('1', { type: 'Bounce' });
    ses.feedback('1', { type: 'Bounce', subType: 'Transient' });
    ses.feedback('1', { type: 'Bounce', subType: 'MailboxFull' });
    ses.feedback('1', { type: 'Complaint' });
    ses.feedback('1', { type: 'Click', link: 'https://insurer.example/r/x' });
    await expect.poll(() => eventsOf(world).length).toBe(7);
    const [hard, soft, full, complaint, click] = eventsOf(world).slice(2);
    expect(hard).toMatchObject({ bounce: { bounceType: 'Permanent', bounceSubType: 'General' } });
    expect(hard?.['bounce']?.['bouncedRecipients']).toMatchObject([
      { emailAddress: 'zhang@customer.example', action: 'failed', status: '5.1.1' },
    ]);
    expect(soft).toMatchObject({ bounce: { bounceType: 'Transient', bounceSubType: 'General' } });
    expect(full).toMatchObject({ bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull' } });
    expect(complaint).toMatchObject({ eventType: 'Complaint', complaint: { complaintFeedbackType: 'abuse' } });
    expect(click).toMatchObject({ click: { link: 'https://insurer.example/r/x' } });

    ses.feedback('1', { type: 'Delivery', at: '2019-02-01T00:00:00Z' });
    expect(ses.nextDueAt?.()).toBe(Date.parse('2019-02-01T00:00:00Z'));
    expect(await ses.run?.()).toBe(false);
    world.setNow('2019-02-01T00:00:00Z');
    expect(await ses.run?.()).toBe(true);
    expect(eventsOf(world).at(-1)).toMatchObject({ delivery: { timestamp: '2019-02-01T00:00:00.000Z' } });

    expect(() => ses.feedback('1', { type: 'Open' })).toThrow(/publishes no Open events/);
    expect(() => ses.feedback('9', { type: 'Bounce' })).toThrow(/no mail 9/);
    expect(() => ses.feedback('1', { type: 'Bounce', subType: 'Soft' })).toThrow(/"Soft" is unknown/);
  });

  test('refuses a sender it does not know, a bad address, a bad tag, an unknown set', async () => {
    const cases: [Promise<unknown>, string][] = [
      [send(rawMail('', 'a@other.example')), 'MessageRejected'],
      [send(rawMail('', 'a@notinsurer.example')), 'MessageRejected'],
      [send(rawMail(), { Source: 'b@other.example' }), 'MessageRejected'],
      [send(rawMail(), { Destinations: ['no-domain'] }), 'InvalidParameterValue'],
      [send(rawMail(), { Destinations: ['名字@customer.example'] }), 'InvalidParameterValue'],
      [send(rawMail(), { Tags: [{ Name: 'party', Value: 'a b' }] }), 'InvalidParameterValue'],
      [send(rawMail(), { ConfigurationSetName: 'other' }), 'ConfigurationSetDoesNotExistException'],
      [send(rawMail(), { Destinations: Array.from({ length: 51 }, (_, n) => `a${n}@b.example`) }), 'MessageRejected'],
    ];
    for (const [call, name] of cases) await expect(call).rejects.toMatchObject({ name });
    expect(ses.mailbox.count()).toBe(0);
    expect(world.delivered).toEqual([]);
  });

  test('S20 a second From or Bcc line is refused', async () => {
    await expect(send(rawMail('Bcc: a@x.example\r\nBcc: b@x.example\r\n'))).rejects.toThrow(/Duplicate header 'Bcc'/);
    await expect(send(rawMail('From: x@insurer.example\r\n'))).rejects.toThrow(/Duplicate header 'From'/);
  });

  test('F28 10 MB is the most', async () => {
    const body = Buffer.alloc(10_485_760 - rawMail().length, 'x');
    await send(Buffer.concat([rawMail(), body]));
    await expect(send(Buffer.concat([rawMail(), body, Buffer.from('x')]))).rejects.toThrow(/more than 10485760 bytes/);
  });

  test('F20 the daily quota is counted over 24 virtual hours, the rate over a real second', async () => {
    ses.setQuota({ perDay: 2 });
    await send();
    await send();
    await expect(send()).rejects.toMatchObject({ name: 'Throttling', message: 'Daily message quota exceeded.' });
    expect(await client.send(new GetSendQuotaCommand({}))).toMatchObject({ Max24HourSend: 2, SentLast24Hours: 2 });
    world.moveBy(86_400_000);
    await send();
    ses.setQuota({ perSecond: 1 });
    await send();
    await expect(send()).rejects.toMatchObject({ name: 'Throttling', message: 'Maximum sending rate exceeded.' });
  });

  test('F20 an account without a daily limit says -1, which is no limit and not no room', async () => {
    const quota = createSendQuota(createMemoryTable(), cachedLimits(createSesLimits(client)));
    expect(await client.send(new GetSendQuotaCommand({}))).toMatchObject({ Max24HourSend: -1 });
    expect(await quota.lease('marketing', 50, world.clock.now())).toEqual({ granted: 50 });
  });

  test('F21 a paused account refuses', async () => {
    ses.pause(true);
    await expect(send()).rejects.toMatchObject({ name: 'AccountSendingPausedException' });
    ses.pause(false);
    await send();
  });

  test('F04 a lost reply is an accepted mail: the SDK alone would send it again', async () => {
    world.faults.set([{ service: 'ses', action: 'SendRawEmail', mode: 'drop-reply', times: 1 }]);
    await expect(send()).rejects.toThrow();
    expect(ses.mailbox.count()).toBe(1);
    world.faults.set([{ service: 'ses', mode: 'error-after', times: 2 }]);
    const patient = new SESClient({ ...clientSettings(await world.serve(ses)), maxAttempts: 3 });
    await patient.send(new SendRawEmailCommand({ RawMessage: { Data: rawMail() }, Destinations: ['a@b.example'] }));
    patient.destroy();
    expect(ses.mailbox.count()).toBe(4);
  });

  test('F02 F10 an event can be lost or told twice, by its kind', async () => {
    world.faults.set([
      { service: 'ses', action: 'Event:Send', mode: 'lose', times: 1 },
      { service: 'ses', action: 'Event:Delivery', mode: 'duplicate', times: 1 },
    ]);
    await send();
    await expect.poll(() => eventsOf(world).map(({ eventType }) => eventType)).toEqual(['Delivery', 'Delivery']);
  });

  test('finds mails by recipient, tag and time, page by page', async () => {
    for (let n = 0; n < 5; n++) {
      await send(rawMail(), { Destinations: [`c${n % 2}@customer.example`], Tags: [{ Name: 'step', Value: `s${n}` }] });
      world.moveBy(60_000);
    }
    const ids = (query: Parameters<Ses['mailbox']['list']>[0]) => ses.mailbox.list(query).items.map(({ id }) => id);
    expect(ids({ to: 'C0@customer.example' })).toEqual(['1', '3', '5']);
    expect(ids({ tags: { step: 's3' } })).toEqual(['4']);
    const first = ses.mailbox.list({ limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(['1', '2']);
    expect(ids({ limit: 3, cursor: first.next ?? '' })).toEqual(['3', '4', '5']);
    expect(ses.mailbox.list({ limit: 5 }).next).toBeUndefined();
  });

  test('asks IAM for the identity and the configuration set, with the From address', async () => {
    const body = new URLSearchParams({
      Action: 'SendRawEmail',
      Version: '2010-12-01',
      'RawMessage.Data': rawMail().toString('base64'),
      ConfigurationSetName: 'mail',
    });
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(body.toString()),
      principal: 'SendMail',
    };
    expect(ses.accepts(request)).toBe(true);
    expect(ses.actionOf(request)).toEqual({
      action: 'ses:SendRawEmail',
      resources: [IDENTITY, SET],
      context: { 'ses:FromAddress': 'renewals@news.insurer.example' },
    });
  });

  test('refuses by name what it does not cover', async () => {
    const command = new SendEmailCommand({ Source: 'a@insurer.example', Destination: {}, Message: undefined });
    await expect(client.send(command)).rejects.toThrow(/ses:SendEmail is not covered/);
    await expect(send(rawMail(), { SourceArn: IDENTITY })).rejects.toThrow(/SourceArn is not covered/);
    await expect(send(rawMail('X-SES-MESSAGE-TAGS: a=b\r\n'))).rejects.toThrow(/X-SES-MESSAGE-TAGS is not covered/);
  });
});

test('F01 a kill between accept and delivery loses no event: the next start delivers it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ses-'));
  const file = join(folder, 'state.sqlite');
  const before = createTestWorld(RESOURCES, file);
  const ses = setUp(before);
  before.onDeliver = () => new Promise(() => {});
  const client = new SESClient(clientSettings(await before.serve(ses)));
  await client.send(new SendRawEmailCommand({ RawMessage: { Data: rawMail() }, ConfigurationSetName: 'mail' }));
  client.destroy();
  const after = createTestWorld(RESOURCES, file);
  const again = setUp(after);
  expect(again.mailbox.count()).toBe(1);
  expect(again.busy?.()).toBe(2);
  await again.run?.();
  expect(eventsOf(after).map(({ eventType }) => eventType)).toEqual(['Send', 'Delivery']);
  await after.close();
  await before.close();
  rmSync(folder, { recursive: true });
});

test('a queue that does not let the topic in stops the start', () => {
  const world = createTestWorld({ ...RESOURCES, queues: [{ ...FEEDBACK, policy: [] }] });
  expect(() => createSns(world)).toThrow(/does not let sns.amazonaws.com sqs:SendMessage/);
  world.db.close();
});
