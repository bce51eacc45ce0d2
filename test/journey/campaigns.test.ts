import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, type MailItem, startSystem } from '../support/local-system.ts';
import { broadcast } from './support/definitions.ts';
import { deadLettersOf, type History, historyOf } from './support/observe.ts';
import { customerNoOf, emailOf, type SmallPolicy, writeSmallBook } from './support/small-book.ts';
import { accountedFor, type Staff, staffOf } from './support/staff.ts';

const VERIFY = fileURLToPath(new URL('../../scripts/verify-proof.ts', import.meta.url));

/** What may still go when a campaign is paused or cancelled: a batch of ten of each sender at work, of which a local system
 *  has four. */
const IN_FLIGHT = 40;
const DAY = 86_400_000;
const mailStep = (template: string) => ({ id: 'hello', do: { send: 'email', template } });
const SERVICE = { class: 'service', steps: [mailStep('missing-data')] };

/**
 * Campaigns to an audience, from the definition to the last outcome, by the API of a running system. Each test has people of
 * its own, for a customer gets one advertisement a week, and takes the clock from where the one before left it.
 */

const group = (letter: string, count: number, more: Partial<SmallPolicy> = {}): readonly SmallPolicy[] =>
  Array.from({ length: count }, (_, n) => ({
    policyNo: `${letter}${String(n + 1).padStart(2, '0')}`,
    renewsOn: '2019-12-10',
    marketing: 'Y',
    phone: '+34600000000',
    ...more,
  }));

const news = [
  ...group('N', 6),
  ...group('NN', 1, { marketing: 'N' }),
  ...group('NU', 1, { marketing: '' }),
  ...group('NE', 1, { email: '' }),
  ...group('NP', 2, { phone: '' }),
];
const book = {
  news,
  // gets service mail only, which has no cap, so several tests can share it
  many: group('M', 60),
  stopped: group('S', 4),
  failing: group('F', 3),
  law: group('QA', 5),
  service: group('QB', 5),
  advertising: group('QC', 5),
  pinned: group('T', 3),
};
const numbersOf = (policies: readonly SmallPolicy[]): string[] => policies.map(customerNoOf);
const addressesOf = (policies: readonly SmallPolicy[]): string[] => policies.map(emailOf).sort();

