import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { deadLettersOf, type History, historyOf, linkIn, post, sentBy } from './support/observe.ts';
import { emailOf, writeSmallBook } from './support/small-book.ts';

/** What customers do on the pages that their mails lead to, and what follows from it. */

const RENEWS_ON = '2019-03-20';
const policy = (policyNo: string) => ({ policyNo, renewsOn: RENEWS_ON });
const book = { call: policy('CALL1'), leave: policy('LEAVE1'), renew: policy('RENEW1'), silent: policy('SILENT1') };

describe('the pages behind the mails', () => {
  let system: LocalSystem;
  let history: History;
  let dir = '';

  const mailOf = async (policyNo: string, step: string) => {
    const [mail] = await system.mailbox({ policy: policyNo, step });
    if (!mail) throw new Error(`no mail ${step} about ${policyNo}`);
    return mail;
  };
  const visit = async (url: string, times: number): Promise<string> => {
    let page = '';
    for (let n = 0; n < times; n += 1) {
      const answer = await system.fetch(url);
      expect(answer.status).toBe(200);
      page = await answer.text();
    }
    return page;
  };
  const reactions = async (policyNo: string) =>
    (await history.timeline(policyNo)).filter(({ kind }) => kind === 'reaction');

  beforeAll(async () => {
    dir = writeSmallBook(Object.values(book));
    system = await startSystem({ book: dir, now: '2019-01-10' });
    await system.idle();
    history = historyOf(system);
    await system.clock({ to: '2019-01-25T12:00:00Z' });
  });
  afterAll(async () => {
    await system?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('S24 S31 opening the renewal page changes nothing, and its address tells nothing', async () => {
    const { policyNo } = book.call;
    const url = await linkIn(system, (await mailOf(policyNo, 'm60')).id, '/r/');
    expect(url).not.toContain(policyNo);
    const before = await history.timeline(policyNo);
    const page = await visit(url, 10);
    await system.idle();
    expect(page.includes('****ALL1') && !page.includes(policyNo)).toBe(true);
    expect(await history.timeline(policyNo)).toEqual(before);
    expect(await history.tasks()).toEqual([]);
  });

  test('C9 a call asked for is a task, pressed twice still one', async () => {
    const { policyNo } = book.call;
    const url = await linkIn(system, (await mailOf(policyNo, 'm60')).id, '/r/');
    const form = { choice: 'call', on: '2019-01-28', slot: '12-15', phone: '+34 600 000 001' };
    for (let n = 0; n < 2; n += 1) expect((await post(system, url, form)).status).toBe(303);
    await system.idle();
    expect(await history.openTasks()).toMatchObject([
      { policyNo, kind: 'requested-call', dueOn: '2019-01-28', slot: '12-15' },
    ]);
    expect(await reactions(policyNo)).toMatchObject([{ details: { choice: 'call', slot: '12-15' } }]);
  });

  test('C9 not renewing needs a reason and stops the rest; renewing stops the letter', async () => {
    const leave = await linkIn(system, (await mailOf(book.leave.policyNo, 'm60')).id, '/r/');
    expect((await post(system, leave, { choice: 'not-renewing' })).status).toBe(422);
    expect((await post(system, leave, { choice: 'not-renewing', reason: 'price' })).status).toBe(303);
    await system.event({
      source: 'policy.admin',
      detailType: 'PolicyRenewed',
      detail: {
        schemaVersion: 1,
        eventId: 'renewed-1',
        occurredAt: '2019-01-25T12:00:00Z',
        policyNo: book.renew.policyNo,
        termStartsOn: RENEWS_ON,
        nextRenewalOn: '2020-03-20',
      },
    });
    await system.idle();
    await system.clock({ to: '2019-04-02T00:00:00Z' });
    const after = (policyNo: string, ...steps: string[]) => steps.map((step) => `${policyNo} ${step}`);
    expect(await sentBy(system)).toEqual(
      [
        ...after(
          book.call.policyNo,
          'renewal m60 2019-01-19',
          'renewal m30 2019-02-18',
          'renewal m07 2019-03-13',
          'renewal d00 2019-03-20',
        ),
        ...after(book.leave.policyNo, 'renewal m60 2019-01-19'),
        ...after(
          book.renew.policyNo,
          'renewal m60 2019-01-19',
          'renewal-survey ask 2019-02-15',
          'renewal-survey remind 2019-02-22',
        ),
        ...after(
          book.silent.policyNo,
          'renewal m60 2019-01-19',
          'renewal m30 2019-02-18',
          'renewal m14 2019-02-28',
          'renewal m07 2019-03-13',
          'renewal d00 2019-03-20',
        ),
      ].sort(),
    );
    expect(await deadLettersOf(system)).toEqual([]);
  });

  test('C5 who reacted gets neither letter nor call, and the history says so', async () => {
    const messages = await history.messages(book.call.policyNo);
    expect(messages).toContain('renewal m14 skipped already-reacted');
    expect(messages).toContain('renewal m03 skipped already-reacted');
    expect(await history.tasks()).toEqual([
      'CALL1 requested-call asked-on-page 2019-01-28',
      'SILENT1 call no-reaction 2019-03-17',
    ]);
    const exits = (await history.timeline(book.leave.policyNo)).filter(({ kind }) => kind === 'fact');
    expect(exits).toMatchObject([{ campaign: 'renewal', reason: 'not-renewing' }]);
    expect(await reactions(book.leave.policyNo)).toMatchObject([
      { details: { choice: 'not-renewing', reason: 'price' } },
    ]);
  });

  test('S24 S26 F30 the score of the survey is what was posted first, once, whatever is fetched or posted again', async () => {
    const { policyNo } = book.renew;
    const url = await linkIn(system, (await mailOf(policyNo, 'ask')).id, '/s/');
    const before = await history.timeline(policyNo);
    await visit(`${url}?score=3`, 10);
    expect(await history.timeline(policyNo)).toEqual(before);
    const answers = await Promise.all(
      // the last page of the survey, each press with all that was said
      ['9', '9', '9', '9', '9'].map((nps) =>
        post(system, url, { nps, praise: 'quick and friendly', _page: 'page-best' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await post(system, url, { nps: '1' })).status).toBe(200);
    await system.idle();
    expect(await reactions(policyNo)).toMatchObject([{ campaign: 'renewal-survey', details: { score: 9 } }]);
  });

  test('M7 mail and letter are there as they were sent, byte for byte by their hash', async () => {
    const { policyNo } = book.silent;
    const id = await history.customerOf(policyNo);
    const rows = await history.timeline(policyNo);
    const asSent = async (step: string) => {
      const row = rows.find((each) => each.step === step && each.asSent);
      return history.get<Record<string, string>>(`/api/messages/${id}/${row?.row}`);
    };
    const mail = await mailOf(policyNo, 'm60');
    const raw = await system.eml(mail.id);
    const shown = await asSent('m60');
    expect(shown).toMatchObject({ kind: 'mail', subject: mail.subject });
    expect(shown.to).toContain(`<${emailOf(book.silent)}>`);
    expect(shown.sha256).toBe(createHash('sha256').update(raw).digest('base64url'));
    const lines = (text = '') => text.trim().split(/\r?\n/);
    expect(lines(shown.text)).toEqual(lines((await simpleParser(raw)).text));

    const [letter] = await system.printTray({ policy: policyNo });
    const kept = await asSent('m14');
    const pdf = Buffer.from(await (await system.fetch(kept.url ?? '')).arrayBuffer());
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(createHash('sha256').update(pdf).digest('hex')).toBe(letter?.sha256);
  });
});
