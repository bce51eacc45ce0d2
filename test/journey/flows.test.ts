import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillSurvey } from '../../infra/local/sample/fill-survey.ts';
import { type LocalSystem, type MailItem, startSystem } from '../support/local-system.ts';
import { flow } from './support/definitions.ts';
import { deadLettersOf, type History, historyOf, linkIn, principalOf } from './support/observe.ts';
import { customerNoOf, type SmallPolicy, writeSmallBook } from './support/small-book.ts';
import { type Staff, staffOf } from './support/staff.ts';

/** Journeys that begin with an event, an audience or a date, over every wire that they use. The clock goes on from test to
 *  test; each has people of its own. */

let phones = 0;
const person = (policyNo: string, more: Partial<SmallPolicy> = {}): SmallPolicy => {
  phones += 1;
  return { policyNo, renewsOn: '2019-12-10', phone: `+3460000${String(phones).padStart(4, '0')}`, ...more };
};
const family = (letter: string, ...renewals: string[]): readonly SmallPolicy[] =>
  renewals.map((renewsOn, n) => person(`${letter}${n + 1}`, { renewsOn, customerNo: `C-${letter}` }));

const book = {
  texts: [person('R1'), person('R2')],
  vips: [person('V1'), person('V2')],
  complaints: [person('E1'), person('E2'), person('E3'), person('E4')],
  merged: family('MA', '2019-04-10', '2019-04-12', '2019-04-15'),
  killed: family('MB', '2019-04-22', '2019-04-24', '2019-04-27'),
};