describe('campaigns, from the definition to the last outcome', { timeout: 60_000 }, () => {
  let system: LocalSystem;
  let history: History;
  let staff: Staff;
  let dir = '';

  /** Mails of a campaign, by virtual time. */
  const mailsOf = async (campaign: string): Promise<readonly MailItem[]> =>
    (await system.mailbox()).filter((mail) => mail.campaign === campaign);
  const recipientsOf = async (campaign: string): Promise<string[]> =>
    (await mailsOf(campaign)).map(({ to }) => /[^\s<]+@[^\s>]+/.exec(to)?.[0] ?? to).sort();
  /** The wall clock in Madrid, to the minute, `minutes` from now. */
  const inMinutes = async (minutes: number): Promise<string> => {
    const at = new Date(Date.parse((await system.status()).now) + minutes * 60_000);
    return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid', dateStyle: 'short', timeStyle: 'short' })
      .format(at)
      .replace(' ', 'T');
  };
  const begin = async (id: string, list: string, more: object = {}): Promise<void> => {
    await staff.approved(broadcast(id, list, await inMinutes(10), more));
    await staff.launch(id);
  };
  const ses = async (settings: object): Promise<void> => {
    const answer = await system.fetch('/local/ses', { method: 'POST', body: JSON.stringify(settings) });
    expect(answer.status).toBe(200);
  };
  /** The most mails in any 24 hours since `since`. */
  const mostInADay = async (since: string): Promise<number> => {
    const times = (await system.mailbox({ after: since })).map(({ at }) => Date.parse(at));
    return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + DAY).length));
  };
  /** Moves the clock with a provider that takes its time, and does something once so many mails of a campaign went.
   *  @returns how many had gone when it was done */
  const inTheMiddle = async (campaign: string, count: number, act: () => Promise<unknown>): Promise<number> => {
    await system.faults([{ service: 'ses', action: 'SendRawEmail', mode: 'delay', ms: 150 }]);
    let isOver = false;
    const move = system.clock({ by: 'PT20M' }).finally(() => {
      isOver = true;
    });
    while ((await mailsOf(campaign)).length < count) expect(isOver, 'the middle was missed').toBe(false);
    await act();
    const gone = (await mailsOf(campaign)).length;
    await move;
    await system.faults([]);
    return gone;
  };

  beforeAll(async () => {
    dir = writeSmallBook(Object.values(book).flat());
    // a Tuesday, 9:00 in Madrid
    system = await startSystem({ book: dir, now: '2019-01-08T08:00:00Z' });
    await system.idle();
    history = historyOf(system);
    staff = staffOf(system);
    for (const [name, policies] of Object.entries(book)) await staff.list(name, numbersOf(policies));
  });
  afterAll(async () => {
    await system?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  afterEach(async () => {
    await system.faults([]);
    await ses({});
  });

  test('F32 S10: of two editors one is told; what a caller may not set is refused', async () => {
    const definition = broadcast('editors', 'news', '2019-06-01T10:00');
    const save = (version: number, title: string) =>
      staff.ask('marketing', 'PUT', '/api/campaigns/editors', {
        version,
        definition: { ...definition, title: { 'zh-CN': title, en: title } },
      });
    expect((await save(0, 'first')).status).toBe(200);
    const answers = await Promise.all([save(1, 'one'), save(1, 'another')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.json.error.problems[0]).toMatchObject({ version: 2 });
    for (const body of [
      { version: 2, definition, approvedBy: 'me' },
      { version: 2, definition: { ...definition, state: 'live' } },
      `{"version":2,"definition":${JSON.stringify(definition)},"__proto__":{"state":"live"}}`,
    ])
      expect((await staff.ask('marketing', 'PUT', '/api/campaigns/editors', body)).status).toBe(400);
    expect(await staff.get('/api/campaigns/editors')).toMatchObject({ version: 2, state: 'draft' });
  });

  test('S12 S14 C6: nobody approves what is not theirs to approve, and only what was approved and looked at goes', async () => {
    const rule = {
      combinator: 'and',
      rules: [{ field: 'customer.hasPhone', operator: '=', value: true }],
    };
    const definition = broadcast('news-1', 'news', '2019-01-08T10:00', { audience: { include: ['news'], rule } });
    const path = '/api/campaigns/news-1';
    await staff.ask('marketing', 'PUT', path, { version: 0, definition });
    const { version, hash } = (await staff.act('news-1', 'submit')).json;
    expect((await staff.ask('marketing', 'POST', `${path}/approve`, { version, hash })).status).toBe(403);
    expect((await staff.act('news-1', 'launch')).json).toMatchObject({ error: { code: 'not-approved' } });
    expect((await staff.ask('approver', 'POST', `${path}/approve`, { version, hash })).status).toBe(200);
    // one changed word, and the approval is void
    const changed = { ...definition, title: { 'zh-CN': '新闻', en: 'News' } };
    await staff.ask('marketing', 'PUT', path, { version: version + 1, definition: changed });
    expect((await staff.act('news-1', 'launch')).json).toMatchObject({ error: { code: 'not-approved' } });
    expect((await staff.ask('approver', 'POST', `${path}/approve`, { version: version + 2, hash })).status).toBe(409);

    await staff.approved(definition);
    expect((await staff.act('news-1', 'launch')).json).toMatchObject({ error: { code: 'pre-flight' } });
    await system.idle();
    expect(await staff.get(`${path}/pre-flight`)).toMatchObject({
      state: 'done',
      audience: 9,
      going: 6,
      skipped: { 'opted-out': 1, 'no-consent': 1, 'no-email': 1 },
      messages: { email: 6 },
      pace: { fits: true },
    });
  });

  test('C8: nothing goes within ten minutes of the launch; cancelled within them, nobody gets it', async () => {
    await system.clock({ to: '2019-01-08T08:55:00Z' });
    await staff.launch('news-1');
    await system.clock({ to: '2019-01-08T09:04:59Z' });
    expect((await staff.act('news-1', 'cancel')).status).toBe(200);
    await system.clock({ to: '2019-01-08T12:00:00Z' });
    expect(await mailsOf('news-1')).toEqual([]);
    const title = { 'zh-CN': '新闻', en: 'News' };
    const copied = await staff.ask('marketing', 'POST', '/api/campaigns/news-1/copy', { id: 'news-2', title });
    expect(copied.status).toBe(200);
  });

  test('C8 N1 N2: launched as a copy, each of the audience gets it once or has the reason why not', async () => {
    const { definition } = await staff.get('/api/campaigns/news-2');
    await staff.approved(definition);
    await staff.launch('news-2');
    await system.clock({ to: '2019-01-08T12:09:59Z' });
    expect(await mailsOf('news-2')).toEqual([]);
    await system.clock({ to: '2019-01-08T13:00:00Z' });
    expect(await recipientsOf('news-2')).toEqual(addressesOf(news.slice(0, 6)));
    const progress = await staff.progress('news-2');
    expect(progress).toMatchObject({
      state: 'finished',
      members: 9,
      ordered: 9,
      sent: 6,
      skipped: { 'opted-out': 1, 'no-consent': 1, 'no-email': 1 },
    });
    expect(accountedFor(progress)).toBe(9);
    expect(await history.messages('N01')).toEqual(['news-2 hello delivered']);
    expect(await history.messages('NN01')).toEqual(['news-2 hello skipped opted-out']);
    expect(await history.messages('NU01')).toEqual(['news-2 hello skipped no-consent']);
    expect(await history.messages('NE01')).toEqual(['news-2 hello skipped no-email']);
    // not of the audience: no row
    expect(await history.messages('NP01')).toEqual([]);
  });

  test('M7 M8: why answers from the kept decision; the proof holds offline, and not with one byte changed', async () => {
    const why = async (policyNo: string) =>
      staff.get(`/api/why?customer=${await history.customerOf(policyNo)}&campaign=news-2`);
    const sent = await why('N01');
    expect(sent.steps[0]).toMatchObject({ state: 'delivered', decision: { replayed: true, answer: { kind: 'send' } } });
    expect((await why('NU01')).steps[0]).toMatchObject({
      state: 'skipped',
      reason: 'no-consent',
      decision: { replayed: true, answer: { kind: 'skip', reason: 'no-consent' } },
    });
    expect(await why('NP01')).toMatchObject({
      steps: [],
      entry: { member: false, deciding: [{ field: 'customer.hasPhone', actual: false }] },
    });

    const bundle = await staff.get(`/api/messages/${sent.customerId}/${sent.steps[0].row}/proof`, 'compliance');
    const file = join(dir, 'proof.json');
    const verified = async (text: string): Promise<string> => {
      writeFileSync(file, text);
      const run = promisify(execFile)(process.execPath, [VERIFY, file]);
      return (await run.catch((error: { stdout: string }) => error)).stdout;
    };
    const text = JSON.stringify(bundle);
    expect(await verified(text)).toContain('\nPROVEN');
    const at = text.indexOf(bundle.body) + 200;
    const flipped = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    expect(await verified(flipped)).toContain('NOT PROVEN');
  });

  test('C8: paused in the middle, nothing more goes until it is resumed; then the rest, each once', async () => {
    await begin('paused', 'many', SERVICE);
    const whenPaused = await inTheMiddle('paused', 3, () => staff.act('paused', 'pause'));
    const afterPause = (await mailsOf('paused')).length;
    expect(afterPause - whenPaused).toBeLessThanOrEqual(IN_FLIGHT);
    expect(afterPause).toBeLessThan(book.many.length);
    await system.clock({ by: 'PT1H' });
    expect((await mailsOf('paused')).length).toBe(afterPause);
    const progress = await staff.progress('paused');
    expect(progress).toMatchObject({ sent: afterPause, pending: 0, failed: {}, skipped: {} });
    expect(accountedFor(progress)).toBe(progress.ordered);
    await staff.act('paused', 'resume');
    await system.clock({ by: 'PT5M' });
    expect(await recipientsOf('paused')).toEqual(addressesOf(book.many));
  });

  test('C32 G6: a global stop holds what is due, its release lets it go', async () => {
    await begin('stopped', 'stopped');
    expect((await staff.ask('marketing', 'POST', '/api/stop', {})).status).toBe(403);
    expect((await staff.ask('compliance', 'POST', '/api/stop', {})).status).toBe(200);
    await system.clock({ by: 'PT20M' });
    expect(await mailsOf('stopped')).toEqual([]);
    expect((await staff.ask('head', 'POST', '/api/stop/release', {})).status).toBe(200);
    await system.clock({ by: 'PT5M' });
    expect(await recipientsOf('stopped')).toEqual(addressesOf(book.stopped));
  });

  test('F33: cancelled in the middle, at most what is in flight still goes; the rest has its reason', async () => {
    await begin('cancelled', 'many', SERVICE);
    const whenCancelled = await inTheMiddle('cancelled', 3, () => staff.act('cancelled', 'cancel'));
    await system.clock({ by: 'PT1H' });
    const sent = (await mailsOf('cancelled')).length;
    expect(sent - whenCancelled).toBeLessThanOrEqual(IN_FLIGHT);
    const progress = await staff.progress('cancelled');
    // who was not queued yet when it was cancelled has no row
    expect(progress).toMatchObject({ state: 'cancelled', sent, pending: 0 });
    expect(progress.skipped.cancelled ?? 0).toBe(progress.ordered - sent);
    expect(new Set(await recipientsOf('cancelled')).size).toBe(sent);
  });

  test('C8: who failed is listed, and gets it when it is sent again', async () => {
    const rejected = { status: 400, code: 'MessageRejected', message: 'Email content is not liked' };
    await system.faults([{ service: 'ses', action: 'SendRawEmail', mode: 'error-before', times: 1, error: rejected }]);
    await begin('failing', 'failing');
    await system.clock({ by: 'PT30M' });
    const progress = await staff.progress('failing');
    expect(progress).toMatchObject({ sent: 2, failed: { rejected: 1 } });
    const run = `/api/campaigns/failing/runs/${progress.occurrence}/failed`;
    const { items } = await staff.get(run);
    expect(items).toMatchObject([{ reason: 'rejected' }]);
    expect(await staff.ask('marketing', 'POST', `${run}/resend`, {})).toMatchObject({ json: { messages: 1 } });
    await system.clock({ by: 'PT10M' });
    expect(await recipientsOf('failing')).toEqual(addressesOf(book.failing));
  });

  test('F20: never over the quota; the rest the next day; the law before service before advertising', async () => {
    // a day on which nothing else went
    const { now: since } = await system.clock({ by: 'P2D' });
    await ses({ perSecond: 4, perDay: 10 });
    const policies = { subject: 'policy', class: 'statutory', steps: [mailStep('premium-due')] };
    await begin('advertising', 'advertising');
    await begin('service', 'service', { ...policies, class: 'service', steps: [mailStep('premium-reminder')] });
    await begin('law', 'law', policies);
    await system.clock({ by: 'PT1H' });
    expect(await recipientsOf('law')).toEqual(addressesOf(book.law));
    expect(await mailsOf('advertising')).toEqual([]);
    await system.clock({ by: 'P2D' });
    expect(await mostInADay(since)).toBeLessThanOrEqual(10);
    for (const name of ['law', 'service', 'advertising'] as const)
      expect(await recipientsOf(name)).toEqual(addressesOf(book[name]));
    expect(await deadLettersOf(system)).toEqual([]);
  });

  test('F21: an account that is paused in the middle loses nobody and writes to nobody twice', async () => {
    await begin('account', 'many', SERVICE);
    await inTheMiddle('account', 3, () => ses({ paused: true }));
    const sent = (await mailsOf('account')).length;
    expect(sent).toBeLessThan(book.many.length);
    await ses({});
    await system.clock({ by: 'PT2H' });
    expect(await recipientsOf('account')).toEqual(addressesOf(book.many));
    expect(accountedFor(await staff.progress('account'))).toBe(book.many.length);
  });

  test('F34: a template saved anew in the middle of a run changes nothing of what was approved', async () => {
    const template = '/api/templates/pinned-hello';
    const copy = await staff.ask('marketing', 'POST', '/api/templates/missing-data/copy', { as: 'pinned-hello' });
    expect(copy.status, JSON.stringify(copy.json)).toBe(200);
    const steps = [
      { id: 'first', do: { send: 'email', template: 'pinned-hello' } },
      { id: 'pause', do: { wait: { for: 'P1D' } } },
      { id: 'second', do: { send: 'email', template: 'pinned-hello' } },
    ];
    await begin('pinned', 'pinned', { class: 'service', steps });
    await system.clock({ by: 'PT30M' });
    const { kind, revision, files } = await staff.get(template);
    const changed = files.map((file: { locale: string; text: string }) => ({
      ...file,
      text: file.text.replace(/^subject: .*$/m, 'subject: Changed meanwhile'),
    }));
    const saved = await staff.ask('marketing', 'PUT', template, { kind, revision, files: changed });
    expect(saved.status, JSON.stringify(saved.json)).toBe(200);
    await system.clock({ by: 'P2D' });
    const mails = await mailsOf('pinned');
    expect(mails.map(({ step }) => step).sort()).toEqual([...Array(3).fill('first'), ...Array(3).fill('second')]);
    expect(new Set(mails.map(({ subject }) => subject)).size).toBe(1);
    expect(mails[0]?.subject).not.toContain('Changed');
    expect(await deadLettersOf(system)).toEqual([]);
  });
});
