import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  Channel,
  Gate,
  Purpose,
  RecentContact,
  SendClass,
  Situation,
  Suppression,
} from '../../shared/customer/customer.ts';
import {
  type ContactDecision,
  type ContactQuestion,
  decideContact,
  nextOpen,
} from '../../shared/message/contact-rules.ts';
import { contactSettings, type QuietHours } from '../../shared/message/contact-settings.ts';
import type { PartyId, SendId } from '../../shared/platform/ids.ts';
import {
  DAY,
  HOUR,
  type Instant,
  MINUTE,
  parseInstant,
  type WallTime,
  type ZoneId,
} from '../../shared/platform/time.ts';

const ZONES = [
  'Europe/Madrid',
  'Asia/Shanghai',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/St_Johns',
  'Africa/Casablanca',
  'America/Sao_Paulo',
  'Europe/London',
] as ZoneId[];

const at = (text: string): Instant => parseInstant(text) as Instant;
/** A Wednesday, ten in the morning in Madrid. */
const NOON = at('2019-01-30T09:00:00Z');

const gateOf = (more: Partial<Gate> = {}): Gate => ({
  partyId: 'p' as PartyId,
  version: 1,
  consent: { 'email/marketing': { given: true, wording: 'w1', at: NOON } },
  suppressed: {},
  situations: [],
  zone: 'Europe/Madrid' as ZoneId,
  recent: {},
  ...more,
});

/** The decision without the rules that led to it; contact-explanation.test.ts looks at those. */
const decide = (question: ContactQuestion): ContactDecision => {
  const { explain, ...decision } = decideContact(question);
  expect(explain.length).toBeGreaterThan(0);
  return decision;
};

const ask = (sendClass: SendClass, gate: Partial<Gate> = {}, more: Partial<ContactQuestion> = {}) =>
  decide({
    order: { sendId: 'me' as SendId, channel: 'email', sendClass, priority: 50, useBy: (NOON + 3 * DAY) as Instant },
    gate: gateOf(gate),
    reachable: true,
    now: NOON,
    settings: contactSettings,
    ...more,
  });

const consent = (name: `${Channel}/${Purpose}`, given: boolean, wording = 'w1') => ({
  consent: { [name]: { given, wording, at: NOON } },
});
const contact = (sendClass: SendClass, days: number, channel: Channel = 'email'): RecentContact => ({
  at: (NOON - days * DAY) as Instant,
  channel,
  sendClass,
  owner: 'o',
  leaseUntil: NOON,
});
const SEND = { kind: 'send' };
const skip = (reason: string) => ({ kind: 'skip', reason });

