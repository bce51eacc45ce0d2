import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { createReceipt } from '../../../infra/local/fakes/ses/receipt.ts';
import { writeReply } from '../../../infra/local/fakes/ses/write-reply.ts';
import type { BucketResource, ReceiptRuleResource, Resources } from '../../../infra/local/template/resources.ts';
import { type Instant, parseInstant } from '../../../shared/platform/time.ts';
import { createTestWorld } from './world.ts';

const RULE_ARN = 'arn:aws:ses:us-east-1:000000000000:receipt-rule-set/set:receipt-rule/replies';
const BUCKET: BucketResource = {
  logicalId: 'Inbound',
  name: 'inbound',
  arn: 'arn:aws:s3:::inbound',
  versioned: false,
  notifications: [],
  corsOrigins: [],
  policy: [
    {
      effect: 'Allow',
      principals: ['ses.amazonaws.com'],
      actions: ['s3:PutObject'],
      resources: ['arn:aws:s3:::inbound/mail/*'],
      conditions: { StringEquals: { 'aws:SourceArn': [RULE_ARN] } },
    },
  ],
};
const RULE: ReceiptRuleResource = {
  logicalId: 'Rule',
  name: 'replies',
  arn: RULE_ARN,
  enabled: true,
  recipients: ['in.insurer.example'],
  scans: true,
  bucketName: 'inbound',
  prefix: 'mail/',
};
const RESOURCES: Partial<Resources> = {
  buckets: [BUCKET],
  receiptRules: [RULE],
  emailIdentities: [{ logicalId: 'I', name: 'insurer.example', arn: 'arn:aws:ses:::identity/insurer.example' }],
};

const start = (more: Partial<Resources> = {}) => {
  const files = new Map<string, Buffer>();
  const receipt = createReceipt(createTestWorld({ ...RESOURCES, ...more }), async (bucket, key, bytes) => {
    files.set(`${bucket}/${key}`, bytes);
  });
  return { files, receipt };
};
const RAW = Buffer.from('From: ann@example.com\r\nTo: care@in.insurer.example\r\n\r\nHello\r\n');
const ENVELOPE = { from: 'ann@example.com', to: ['Care+abc@in.insurer.example'] };

describe('SES, the other way round', () => {
  test('puts a mail into the bucket, its own lines on top, the mail as it came', async () => {
    const { files, receipt } = start();
    const key = await receipt.receive(RAW, ENVELOPE);
    expect(key).toMatch(/^mail\/[0-9a-f]{32}$/);
    const kept = files.get(`inbound/${key}`)?.toString() ?? '';
    expect(kept.endsWith(RAW.toString())).toBe(true);
    expect(kept).toContain('Return-Path: <ann@example.com>\r\n');
    expect(kept).toContain('X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n');
    expect(kept).toMatch(/^Received: [^\r]*\r\n by inbound-smtp[^\r]*\r\n for Care\+abc@in\.insurer\.example;/m);
    // each copy is a file of its own
    expect(await receipt.receive(RAW, ENVELOPE)).not.toBe(key);
  });

  test('finds spam and viruses by the marks that tests have for them', async () => {
    const { files, receipt } = start();
    const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
    const key = await receipt.receive(Buffer.concat([RAW, Buffer.from(gtube)]), ENVELOPE);
    expect(files.get(`inbound/${key}`)?.toString()).toContain('X-SES-Spam-Verdict: FAIL');
  });

  test.each<[string, Partial<Resources>, readonly string[]]>([
    ['another domain', {}, ['care@insurer.example']],
    ['a rule that is off', { receiptRules: [{ ...RULE, enabled: false }] }, ENVELOPE.to],
  ])('sends back what no rule takes: %s', async (_, more, to) => {
    const { files, receipt } = start(more);
    await expect(receipt.receive(RAW, { from: 'a@b.example', to })).rejects.toMatchObject({ code: 'not-found' });
    expect(files.size).toBe(0);
  });

  test.each<[string, Partial<Resources>]>([
    ['a bucket that does not let SES in', { buckets: [{ ...BUCKET, policy: [] }] }],
    ['a policy for another rule', { receiptRules: [{ ...RULE, arn: `${RULE_ARN}2` }] }],
    ['a bucket that is not there', { buckets: [] }],
    ['a bucket that locks its files', { buckets: [{ ...BUCKET, objectLock: { mode: 'GOVERNANCE', days: 1 } }] }],
    ['a domain of others', { receiptRules: [{ ...RULE, recipients: ['in.other.example'] }] }],
  ])('stops the start where the cloud would lose each mail: %s', (_, more) => {
    expect(() => start(more)).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });

  test('writes an answer as a mail program does', async () => {
    const at = parseInstant('2019-01-31T09:00:00Z') as Instant;
    const mail = {
      id: '1',
      messageId: '0100-1-000000',
      at,
      to: ['ann@example.com'],
      from: '"恒湖保险" <service@insurer.example>',
      subject: '您的保单',
      headers: [{ name: 'Reply-To', value: '"x" <care+abc@in.insurer.example>' }],
      tags: {},
      configurationSet: undefined,
      principal: 'f',
    };
    const { raw, from, to } = writeReply(mail, '请回电。😀', at, { 'Auto-Submitted': 'auto-replied' });
    expect([from, to]).toEqual(['ann@example.com', ['care+abc@in.insurer.example']]);
    const parsed = await simpleParser(raw);
    expect(parsed.subject).toBe('Re: 您的保单');
    expect(parsed.inReplyTo).toBe('<0100-1-000000@email.amazonses.com>');
    expect(parsed.headers.get('auto-submitted')).toBe('auto-replied');
    expect(parsed.text).toMatch(/^请回电。😀\n\nOn Thu, 31 Jan 2019 .* wrote:\n\n> 您的保单/);
    expect(writeReply(mail, '请回电。😀', at).raw).toEqual(writeReply(mail, '请回电。😀', at).raw);
  });
});
