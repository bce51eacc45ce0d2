import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { deadLettersOf, type History, historyOf, sentBy } from './support/observe.ts';
import { customerNoOf, type SmallPolicy, writeSmallBook } from './support/small-book.ts';

/**
 * One book whose policies all renew on the same day; after the first mail each customer does something else. What goes
 * out is compared, whole, with lists counted by hand on a calendar of 2019: letters are handed over four working days
 * before their day in the letterbox.
 */

const RENEWS_ON = '2019-03-20';
/** Between m60 (19 January) and m30 (18 February). */
const INJECTED_AT = '2019-01-25T12:00:00Z';
/** At ten, twenty days after the renewal was heard of: the morning after, as that was later in the day. */
const SURVEY_ON = '2019-02-15';
const REMINDED_ON = '2019-02-22';
const END = '2019-04-02T00:00:00Z';

const policy = (policyNo: string): SmallPolicy => ({ policyNo, renewsOn: RENEWS_ON });
const book = {
  control: policy('CONTROL1'),
  optOut: policy('OPTOUT1'),
  bounce: policy('BOUNCE1'),
  renewed: policy('RENEWED1'),
  renewedOften: policy('OFTEN1'),
  deceased: policy('DECEASED1'),
  later: policy('LATER1'),
  sooner: policy('SOONER1'),
  noPost: policy('NOPOST1'),
};

const M60 = 'm60 2019-01-19';
const UNDISTURBED = [M60, 'm30 2019-02-18', 'm14 2019-02-28', 'm07 2019-03-13', 'd00 2019-03-20'];
const EXPECTED: Readonly<Record<keyof typeof book, readonly string[]>> = {
  control: UNDISTURBED,
  optOut: [M60, 'm14 2019-02-28'],
  bounce: [M60, 'm14 2019-02-28'],
  renewed: [M60],
  renewedOften: [M60],
  deceased: [M60],
  later: [M60, 'm30 2019-02-23', 'm14 2019-03-05', 'm07 2019-03-18', 'd00 2019-03-25'],
  sooner: [M60, 'm30 2019-02-08', 'm14 2019-02-19', 'm07 2019-03-03', 'd00 2019-03-10'],
  noPost: [M60, 'm30 2019-02-18', 'm07 2019-03-13', 'd00 2019-03-20'],
};

