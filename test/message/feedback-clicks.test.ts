import { describe, expect, test } from 'vitest';
import type { FollowJourneyPorts } from '../../shared/journey/follow-journey.ts';
import { followJourney } from '../../shared/journey/follow-journey.ts';
import { historyFactOf } from '../../shared/journey/history-facts.ts';
import { clickTargetId } from '../../shared/message/click-targets.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { settleClicks } from '../../shared/message/settle-clicks.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { formatInstant, HOUR, type Instant, MINUTE, SECOND, type ZoneId } from '../../shared/platform/time.ts';
import { ADDRESS, ann, BROWSER, enrolmentOf, eventOf, household, NOW, rowOf } from './feedback-rig.ts';

const AT = (NOW + HOUR) as Instant;
const clickAt = (at: number, link = 'https://example.com/r/x', userAgent: string | undefined = BROWSER) =>
  eventOf('Click', rowOf(), ADDRESS, { timestamp: formatInstant(at as Instant), link, userAgent });

const start = async () => {
  const world = await household();
  await world.timeline.record({
    ...rowOf(),
    channel: 'email',
    state: 'delivered',
    details: { deliveredAt: (NOW + MINUTE) as number },
  });
  await world.ports.enrolments.create(enrolmentOf());
  const settle = () => settleClicks(world.ports, rowOf());
  const reactions = async () => (await world.timeline.list(ann)).entries.filter(({ kind }) => kind === 'reaction');
  const due = () => world.table.all().filter(({ kind }) => kind === 'clicks');
  return { ...world, settle, reactions, due };
};

