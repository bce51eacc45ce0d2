import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { createMailComposer } from '../../functions/send-mail/compose-mail.ts';
import { shippedSurveys } from '../../shared/campaign/programmes.ts';
import { createMailRenderer, type MailInput } from '../../shared/content/render-mail.ts';
import { createShippedTemplates, shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createReplyAddresses } from '../../shared/inbound/reply-address.ts';
import { readMessageClaim } from '../../shared/message/click.ts';
import { createClickTargets } from '../../shared/message/click-targets.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { createLinks } from '../../shared/message/links.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { Recipient } from '../../shared/message/send-ports.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { type EventLog, type Meter, silentLog } from '../../shared/platform/logging.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { type CivilDate, DAY, type Instant } from '../../shared/platform/time.ts';
import { createSending, NOW, namesOf, orderOf } from './sending.ts';

const record = (messageId: string, body: string): SQSRecord =>
  ({ messageId, body, attributes: { ApproximateReceiveCount: '1' } }) as SQSRecord;
const eventOf = (bodies: readonly unknown[]): SQSEvent => ({
  Records: bodies.map((body, n) => record(`m${n}`, typeof body === 'string' ? body : JSON.stringify(body))),
});
const context = {} as Context;
const MISSING = { kind: 'failed', reason: 'missing-value', detail: 'offer.premium' } as const;