describe('what happens to a customer midway changes exactly what it should', () => {
  let system: LocalSystem;
  let history: History;
  let dir = '';
  let events = 0;

  const event = (detailType: string, detail: object, eventId = `event-${++events}`): Promise<void> =>
    system.event({
      source: 'policy.admin',
      detailType,
      detail: { schemaVersion: 1, eventId, occurredAt: INJECTED_AT, ...detail },
    });
  const mailOf = async ({ policyNo }: SmallPolicy) => {
    const [mail] = await system.mailbox({ policy: policyNo, step: 'm60' });
    if (!mail) throw new Error(`no first mail about ${policyNo}`);
    return mail;
  };

  beforeAll(async () => {
    dir = writeSmallBook(Object.values(book));
    system = await startSystem({ book: dir, now: '2019-01-10' });
    await system.idle();
    history = historyOf(system);
    await system.clock({ to: INJECTED_AT });
  });
  afterAll(async () => {
    await system?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('S24 fetching the unsubscribe link, as mail scanners do, changes nothing; one POST stops the mails', async () => {
    const { headers } = await mailOf(book.optOut);
    expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    const url = /<(http[^>]+)>/.exec(headers['list-unsubscribe'] ?? '')?.[1] ?? '';
    const id = await history.customerOf(book.optOut.policyNo);
    const known = async () => [await history.get(`/api/customers/${id}`), await history.timeline(book.optOut.policyNo)];
    const before = await known();
    for (let n = 0; n < 10; n += 1)
      for (const method of ['GET', 'HEAD']) {
        const { status } = await system.fetch(url, { method, headers: { 'user-agent': 'Barracuda Sentinel (EE)' } });
        // the API routes no HEAD: API Gateway knows only the methods that a route names
        expect([200, 404]).toContain(status);
      }
    await system.idle();
    expect(await known()).toEqual(before);
    const answer = await system.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
      redirect: 'manual',
    });
    expect(answer.status).toBe(200);
  });

  test('bounce, renewal, death, moved date and consent arrive by their own doors', async () => {
    await system.feedback((await mailOf(book.bounce)).id, { type: 'Bounce', subType: 'General' });
    const renewal = ({ policyNo }: SmallPolicy) => ({
      policyNo,
      termStartsOn: RENEWS_ON,
      nextRenewalOn: '2020-03-20',
      premium: { minor: 42_850, currency: 'EUR' },
    });
    await event('PolicyRenewed', renewal(book.renewed));
    await event('PolicyRenewed', renewal(book.renewed), 'the-same-fact-by-another-name');
    for (let n = 0; n < 46; n += 1) await event('PolicyRenewed', renewal(book.renewedOften), 'one-event');
    await event('CustomerDeceased', { customerRef: customerNoOf(book.deceased), on: '2019-01-23' });
    await event('PolicyDateMoved', { policyNo: book.later.policyNo, from: RENEWS_ON, to: '2019-03-25' });
    await event('PolicyDateMoved', { policyNo: book.sooner.policyNo, from: RENEWS_ON, to: '2019-03-10' });
    await event('ConsentChanged', {
      customerRef: customerNoOf(book.noPost),
      channel: 'post',
      purpose: 'service',
      given: false,
      wording: 'phone-2019',
    });
    await system.idle();
    await system.clock({ to: END });
    expect(await deadLettersOf(system)).toEqual([]);
  });

  test('F10 F11 exactly the messages that each should get, on their days, none twice (N1, N2)', async () => {
    const renewal = Object.entries(EXPECTED).flatMap(([who, steps]) =>
      steps.map((step) => {
        const [id, day] = step.split(' ');
        return `${book[who as keyof typeof book].policyNo} renewal ${id} ${day}`;
      }),
    );
    const surveys = [book.renewed, book.renewedOften].flatMap(({ policyNo }) => [
      `${policyNo} renewal-survey ask ${SURVEY_ON}`,
      `${policyNo} renewal-survey remind ${REMINDED_ON}`,
    ]);
    expect(await sentBy(system)).toEqual([...renewal, ...surveys].sort());
  });

  test('the tasks are those of customers who did not react, and the one about the death', async () => {
    const call = ({ policyNo }: SmallPolicy, day: string) => `${policyNo} call no-reaction ${day}`;
    const same = [book.control, book.optOut, book.bounce, book.noPost].map((each) => call(each, '2019-03-17'));
    expect(await history.tasks()).toEqual(
      [
        ...same,
        call(book.later, '2019-03-22'),
        call(book.sooner, '2019-03-07'),
        '- holder-died told-by-policy-admin 2019-01-25',
      ].sort(),
    );
  });

  test('the history says what was sent, what was not, and why', async () => {
    const told = async ({ policyNo }: SmallPolicy) => history.messages(policyNo);
    const sent = ['m60', 'm30', 'm07', 'd00'].map((step) => `renewal ${step} delivered`);
    const letter = 'renewal m14 handed-over';
    const withReason = (reason: string) => ['m30', 'm07', 'd00'].map((step) => `renewal ${step} skipped ${reason}`);
    const whole = [...sent, letter].sort();
    expect(await told(book.control)).toEqual(whole);
    expect(await told(book.later)).toEqual(whole);
    expect(await told(book.sooner)).toEqual(whole);
    expect(await told(book.optOut)).toEqual(['renewal m60 delivered', letter, ...withReason('opted-out')].sort());
    expect(await told(book.bounce)).toEqual(
      ['renewal m60 bounced permanent', letter, ...withReason('suppressed')].sort(),
    );
    expect(await told(book.noPost)).toEqual([...sent, 'renewal m14 skipped opted-out'].sort());
    expect(await told(book.deceased)).toEqual(['renewal m60 delivered']);
    for (const each of [book.renewed, book.renewedOften])
      expect(await told(each)).toEqual([
        'renewal m60 delivered',
        'renewal-survey ask delivered',
        'renewal-survey remind delivered',
      ]);

    // why nothing came after: one row each
    const facts = async ({ policyNo }: SmallPolicy) =>
      (await history.timeline(policyNo))
        .filter(({ kind }) => kind === 'fact')
        .map(({ campaign, reason, details }) => [campaign, details?.fact, reason].filter(Boolean).join(' '))
        .sort();
    const renewed = [
      'policy-renewed renewed',
      'renewal journey-exited renewed',
      'renewal-survey journey-exited by-definition',
    ];
    expect(await facts(book.renewed)).toEqual(renewed);
    expect(await facts(book.renewedOften)).toEqual(renewed);
    expect(await facts(book.deceased)).toEqual(['customer-deceased deceased', 'renewal journey-exited deceased']);
    expect(await facts(book.control)).toEqual([]);
    const consents = (await history.timeline(book.optOut.policyNo)).filter(({ kind }) => kind === 'consent');
    expect(consents.map(({ details }) => `${details?.channel} ${details?.purpose} ${details?.given}`).sort()).toEqual([
      'email marketing false',
      'email service false',
    ]);
  });
});