describe('who may be written to', () => {
  test.each<[string, SendClass, Partial<Gate>, object]>([
    ['marketing with proven consent', 'marketing', {}, SEND],
    ['marketing, never asked', 'marketing', { consent: {} }, skip('no-consent')],
    [
      'marketing, consent without wording',
      'marketing',
      consent('email/marketing', true, 'legacy-unproven'),
      skip('no-consent'),
    ],
    ['marketing refused', 'marketing', consent('email/marketing', false), skip('opted-out')],
    [
      'marketing, the channel refused for service',
      'marketing',
      { consent: { ...gateOf().consent, ...consent('email/service', false).consent } },
      skip('opted-out'),
    ],
    ['marketing, consent for post only', 'marketing', consent('post/marketing', true), skip('no-consent')],
    ['service, never asked', 'service', { consent: {} }, SEND],
    ['service, consent without wording', 'service', consent('email/service', true, 'legacy-unproven'), SEND],
    ['service refused', 'service', consent('email/service', false), skip('opted-out')],
    ['service, marketing refused', 'service', consent('email/marketing', false), SEND],
    ['service refused for post only', 'service', consent('post/service', false), SEND],
    [
      'statutory, everything refused',
      'statutory',
      { consent: { ...consent('email/service', false).consent, ...consent('email/marketing', false).consent } },
      SEND,
    ],
    ['marketing, dead mailbox', 'marketing', { suppressed: { email: 'hard-bounce' } }, skip('suppressed')],
    ['service, complaint', 'service', { suppressed: { email: 'complaint' } }, skip('suppressed')],
    ['service, soft bounces', 'service', { suppressed: { email: 'soft-bounces' } }, skip('suppressed')],
    ['statutory, soft bounces: tried all the same', 'statutory', { suppressed: { email: 'soft-bounces' } }, SEND],
    [
      'statutory, dead mailbox: would not arrive',
      'statutory',
      { suppressed: { email: 'hard-bounce' } },
      skip('suppressed'),
    ],
    ['service, returned letters shut post only', 'service', { suppressed: { post: 'returned-mail' } }, SEND],
    ['statutory to the dead (C29)', 'statutory', { situations: ['deceased'] }, skip('deceased')],
    ['service to the dead', 'service', { situations: ['bereavement', 'deceased'] }, skip('deceased')],
    ['marketing in a complaint', 'marketing', { situations: ['open-complaint'] }, skip('situation-silence')],
    ['service in a complaint: cover must not end unseen', 'service', { situations: ['open-complaint'] }, SEND],
    ['marketing in a dispute', 'marketing', { situations: ['disputed-claim'] }, skip('situation-silence')],
    ['service under fraud review', 'service', { situations: ['fraud-review'] }, skip('situation-silence')],
    ['statutory under fraud review', 'statutory', { situations: ['fraud-review'] }, SEND],
    [
      'service to the bereaved waits',
      'service',
      { situations: ['bereavement'] },
      { kind: 'hold', reason: 'situation-silence', until: NOON + 12 * HOUR },
    ],
    ['statutory to the bereaved', 'statutory', { situations: ['bereavement'] }, SEND],
  ])('%s', (_, sendClass, gate, expected) => {
    expect(ask(sendClass, gate)).toEqual(expected);
  });

  test('no address, and too late', () => {
    expect(ask('service', {}, { reachable: false })).toEqual(skip('no-email'));
    const post = { sendId: 'me' as SendId, channel: 'post', sendClass: 'service', priority: 50, useBy: NOON } as const;
    expect(ask('service', {}, { reachable: false, order: post })).toEqual(skip('no-postal-address'));
    const late = { now: (NOON + 3 * DAY + 1) as Instant };
    for (const sendClass of ['marketing', 'service', 'statutory'] as const)
      expect(ask(sendClass, {}, late)).toEqual(skip('too-late'));
    expect(ask('statutory', {}, { now: (NOON + 3 * DAY) as Instant })).toEqual(SEND);
  });

  test('a bereaved family is asked for again until the use-by and then not at all', () => {
    const useBy = (NOON + 3 * HOUR) as Instant;
    const order = { sendId: 'me' as SendId, channel: 'email', sendClass: 'service', priority: 50, useBy } as const;
    const bereaved: Partial<Gate> = { situations: ['bereavement'] };
    expect(ask('service', bereaved, { order })).toEqual({ kind: 'hold', reason: 'situation-silence', until: useBy });
    expect(ask('service', bereaved, { order, now: useBy })).toEqual(skip('situation-silence'));
  });
});

describe('frequency cap', () => {
  const recent = (...contacts: RecentContact[]): Partial<Gate> => ({
    recent: Object.fromEntries(contacts.map((one, n) => [`s${n}`, one])),
  });
  test.each<[string, SendClass, Partial<Gate>, object]>([
    [
      'one within seven days',
      'marketing',
      recent(contact('marketing', 5)),
      { kind: 'hold', reason: 'frequency-cap', until: NOON + 2 * DAY },
    ],
    ['one within seven days, too long to wait', 'marketing', recent(contact('marketing', 1)), skip('frequency-cap')],
    ['seven days ago to the moment', 'marketing', recent(contact('marketing', 7)), SEND],
    [
      'two within thirty days',
      'marketing',
      recent(contact('marketing', 8), contact('marketing', 29)),
      { kind: 'hold', reason: 'frequency-cap', until: NOON + DAY },
    ],
    ['two, one of them thirty days ago', 'marketing', recent(contact('marketing', 8), contact('marketing', 30)), SEND],
    ['a letter counts too', 'marketing', recent(contact('marketing', 1, 'post')), skip('frequency-cap')],
    ['what failed was no contact', 'marketing', recent({ ...contact('marketing', 1), failed: true }), SEND],
    ['service messages do not count', 'marketing', recent(contact('service', 1), contact('statutory', 1)), SEND],
    [
      'service has no cap: each policy gets its reminder',
      'service',
      recent(contact('service', 0), contact('service', 1), contact('marketing', 1)),
      SEND,
    ],
    ['the message itself does not count', 'marketing', { recent: { ['me' as SendId]: contact('marketing', 0) } }, SEND],
  ])('%s', (_, sendClass, gate, expected) => {
    expect(ask(sendClass, gate)).toEqual(expected);
  });
});