describe('the consumer of the send queues', () => {
  const start = async (people: Parameters<typeof createSending>[0]) => {
    const sending = await createSending(people);
    const metrics: unknown[] = [];
    const logged: unknown[] = [];
    const meter: Meter = { count: (...given) => metrics.push(given) };
    const log: EventLog = {
      ...silentLog,
      info: (...given) => logged.push(given),
      error: (...given) => logged.push(given),
    };
    const counts = createOutcomeCounts(sending.memory);
    const health = createCampaignHealth(sending.memory);
    const ports = { current: async () => sending.ports };
    const handler = orderHandler({
      name: 'send-mail',
      decide: async (orders) => sendMail(await ports.current(), orders),
      counts,
      health,
      clock: () => NOW,
      log,
      meter,
    });
    const run = async (bodies: readonly unknown[]): Promise<string[]> =>
      (await handler(eventOf(bodies), context)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    return { ...sending, metrics, logged, counts, health, ports, run };
  };

  test('F08, F09: poison among good orders: only the poison comes back, the good ones went', async () => {
    const { run, calls, metrics, counts, logged } = await start([{ n: 0 }, { n: 1, profile: { email: undefined } }]);
    const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`;
    const poison = ['null', '{', deep, '{}', { ...orderOf(0), channel: 'pigeon' }, { ...orderOf(0), enrolments: [] }];
    expect(await run([orderOf(0), ...poison, orderOf(1)])).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    expect(calls.length).toBe(1);
    const dimensions = { campaign: 'renewal', step: 'm30', sendClass: 'service' };
    expect(metrics).toEqual([
      ['MessagesSent', 1, dimensions],
      ['MessagesSkipped', 1, dimensions],
    ]);
    expect(await counts.of('2019-01-31' as CivilDate)).toEqual(
      expect.arrayContaining([
        { campaign: 'renewal', step: 'm30', outcome: 'sent', count: 1 },
        { campaign: 'renewal', step: 'm30', outcome: 'skipped', reason: 'no-email', count: 1 },
      ]),
    );
    // S36, N7
    expect(JSON.stringify(logged)).not.toContain('example.com');
  });

  test('a batch that cannot be read comes back whole, and nothing was sent', async () => {
    const { run, calls, ports } = await start([{ n: 0 }]);
    ports.current = () =>
      Promise.reject(new EngagementError('unavailable', 'secret store is away', { retryable: true }));
    expect(await run([orderOf(0), 'x'])).toEqual(['m1', 'm0']);
    expect(calls).toEqual([]);
  });

  test('what a batch did is told to the watch over the campaign: taken, failed, failed in a row', async () => {
    const { run, health, ports } = await start([{ n: 0 }, { n: 1 }, { n: 2 }]);
    await run([orderOf(0)]);
    const failing = { ...(await ports.current()), compose: async () => MISSING };
    ports.current = async () => failing;
    await run([orderOf(1), orderOf(2)]);
    expect(await health.of('renewal', NOW)).toEqual({
      accepted: 1,
      failed: 2,
      streak: 2,
      complaints: 0,
      hardBounces: 0,
    });
  });

  test('a repeated batch is counted once', async () => {
    const { run, metrics, counts } = await start([{ n: 0 }]);
    for (let time = 0; time < 3; time += 1) expect(await run([orderOf(0)])).toEqual([]);
    expect(metrics).toHaveLength(1);
    expect(await counts.of('2019-01-31' as CivilDate)).toMatchObject([{ outcome: 'sent', count: 1 }]);
  });
});

describe('composing a mail', () => {
  const links = createLinks(Buffer.alloc(32, 7), 'https://renewals.example.com');
  const templates = createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url)));
  const addresses = createReplyAddresses(Buffer.alloc(32, 7));
  const parts = {
    templates,
    renderer: createMailRenderer(),
    links,
    addresses,
    targets: { keep: async () => {} },
    domain: 'mail.example.com',
    claimOf: async () => undefined,
  };
  const compose = createMailComposer(parts);
  const recipientOf = async (more: Partial<SendOrder>, locale = 'en'): Promise<Recipient> => {
    const { ports, gateOf } = await createSending([{ n: 0, profile: { locale, name: { full: 'Ann Example' } } }]);
    const templateVersion = shippedIndex['renewal-m30']?.version as string;
    const order = orderOf(0, { template: 'renewal-m30', templateVersion, ...more });
    const { partyId, policyId } = namesOf(0);
    const [profile, policy] = [
      (await ports.profiles.getMany([partyId])).get(partyId),
      (await ports.policies.getMany([policyId])).get(policyId),
    ];
    if (!profile || !policy) throw new Error('no recipient');
    return { order, gate: await gateOf(0), enrolments: [], profile, policies: [policy], control: { kind: 'go' } };
  };
  const headerOf = (text: string, name: string): string =>
    new RegExp(`^${name}: ((?:.|\r\n[ \t])*)`, 'im').exec(text)?.[1]?.replace(/\r\n[ \t]/g, ' ') ?? '';

  test.each(['en', 'zh-CN'])(
    'in %s: links signed for this person, one-click unsubscribe of this class',
    async (locale) => {
      const mail = await compose(await recipientOf({}, locale), NOW, NOW);
      if (mail.kind !== 'rendered') throw new Error(mail.reason);
      const raw = Buffer.from(mail.raw).toString();
      const { partyId, policyId } = namesOf(0);
      const [, url = ''] = /<(https:[^>]+\/u\/[^>]+)>/.exec(headerOf(raw, 'List-Unsubscribe')) ?? [];
      expect(links.read('unsubscribe', url.split('/u/')[1] ?? '', NOW)).toMatchObject({
        kind: 'valid',
        claims: { partyId, policyId, campaign: 'renewal', step: 'm30', sendClass: 'service' },
      });
      const parsed = await simpleParser(Buffer.from(mail.raw));
      // a reply, and a mail to the list's address, find the customer (ADR 0114)
      const [, stop = ''] = /<mailto:([^?]+)\?subject=unsubscribe>/.exec(headerOf(raw, 'List-Unsubscribe')) ?? [];
      const claims = { partyId, sendClass: 'service' };
      expect(parsed.replyTo?.value[0]?.name).toBe(locale === 'en' ? 'Evermere Insurance' : '恒湖保险');
      expect(addresses.read(parsed.replyTo?.value[0]?.address ?? '')).toMatchObject({
        claims: { ...claims, use: 'reply' },
      });
      expect(addresses.read(stop)).toMatchObject({ claims: { ...claims, use: 'unsubscribe' } });
      const [, token = ''] = /renewals\.example\.com\/r\/([\w-]+)/.exec(parsed.html || '') ?? [];
      expect(links.read('renew', token, NOW)).toMatchObject({
        kind: 'valid',
        claims: { partyId, occurrence: '2018-02-14' },
      });
      expect(parsed.from?.value[0]?.address).toMatch(/@mail\.example\.com$/);
      // S31: nothing personal in any address
      for (const [address] of `${parsed.html} ${parsed.text}`.matchAll(/https:\/\/renewals[^\s"<)]+/g))
        expect(address).not.toMatch(/person0|Ann|N0\b/);
    },
  );

  test('S27 S3: an invite’s link opens its survey in the version that was approved; no other mail has one', async () => {
    const template = 'renewal-survey';
    const asking = { template, templateVersion: shippedIndex[template]?.version as string };
    const [survey, surveyVersion] = ['renewal', shippedSurveys.renewal?.version as string];
    const mail = await compose(await recipientOf({ ...asking, survey, surveyVersion }), NOW, NOW);
    if (mail.kind !== 'rendered') throw new Error(mail.reason);
    const { text = '' } = await simpleParser(Buffer.from(mail.raw));
    const [, token = ''] = /renewals\.example\.com\/s\/([\w-]+)/.exec(text) ?? [];
    expect(links.read('survey', token, NOW)).toMatchObject({ kind: 'valid', claims: { survey, surveyVersion } });
    expect(await compose(await recipientOf(asking), NOW, NOW)).toEqual({
      kind: 'failed',
      reason: 'missing-value',
      detail: expect.stringContaining('links.survey'),
    });
  });

  test('F34: made from the version that was approved, though a newer one is there', async () => {
    const approved = shippedIndex['renewal-m30']?.version as string;
    const shipped = await templates.load('renewal-m30', approved);
    if (shipped.kind !== 'mail') throw new Error('no mail');
    const newer = shipped.variants.map((variant) => ({ ...variant, subject: 'newer', hash: 'newer' }));
    const both = {
      current: async () => 'newer',
      load: async (_: string, version: string) =>
        version === approved ? shipped : { ...shipped, version, variants: newer },
    };
    const mail = await createMailComposer({ ...parts, templates: both })(await recipientOf({}), NOW, NOW);
    expect(mail).toMatchObject({ kind: 'rendered', content: { version: approved } });
    if (mail.kind === 'rendered') expect(headerOf(Buffer.from(mail.raw).toString(), 'Subject')).not.toBe('newer');
  });

  test('links to other sites are click links where the campaign asks for it; their targets are kept before', async () => {
    const table = createMemoryTable();
    const targets = createClickTargets(table);
    const url = 'https://www.evermere.example/tips';
    const shipped = await templates.load('renewal-m30', shippedIndex['renewal-m30']?.version as string);
    if (shipped.kind !== 'mail') throw new Error('no mail');
    const variants = shipped.variants.map((one) => ({ ...one, html: `${one.html}<a href="${url}">tips</a>` }));
    const linked = { current: async () => 'v', load: async () => ({ ...shipped, variants }) };
    const composing = createMailComposer({ ...parts, targets, templates: linked });
    const plain = await composing(await recipientOf({}), NOW, NOW);
    expect(table.all()).toEqual([]);
    const row = (NOW - DAY) as Instant;
    const mail = await composing(await recipientOf({ trackClicks: true }), NOW, row);
    if (plain.kind !== 'rendered' || mail.kind !== 'rendered') throw new Error('no mail');
    const html = (await simpleParser(Buffer.from(mail.raw))).html || '';
    expect((await simpleParser(Buffer.from(plain.raw))).html).toContain(url);
    expect(html).not.toContain(url);

    const [address = '', token = ''] = /https:\/\/renewals\.example\.com\/c\/([\w-]+)/.exec(html) ?? [];
    expect(address.length).toBeLessThan(220);
    const { partyId } = namesOf(0);
    const reading = links.read('click', token, NOW);
    if (reading.kind !== 'valid') throw new Error(reading.kind);
    const { target = '', message = '', ...claims } = reading.claims;
    expect(claims).toMatchObject({ partyId, campaign: 'renewal', occurrence: '2018-02-14', step: 'm30' });
    expect(readMessageClaim(message)).toEqual({ kind: 'message', at: row, id: orderOf(0).sendId });
    expect(await targets.find(target)).toBe(url);
    // the links of our own pages stay ours: no page of ours is reached by two hops
    expect(html).toContain('https://renewals.example.com/r/');
    // proof: made again from what is kept, it has the same bytes
    const again = createMailRenderer().render({
      ...(mail.content.input as unknown as MailInput),
      template: { ...shipped, variants },
    });
    expect(again.kind === 'rendered' && Buffer.from(again.raw).equals(Buffer.from(mail.raw))).toBe(true);
  });

  test('a statutory notice cannot be unsubscribed from', async () => {
    const mail = await compose(await recipientOf({ sendClass: 'statutory' }), NOW, NOW);
    if (mail.kind !== 'rendered') throw new Error(mail.reason);
    expect(headerOf(Buffer.from(mail.raw).toString(), 'List-Unsubscribe')).toBe('');
    const { html, text } = await simpleParser(Buffer.from(mail.raw));
    expect(`${html}${text}`).not.toContain('renewals.example.com/u/');
  });
});
