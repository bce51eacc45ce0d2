import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { deadLettersOf, type History, historyOf, sentBy } from './support/observe.ts';
import { emailOf, type SmallPolicy, writeSmallBook } from './support/small-book.ts';

/**
 * Customers answer the first mail of a renewal journey, each in another way, by the doors a mail takes: the provider's
 * mailbox, the receipt rule, the bucket, the queue. What goes out afterwards is compared with lists counted by hand.
 */

const RENEWS_ON = '2019-03-20';
const WRITTEN_AT = '2019-01-25T12:00:00Z';
const END = '2019-04-02T00:00:00Z';

const policy = (policyNo: string): SmallPolicy => ({ policyNo, renewsOn: RENEWS_ON });
const book = {
  control: policy('CONTROL1'),
  asks: policy('ASKS1'),
  stops: policy('STOPS1'),
  listed: policy('LISTED1'),
  away: policy('AWAY1'),
  spam: policy('SPAM1'),
  often: policy('OFTEN1'),
  forged: policy('FORGED1'),
};

const M60 = 'm60 2019-01-19';
const UNDISTURBED = [M60, 'm30 2019-02-18', 'm14 2019-02-28', 'm07 2019-03-13', 'd00 2019-03-20'];
/** A reaction makes the letter needless (m14), and the call (m03). */
const REACTED = UNDISTURBED.filter((step) => !step.startsWith('m14'));
/** Mails about the contract were refused: the letter is left. */
const STOPPED = [M60, 'm14 2019-02-28'];
const EXPECTED: Readonly<Record<keyof typeof book, readonly string[]>> = {
  control: UNDISTURBED,
  asks: REACTED,
  stops: STOPPED,
  listed: STOPPED,
  away: UNDISTURBED,
  spam: UNDISTURBED,
  often: REACTED,
  forged: UNDISTURBED,
};

describe('customers write back in the middle of a journey (M5)', () => {
  let system: LocalSystem;
  let history: History;
  let dir = '';

  const mailOf = async ({ policyNo }: SmallPolicy) => {
    const [mail] = await system.mailbox({ policy: policyNo, step: 'm60' });
    if (!mail) throw new Error(`no first mail about ${policyNo}`);
    return mail;
  };
  const post = async (path: string, body: string): Promise<void> => {
    const response = await system.fetch(path, { method: 'POST', body });
    expect([path, response.status, response.ok ? '' : await response.text()]).toEqual([path, 202, '']);
  };
  const answer = async (who: SmallPolicy, body: string): Promise<void> =>
    post(`/local/mailbox/${(await mailOf(who)).id}/reply`, body);
  const raw = (from: string, to: string, more: readonly string[], body: string): string =>
    [`From: ${from}`, `To: ${to}`, ...more, 'Content-Type: text/plain; charset=utf-8', '', body].join('\r\n');
  const replyToOf = async (who: SmallPolicy): Promise<string> =>
    /<([^>]+)>/.exec((await mailOf(who)).headers['reply-to'] ?? '')?.[1] ?? '';

  beforeAll(async () => {
    dir = writeSmallBook(Object.values(book));
    system = await startSystem({ book: dir, now: '2019-01-10' });
    await system.idle();
    history = historyOf(system);
    await system.clock({ to: WRITTEN_AT });
  });
  afterAll(async () => {
    await system?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('every mail bears an address of the customer’s own', async () => {
    const seen = await Promise.all(Object.values(book).map(replyToOf));
    expect(new Set(seen).size).toBe(seen.length);
    for (const address of seen) expect(address).toMatch(/^care\+[a-z2-7]{48}@in\.perennial\.example$/);
  });

  test('each answers in another way', async () => {
    await answer(book.asks, 'Please call me about <b>my</b> car tomorrow.');
    await answer(book.stops, '退订');
    const list = (await mailOf(book.listed)).headers['list-unsubscribe'] ?? '';
    await post(
      '/local/mailbox/receive',
      raw(emailOf(book.listed), /mailto:([^?]+)/.exec(list)?.[1] ?? '', ['Subject: unsubscribe'], ''),
    );
    await post(
      '/local/mailbox/receive',
      raw(emailOf(book.away), await replyToOf(book.away), ['Auto-Submitted: auto-replied', 'Subject: Away'], 'stop'),
    );
    await answer(
      book.spam,
      raw(
        emailOf(book.spam),
        await replyToOf(book.spam),
        ['Subject: x'],
        'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
      ),
    );
    for (let copy = 0; copy < 46; copy += 1) await answer(book.often, 'I am sure to renew.');
    const token = await replyToOf(book.forged);
    const forged = token.replace(/\+(.)/, (_, letter: string) => `+${letter === 'a' ? 'b' : 'a'}`);
    await post('/local/mailbox/receive', raw(emailOf(book.forged), forged, ['Subject: x'], '退订'));
    await system.idle();
    expect(await deadLettersOf(system)).toEqual([]);
  });

  test('a mail to nobody of ours is sent back', async () => {
    const response = await system.fetch('/local/mailbox/receive', {
      method: 'POST',
      body: raw('a@b.example', 'care@elsewhere.example', [], 'x'),
    });
    expect(response.status).toBe(404);
  });

  test('a person’s words stand in the timeline once, with one task each; what a stranger sent is the branch’s', async () => {
    for (const [who, words] of [
      [book.asks, 'Please call me about <b>my</b> car tomorrow.'],
      [book.often, 'I am sure to renew.'],
    ] as const) {
      const rows = (await history.timeline(who.policyNo)).filter(({ kind }) => kind === 'reaction');
      expect(rows).toMatchObject([{ campaign: 'renewal', step: 'm60', reason: 'reply', details: { text: words } }]);
    }
    const tasks = (await history.tasks()).filter((task) => task.includes(' reply '));
    expect(tasks.map((task) => task.replace(/ \d{4}-\d\d-\d\d$/, ''))).toEqual(
      [' reply unknown-sender', 'ASKS1 reply wrote-back', 'OFTEN1 reply wrote-back'].map((task) =>
        expect.stringContaining(task.trim()),
      ),
    );
  });

  test('"退订" and the list’s address refuse e-mail, an absence note and spam change nothing', async () => {
    for (const who of [book.stops, book.listed]) {
      const consents = (await history.timeline(who.policyNo)).filter(({ kind }) => kind === 'consent');
      expect(consents.map(({ details }) => `${details?.purpose} ${details?.given} ${details?.source}`).sort()).toEqual([
        'marketing false mail-reply',
        'service false mail-reply',
      ]);
    }
    for (const who of [book.away, book.spam, book.forged])
      expect((await history.timeline(who.policyNo)).map(({ kind }) => kind)).not.toContain('reaction');
  });

  test('what goes out afterwards is what each should get, on its day, none twice (N1, N4)', async () => {
    await system.clock({ to: END });
    const expected = Object.entries(EXPECTED).flatMap(([who, steps]) =>
      steps.map((step) => `${book[who as keyof typeof book].policyNo} renewal ${step}`),
    );
    expect((await sentBy(system)).filter((line) => line.includes(' renewal '))).toEqual(expected.sort());
    expect(await deadLettersOf(system)).toEqual([]);
  });

  test('N7: no word and no address of theirs was printed', () => {
    expect(system.output()).not.toMatch(/my<\/b> car|I am sure|@mail\.example/);
  });
});