describe('quiet hours', () => {
  test.each<[SendClass, string, object]>([
    ['marketing', '2019-01-30T19:59:00Z', SEND],
    ['marketing', '2019-01-30T20:00:00Z', { kind: 'hold', reason: 'quiet-hours', until: at('2019-01-31T07:00:00Z') }],
    ['service', '2019-01-31T06:59:59Z', { kind: 'hold', reason: 'quiet-hours', until: at('2019-01-31T07:00:00Z') }],
    ['service', '2019-01-31T07:00:00Z', SEND],
    ['statutory', '2019-01-31T02:00:00Z', SEND],
    ['service', '2019-02-01T23:30:00Z', { kind: 'hold', reason: 'quiet-hours', until: at('2019-02-02T07:00:00Z') }],
  ])('%s in Madrid at %s', (sendClass, now, expected) => {
    expect(ask(sendClass, {}, { now: at(now) })).toEqual(expected);
  });

  test('beyond the use-by there is nothing to wait for', () => {
    const useBy = at('2019-01-31T06:00:00Z');
    const order = { sendId: 'me' as SendId, channel: 'email', sendClass: 'service', priority: 50, useBy } as const;
    expect(ask('service', {}, { order, now: at('2019-01-30T23:00:00Z') })).toEqual(skip('too-late'));
  });

  test('a letter wakes nobody', () => {
    const order = {
      sendId: 'me' as SendId,
      channel: 'post',
      sendClass: 'service',
      priority: 50,
      useBy: (NOON + 3 * DAY) as Instant,
    } as const;
    expect(ask('service', {}, { order, now: at('2019-01-30T23:00:00Z') })).toEqual(SEND);
  });

  /** The clocks of a zone, by Intl alone: independent of the code under test. */
  const wallClock = (zone: ZoneId) => {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    return (instant: number): string => format.format(instant);
  };

  test('F15, C28: 24 hours × 10 zones around every DST night of 2019, against a walk of the clock minute by minute', () => {
    const quiet = contactSettings.quietHours.service as QuietHours;
    // nights with a change somewhere in ZONES, and a plain one
    const nights = [
      '2019-03-10',
      '2019-03-31',
      '2019-04-07',
      '2019-10-06',
      '2019-10-27',
      '2019-11-03',
      '2019-11-03',
      '2019-05-05',
      '2019-02-17',
      '2019-06-09',
    ];
    let checked = 0;
    for (const zone of ZONES) {
      const wall = wallClock(zone);
      const isQuiet = (instant: number): boolean => wall(instant) >= quiet.from || wall(instant) < quiet.until;
      for (const night of nights) {
        const start = at(`${night}T00:00:00Z`) - 12 * HOUR;
        // from the end backwards: the first open minute at or after each minute
        let open = start + 72 * HOUR;
        while (isQuiet(open)) open += MINUTE;
        for (let instant = start + 72 * HOUR; instant >= start; instant -= 15 * MINUTE) {
          for (let minute = instant + 14 * MINUTE; minute >= instant; minute -= MINUTE)
            if (!isQuiet(minute)) open = minute;
          expect(nextOpen(instant as Instant, zone, quiet), `${zone} ${new Date(instant).toISOString()}`).toBe(open);
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(25_000);
  });

  test('any quiet hours in any zone: the answer is open, the first such minute, and now when it is open now', () => {
    const time = fc.integer({ min: 0, max: 24 * 12 - 1 }).map((n): WallTime => {
      const [hours, minutes] = [Math.floor(n / 12), (n % 12) * 5];
      return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}` as WallTime;
    });
    const inWindow = (wall: string, { from, until }: QuietHours): boolean =>
      from <= until ? from <= wall && wall < until : wall >= from || wall < until;
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: 0, max: 365 * 24 * 12 }),
        time,
        time,
        (zone, minutes, from, until) => {
          const quiet = { from, until };
          const wall = wallClock(zone);
          const now = (at('2019-01-01T00:00:00Z') + minutes * 5 * MINUTE) as Instant;
          const open = nextOpen(now, zone, quiet);
          if (from === until) expect(open).toBe(now);
          else if (!inWindow(wall(now), quiet)) expect(open).toBe(now);
          else {
            expect(open).toBeGreaterThan(now);
            // a gap may swallow the opening time; the first minute after it is open, and that is what is asked
            for (let minute: number = now; minute < open; minute += 5 * MINUTE)
              expect(inWindow(wall(minute), quiet), `${zone} ${wall(minute)} of ${from}-${until}`).toBe(true);
          }
        },
      ),
      { numRuns: 300, seed: 58 },
    );
  });
});

describe('properties over any gate', () => {
  const situation = fc.constantFrom<Situation>(
    'deceased',
    'open-complaint',
    'disputed-claim',
    'bereavement',
    'fraud-review',
  );
  const suppression = fc.constantFrom<Suppression>('hard-bounce', 'complaint', 'soft-bounces', 'returned-mail');
  const channels: readonly Channel[] = ['email', 'post', 'phone', 'sms'];
  const state = fc.record({
    given: fc.boolean(),
    wording: fc.constantFrom('w1', 'legacy-unproven'),
    at: fc.constant(NOON),
  });
  const someContact = fc.record({
    at: fc.integer({ min: -34 * 24, max: 0 }).map((hours) => (NOON + hours * HOUR) as Instant),
    channel: fc.constantFrom(...channels),
    sendClass: fc.constantFrom<SendClass>('marketing', 'service', 'statutory'),
    owner: fc.constant('o'),
    leaseUntil: fc.constant(NOON),
  });
  const anyGate = fc.record({
    consent: fc.dictionary(
      fc.constantFrom('email/marketing', 'email/service', 'post/marketing', 'post/service'),
      state,
    ),
    suppressed: fc.dictionary(fc.constantFrom(...channels), suppression),
    situations: fc.uniqueArray(situation, { maxLength: 2 }),
    recent: fc.dictionary(fc.string({ minLength: 3, maxLength: 5 }), someContact, { maxKeys: 5 }),
    zone: fc.constantFrom(...ZONES),
  });
  const question = (sendClass: SendClass) =>
    fc
      .record({
        gate: anyGate,
        reachable: fc.boolean(),
        channel: fc.constantFrom<'email' | 'post'>('email', 'post'),
        hours: fc.integer({ min: 0, max: 96 }),
      })
      .map(
        ({ gate, reachable, channel, hours }): ContactQuestion => ({
          order: { sendId: 'me' as SendId, channel, sendClass, priority: 50, useBy: (NOON + 3 * DAY) as Instant },
          gate: gateOf(gate as Partial<Gate>),
          reachable,
          now: (NOON + hours * HOUR) as Instant,
          settings: contactSettings,
        }),
      );

  test('N4: a marketing message passes only where no rule forbids it', () => {
    fc.assert(
      fc.property(question('marketing'), (asked) => {
        if (decide(asked).kind !== 'send') return;
        const { gate, order, now } = asked;
        const said = gate.consent[`${order.channel}/marketing`];
        expect(said?.given).toBe(true);
        expect(said?.wording).not.toBe('legacy-unproven');
        expect(gate.consent[`${order.channel}/service`]?.given).not.toBe(false);
        expect(gate.suppressed[order.channel]).toBeUndefined();
        expect(gate.situations).toEqual([]);
        expect(asked.reachable).toBe(true);
        expect(now).toBeLessThanOrEqual(order.useBy);
        const marketing = Object.values(gate.recent).filter((one) => one.sendClass === 'marketing');
        expect(marketing.filter((one) => one.at > now - 7 * DAY).length).toBe(0);
        expect(marketing.filter((one) => one.at > now - 30 * DAY).length).toBeLessThan(2);
        if (order.channel === 'email') {
          const hour = Number(
            new Intl.DateTimeFormat('en-GB', { timeZone: gate.zone, hour: '2-digit', hourCycle: 'h23' }).format(now),
          );
          expect(hour >= 8 && hour < 21).toBe(true);
        }
      }),
      { numRuns: 5_000, seed: 4 },
    );
  });

  test('a statutory message goes at once, or is skipped for one of four reasons; it never waits', () => {
    fc.assert(
      fc.property(question('statutory'), (asked) => {
        const decision = decide(asked);
        const { gate, order } = asked;
        const shut = gate.suppressed[order.channel];
        const reason =
          (gate.situations.includes('deceased') && 'deceased') ||
          (asked.now > order.useBy && 'too-late') ||
          (!asked.reachable && (order.channel === 'email' ? 'no-email' : 'no-postal-address')) ||
          (shut !== undefined && shut !== 'soft-bounces' && 'suppressed');
        expect(decision).toEqual(reason ? skip(reason) : SEND);
      }),
      { numRuns: 3_000, seed: 5 },
    );
  });

  test('a held message is decided again later than now, within its use-by', () => {
    fc.assert(
      fc.property(fc.oneof(question('marketing'), question('service')), (asked) => {
        const decision = decide(asked);
        if (decision.kind !== 'hold') return;
        expect(decision.until).toBeGreaterThan(asked.now);
        expect(decision.until).toBeLessThanOrEqual(asked.order.useBy);
      }),
      { numRuns: 5_000, seed: 6 },
    );
  });
});