describe('clicks on a mail', () => {
  test('each is noted by an id of its link, its instant and kind of program; 46 copies are one, and one judgement', async () => {
    const { ports, clicks, due, table } = await start();
    for (let copy = 0; copy < 46; copy += 1)
      expect(await receiveFeedback(ports, clickAt(AT))).toEqual({ kind: 'noted' });
    expect(await clicks.of(rowOf())).toEqual([
      { target: clickTargetId('https://example.com/r/x'), at: AT, agent: 'browser' },
    ]);
    const { partyId, at, id } = rowOf();
    expect(due()).toMatchObject([{ at: AT + MINUTE, payload: { partyId, at, id } }]);
    // S31: a link of ours bears a token, and no address or program's name is kept
    expect(JSON.stringify(table.all())).not.toMatch(/example\.com\/r\/x|MicroMessenger/);
  });

  test('nothing follows before it is judged', async () => {
    const { ports, timeline, journeys, reactions } = await start();
    await receiveFeedback(ports, clickAt(AT));
    expect((await timeline.get(rowOf()))?.details).not.toHaveProperty('clickedAt');
    expect(await reactions()).toEqual([]);
    expect(journeys.messages).toEqual([]);
  });

  test('a person’s click is on the row, in the history, and told to the journey: a reaction and an event', async () => {
    const { ports, timeline, journeys, reactions, settle } = await start();
    await receiveFeedback(ports, clickAt(AT));
    expect(await settle()).toEqual({ kind: 'person' });
    expect((await timeline.get(rowOf()))?.details).toMatchObject({ clickedAt: AT });
    const [reaction, ...others] = await reactions();
    expect(others).toEqual([]);
    expect(reaction).toMatchObject({ at: AT, reason: 'click', campaign: 'renewal', step: 'm30', channel: 'email' });
    expect(reaction && historyFactOf(reaction, 'UTC' as ZoneId)).toMatchObject({ kind: 'reaction', what: 'click' });
    expect(journeys.messages).toMatchObject([
      { kind: 'reaction', ref: { partyId: ann, occurrence: '2018-02-14' }, reaction: { kind: 'click', at: AT } },
      { kind: 'event', event: { type: 'MessageClicked', properties: { campaign: 'renewal', step: 'm30' } } },
    ]);
  });

  test('judged again, and with later clicks, there is one reaction: the first', async () => {
    const { ports, journeys, reactions, settle, timeline } = await start();
    await receiveFeedback(ports, clickAt(AT));
    await settle();
    await receiveFeedback(ports, clickAt(AT + HOUR, 'https://example.com/other'));
    for (let again = 0; again < 3; again += 1) await settle();
    expect(await reactions()).toHaveLength(1);
    expect((await timeline.get(rowOf()))?.details).toMatchObject({ clickedAt: AT });
    expect(new Set(journeys.messages.map((message) => JSON.stringify(message))).size).toBe(2);
  });

  test('cut off at any write, it ends alike when the work comes again', async () => {
    for (const broken of ['noteOnce', 'get', 'record'] as const) {
      const { ports, reactions, journeys, timeline } = await start();
      await receiveFeedback(ports, clickAt(AT));
      let calls = 0;
      const cut = { ...timeline, [broken]: async () => Promise.reject(new Error(`cut at ${broken} ${calls++}`)) };
      await settleClicks({ ...ports, timeline: cut }, rowOf()).catch(() => {});
      await settleClicks({ ...ports, journeys: { send: () => Promise.reject(new Error('cut')) } }, rowOf()).catch(
        () => {},
      );
      await settleClicks(ports, rowOf());
      expect(await reactions(), broken).toHaveLength(1);
      expect(journeys.messages).toHaveLength(2);
    }
  });

  test.each<[string, [number, string?, string?][], string]>([
    ['who says so', [[AT, 'https://a', 'Mozilla/5.0 (compatible; Barracuda Sentinel)']], 'agent'],
    ['without a name', [[AT, 'https://a', '']], 'agent'],
    [
      'all links at once',
      [
        [AT, 'https://a'],
        [AT + SECOND, 'https://b'],
      ],
      'burst',
    ],
    ['seconds after delivery', [[NOW + MINUTE + 4 * SECOND, 'https://a']], 'too-soon'],
    ['before delivery', [[NOW + MINUTE - 4 * SECOND, 'https://a']], 'too-soon'],
  ])('a scanner (%s) is noted on the row and is no reaction', async (_, clicks, sign) => {
    const { ports, timeline, journeys, reactions, settle } = await start();
    for (const [at, link, agent] of clicks) await receiveFeedback(ports, clickAt(at, link, agent));
    expect(await settle()).toEqual({ kind: 'scanner' });
    const details = (await timeline.get(rowOf()))?.details;
    expect(details).toMatchObject({ scannedAt: clicks[0]?.[0], scannedBy: sign });
    expect(details).not.toHaveProperty('clickedAt');
    expect([...(await reactions()), ...journeys.messages]).toEqual([]);
  });

  test('a scanner first and a person later: both on the row, one reaction', async () => {
    const { ports, timeline, reactions, settle } = await start();
    for (const link of ['https://a', 'https://b', 'https://c'])
      await receiveFeedback(ports, clickAt(NOW + MINUTE + SECOND, link));
    await settle();
    await receiveFeedback(ports, clickAt(AT, 'https://b'));
    await settle();
    expect((await timeline.get(rowOf()))?.details).toMatchObject({ scannedAt: NOW + MINUTE + SECOND, clickedAt: AT });
    expect(await reactions()).toMatchObject([{ at: AT }]);
  });

  test('a delivery that is heard of after the click counts; without one the sending does', async () => {
    const world = await household();
    const { ports, timeline } = world;
    await timeline.record({ ...rowOf(), channel: 'email', state: 'accepted', details: { acceptedAt: NOW } });
    // a server that checks for five minutes before it takes the mail
    await receiveFeedback(ports, clickAt(NOW + 5 * MINUTE));
    await receiveFeedback(
      ports,
      eventOf('Delivery', rowOf(), ADDRESS, { timestamp: formatInstant((NOW + 5 * MINUTE + SECOND) as Instant) }),
    );
    expect(await settleClicks(ports, rowOf())).toEqual({ kind: 'scanner' });

    const other = await household();
    await other.timeline.record({ ...rowOf(), channel: 'email', state: 'accepted', details: { acceptedAt: NOW } });
    await receiveFeedback(other.ports, clickAt(NOW + 5 * MINUTE));
    expect(await settleClicks(other.ports, rowOf())).toEqual({ kind: 'person' });
  });
});