/** The insurer's other system, by its own reading of the Standard Webhooks specification. */
const startReceiver = async () => {
  const calls: { id: string; body: string; signed: string; at: string }[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const header = (name: string): string => String(request.headers[name]);
      calls.push({
        id: header('webhook-id'),
        at: header('webhook-timestamp'),
        signed: header('webhook-signature'),
        body,
      });
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    calls,
    answers,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/steps`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
};

describe('journeys by event, audience and date', { timeout: 60_000 }, () => {
  let system: LocalSystem;
  let history: History;
  let staff: Staff;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let dir = '';
  let events = 0;

  const event = async (detailType: string, detail: object): Promise<void> =>
    system.event({
      source: 'customer.events',
      detailType,
      detail: {
        schemaVersion: 1,
        eventId: `event-${++events}`,
        occurredAt: (await system.status()).now,
        ...detail,
      },
    });
  /** What is due now is found by the next tick. */
  const tick = (): Promise<unknown> => system.clock({ by: 'PT1M' });
  const mailsOf = async (campaign: string): Promise<readonly MailItem[]> =>
    (await system.mailbox()).filter((mail) => mail.campaign === campaign);
  const mailTo = async (campaign: string, policyNo: string): Promise<MailItem> => {
    const customer = await history.customerOf(policyNo);
    const found = (await mailsOf(campaign)).find(({ customerId }) => customerId === customer);
    if (found === undefined) throw new Error(`no mail of ${campaign} to the holder of ${policyNo}`);
    return found;
  };
  const textsTaken = async (): Promise<readonly { id: string; to: string; text: string }[]> =>
    (await (await system.fetch('/local/texts')).json()).items;
  const tellOfText = async (id: string, feedback: object): Promise<void> => {
    await system.fetch(`/local/texts/${id}/feedback`, { method: 'POST', body: JSON.stringify(feedback) });
    await system.idle();
  };
  const journeysOf = async (policyNo: string, campaign: string): Promise<readonly { state: string }[]> =>
    (await staff.get(`/api/customers/${await history.customerOf(policyNo)}`)).journeys.filter(
      (journey: { campaign: string }) => journey.campaign === campaign,
    );

  beforeAll(async () => {
    dir = writeSmallBook(Object.values(book).flat());
    receiver = await startReceiver();
    // a Tuesday, 9:00 in Madrid
    system = await startSystem({ book: dir, now: '2019-01-08T08:00:00Z' });
    await system.idle();
    history = historyOf(system);
    staff = staffOf(system);
  });
  afterAll(async () => {
    await system?.stop();
    await receiver?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('M9: a text goes by the gateway, its receipt comes back, “退订” stops the next; what fails takes its branch', async () => {
    const endpoint = { version: 0, kind: 'webhook', url: receiver.url };
    const { json } = await staff.ask('engineer', 'PUT', '/api/endpoints/core', endpoint);
    receiver.answers.push(500);
    const steps = [
      { id: 'tell', do: { webhook: { endpoint: 'core' } } },
      {
        id: 'text',
        do: { relay: { gateway: 'local', channel: 'sms', template: 'renewal-reminder' } },
        onFailure: 'call',
      },
      { id: 'settle', do: { wait: { for: 'P1D' } }, next: 'done' },
      { id: 'call', do: { task: 'call', reason: 'text-failed' } },
      { id: 'done', do: { exit: 'finished' } },
    ];
    await staff.approved(flow('by-text', { event: 'TextWanted' }, steps, { subject: 'policy', reEntry: 'concurrent' }));
    await staff.launch('by-text');
    await system.clock({ by: 'PT11M' });
    await event('TextWanted', { policyNo: 'R1' });
    await tick();
    const [text] = await textsTaken();
    expect(text).toMatchObject({ to: book.texts[0]?.phone, text: expect.stringContaining('renews on') });
    expect(await history.messages('R1')).toEqual(['by-text text accepted']);
    await tellOfText(text?.id ?? '', { type: 'delivered' });
    expect(await history.messages('R1')).toEqual(['by-text text delivered']);

    // the other system failed at first: called again with the same id, and signed
    await system.clock({ by: 'PT5M' });
    expect(receiver.calls.map(({ id }) => id)).toEqual([receiver.calls[0]?.id, receiver.calls[0]?.id]);
    const [, { id, at, body, signed } = { id: '', at: '', body: '', signed: '' }] = receiver.calls;
    const key = Buffer.from(json.signingKey.replace('whsec_', ''), 'base64');
    expect(signed).toBe(`v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`);
    expect(JSON.parse(body).data).toMatchObject({ campaign: 'by-text', step: 'tell' });
    expect(body).not.toContain('+34');

    await event('TextWanted', { policyNo: 'R2' });
    await tick();
    await tellOfText((await textsTaken())[1]?.id ?? '', { type: 'failed', code: 'unknown-number' });
    expect(await history.messages('R2')).toEqual([expect.stringContaining('by-text text failed')]);
    await tick();
    expect(await history.tasks()).toEqual([expect.stringContaining('R2 call text-failed')]);

    await tellOfText(text?.id ?? '', { type: 'reply', text: '退订' });
    await event('TextWanted', { policyNo: 'R1' });
    await tick();
    expect(await textsTaken()).toHaveLength(2);
    expect(await history.messages('R1')).toEqual(['by-text text delivered', 'by-text text skipped opted-out']);
    expect(await deadLettersOf(system)).toEqual([]);
  });

  test('D7 C2: put on a list, a customer enters the audience within a minute and is welcomed; taken off, leaves it', async () => {
    await staff.list('vips', [customerNoOf(book.vips[0] as SmallPolicy)]);
    const rule = { combinator: 'and', rules: [{ field: 'lists', operator: 'contains', value: 'vips' }] };
    const title = { 'zh-CN': '贵宾', en: 'VIPs' };
    expect((await staff.ask('marketing', 'PUT', '/api/audiences/vips', { version: 0, title, rule })).status).toBe(200);
    const mail = [{ id: 'mail', do: { send: 'email', template: 'missing-data' } }];
    for (const on of ['enter', 'leave']) {
      await staff.approved(flow(`vip-${on}`, { audience: 'vips', on }, mail, { reEntry: 'after-exit' }));
      await staff.launch(`vip-${on}`);
    }
    await system.clock({ by: 'PT15M' });
    // who was there before the launch did not enter
    expect(await mailsOf('vip-enter')).toEqual([]);
    const numbers = { by: 'customer-number', numbers: ['C-V2'] };
    await staff.ask('marketing', 'POST', '/api/lists/vips/members', numbers);
    await tick();
    expect((await mailsOf('vip-enter')).map(({ to }) => to)).toEqual([expect.stringContaining('c-v2@')]);
    expect(await mailsOf('vip-leave')).toEqual([]);
    await staff.ask('marketing', 'POST', '/api/lists/vips/members/remove', numbers);
    await tick();
    expect((await mailsOf('vip-leave')).map(({ to }) => to)).toEqual([expect.stringContaining('c-v2@')]);
    expect(await mailsOf('vip-enter')).toHaveLength(1);
  });

  test('C3 S3 F10 F11: a closed complaint is followed up: who answers is left alone, who is silent reminded once, a failed mail goes by letter', async () => {
    const { version } = await staff.get('/api/campaigns/complaint-closed');
    const submitted = (await staff.ask('marketing', 'POST', '/api/campaigns/complaint-closed/submit', { version }))
      .json;
    const look = { version: submitted.version, hash: submitted.hash };
    await staff.ask('approver', 'POST', '/api/campaigns/complaint-closed/approve', look);
    await staff.launch('complaint-closed');
    await system.clock({ by: 'PT11M' });
    // one fact told by several events is one journey
    for (const policyNo of ['E1', 'E1', 'E2', 'E3', 'E4'])
      await event('ComplaintClosed', { customerRef: `C-${policyNo}`, key: `complaint of ${policyNo}` });
    await system.clock({ to: '2019-01-10T08:59:00Z' });
    expect(await mailsOf('complaint-closed')).toEqual([]);
    await system.clock({ to: '2019-01-10T09:01:00Z' });
    expect(await mailsOf('complaint-closed')).toHaveLength(4);

    const answer = async (mail: MailItem, score: number): Promise<void> => {
      const said = { score: String(score) };
      const last = await fillSurvey(await linkIn(system, mail.id, '/s/'), said);
      expect([last.status, await last.text()]).toEqual([200, expect.not.stringContaining('<form id="survey"')]);
      await system.idle();
    };
    await answer(await mailTo('complaint-closed', 'E1'), 1);
    await answer(await mailTo('complaint-closed', 'E4'), 5);
    await system.feedback((await mailTo('complaint-closed', 'E3')).id, { type: 'Reject' });
    await tick();
    const messagesOf = async (policyNo: string): Promise<string[]> =>
      (await history.timeline(policyNo)).flatMap(({ kind, campaign, step, state }) =>
        kind === 'message' && campaign === 'complaint-closed' ? [`${step} ${state}`] : [],
      );
    expect(await journeysOf('E1', 'complaint-closed')).toMatchObject([{ state: 'exited' }]);
    expect(await journeysOf('E2', 'complaint-closed')).toMatchObject([{ state: 'active' }]);
    expect(await messagesOf('E3')).toEqual(expect.arrayContaining(['ask failed', 'letter composed']));

    await system.clock({ to: '2019-01-17T09:01:00Z' });
    const reminders = (await mailsOf('complaint-closed')).filter(({ step }) => step === 'remind');
    expect(reminders.map(({ to }) => to)).toEqual([expect.stringContaining('c-e2@')]);
    await answer(reminders[0] as MailItem, 4);
    await system.clock({ to: '2019-01-25T12:00:00Z' });
    expect(await messagesOf('E1')).toEqual(['ask delivered']);
    expect((await messagesOf('E2')).sort()).toEqual(['ask delivered', 'remind delivered']);
    expect(await messagesOf('E4')).toEqual(['ask delivered']);

    // the same survey is not asked again within its time, whatever happens to whom
    await event('ComplaintClosed', { customerRef: 'C-E4', key: 'another complaint of E4' });
    await system.clock({ to: '2019-01-30T12:00:00Z' });
    expect((await messagesOf('E4')).sort()).toEqual(['ask delivered', 'ask skipped']);
    const skipped = (await history.timeline('E4')).find(({ state }) => state === 'skipped');
    expect(skipped?.reason).toBe('asked-recently');
    expect(await deadLettersOf(system)).toEqual([]);
  });

  /** The mails about a family's policies at one step, each with how many rows its table has. */
  const familyMails = async (policies: readonly SmallPolicy[], step: string) => {
    const own = new Set(policies.map(({ policyNo }) => policyNo));
    const mails = (await system.mailbox({ step })).filter(({ policyIds }) => policyIds.some((no) => own.has(no)));
    return Promise.all(
      mails.map(async ({ id, policyIds }) => {
        const { html = '' } = await simpleParser(await system.eml(id));
        const links = new Set(html ? html.match(/\/r\/[\w-]+/g) : []);
        return { policyIds: [...policyIds].sort(), pages: links.size };
      }),
    );
  };

  test('C5: three policies of one person within a week: one mail with a row for each, each in the ledger once', async () => {
    await system.clock({ to: '2019-02-09T08:59:00Z' });
    expect(await familyMails(book.merged, 'm60')).toEqual([]);
    await system.clock({ to: '2019-02-15T12:00:00Z' });
    expect(await familyMails(book.merged, 'm60')).toEqual([{ policyIds: ['MA1', 'MA2', 'MA3'], pages: 3 }]);
    const rows = (await history.timeline('MA1')).filter(({ kind }) => kind === 'message');
    expect(rows.map(({ state, reason }) => [state, reason])).toEqual([['delivered', undefined]]);
    expect(rows[0]?.policyIds).toHaveLength(3);
  });

  test('N1 C5: killed in the middle of that, each policy is still told of exactly once', async () => {
    await system.faults([
      { service: 'ses', action: 'SendRawEmail', mode: 'kill-host', when: 'after', times: 1 },
      {
        service: 'dynamodb',
        action: 'UpdateItem',
        principal: await principalOf(system, 'sendmail'),
        mode: 'kill-host',
        when: 'after',
        times: 1,
      },
    ]);
    await system.clock({ to: '2019-02-28T12:00:00Z' });
    const { rules } = (await (await system.fetch('/local/faults')).json()) as { rules: { struck: number }[] };
    expect(rules.map(({ struck }) => struck)).toEqual([1, 1]);
    await system.faults([]);
    const told = (await familyMails(book.killed, 'm60')).flatMap(({ policyIds }) => policyIds);
    expect(told.sort()).toEqual(['MB1', 'MB2', 'MB3']);
    expect(await deadLettersOf(system)).toEqual([]);
  });
});