describe('the journey that hears of a click', () => {
  const follow = async (reaction: { kind: 'click' | 'reply'; at: Instant }, enrolled = enrolmentOf()) => {
    const { enrolments } = await household();
    await enrolments.create(enrolled);
    const { partyId, campaign, policyId, occurrence } = enrolled;
    const ref = { partyId, campaign, ...(policyId === undefined ? {} : { policyId }), occurrence };
    const ports = { enrolments } as unknown as FollowJourneyPorts;
    for (let copy = 0; copy < 3; copy += 1)
      await followJourney({ kind: 'reaction', ref, reaction, because: 'click' }, ports, NOW);
    return enrolments.get(ref);
  };

  test('has reacted, once', async () => {
    const after = await follow({ kind: 'click', at: AT });
    expect(after?.reaction).toEqual({ kind: 'click', at: AT });
    expect(after?.version).toBe(2);
  });

  test('keeps the latest of several reactions, and nothing where it has ended', async () => {
    const later = { kind: 'reply', at: (AT + HOUR) as Instant } as const;
    expect((await follow({ kind: 'click', at: AT }, enrolmentOf(rowOf(), { reaction: later })))?.reaction).toEqual(
      later,
    );
    expect(
      (await follow({ kind: 'click', at: AT }, enrolmentOf(rowOf(), { state: 'finished' })))?.reaction,
    ).toBeUndefined();
  });
});

describe('F42: late news of somebody who was erased', () => {
  const gone = { ...rowOf(), partyId: 'gone000000000000000000000a' as PartyId };
  const mine = (table: { all(): readonly { pk: string }[] }) =>
    table.all().filter(({ pk }) => pk.includes(gone.partyId) || pk.startsWith('DUE#') || pk.startsWith('AGENDA#'));

  test.each([
    'Send',
    'Delivery',
    'DeliveryDelay',
    'Bounce',
    'Transient',
    'Complaint',
    'Reject',
    'Rendering Failure',
    'Open',
    'Click',
    'Subscription',
  ] as const)('%s: taken, nothing of the person is written, nobody is told', async (kind) => {
    const { ports, table, journeys, changes, health } = await household();
    const secret = 'late.bird@example.net';
    for (let copy = 0; copy < 46; copy += 1) await receiveFeedback(ports, eventOf(kind, gone, secret));
    expect(mine(table)).toEqual([]);
    expect(JSON.stringify(table.all())).not.toContain(secret);
    expect([...journeys.messages, ...changes.messages]).toEqual([]);
    const { complaints, hardBounces } = await health.of('renewal', NOW);
    expect(complaints + hardBounces).toBe(0);
  });

  test('a complaint keeps the do-not-contact hash: who joins with that address later has refused', async () => {
    const { ports, addressBook } = await household();
    await receiveFeedback(ports, eventOf('Complaint', gone, 'late.bird@example.net'));
    const refusals = await addressBook.refusalsAt(['Late.Bird@example.net']);
    expect(refusals.get('Late.Bird@example.net')).toMatchObject([{ purpose: 'marketing', state: { given: false } }]);
  });

  test('the mailbox is dead for those who still share it', async () => {
    const { ports, gateOf } = await household();
    await receiveFeedback(ports, eventOf('Bounce', gone));
    expect((await gateOf(ann))?.suppressed.email).toBe('hard-bounce');
  });

  test('clicks that waited to be judged go with their message', async () => {
    const { ports, clicks, table } = await household();
    await clicks.note(gone, { target: 't', at: AT, agent: 'browser' });
    for (let again = 0; again < 2; again += 1) expect(await settleClicks(ports, gone)).toEqual({ kind: 'gone' });
    expect(mine(table)).toEqual([]);
  });
});
