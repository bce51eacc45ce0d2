import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  Channel,
  Pace,
  Preferences,
  RecentContact,
  SendClass,
  Situation,
  Suppression,
  Topic,
} from '../../shared/customer/customer.ts';
import { type ContactQuestion, decideContact } from '../../shared/message/contact-rules.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { DAY, HOUR, type Instant, MINUTE, type ZoneId } from '../../shared/platform/time.ts';
import { at, contactAt, questionAt } from './contact-questions.ts';

/** Zones with the country whose holidays count there, and its public holidays of the weeks that are looked at, typed
 *  from the published lists: an oracle that shares no code and no data with the rules. */
const ZONES = [
  ['Europe/Madrid', 'ES'],
  ['Asia/Shanghai', 'CN'],
  ['America/New_York', 'US'],
  ['Australia/Lord_Howe', 'AU'],
  ['Asia/Kathmandu', '-'],
  ['Pacific/Apia', '-'],
  ['America/St_Johns', 'CA'],
  ['Africa/Casablanca', '-'],
  ['America/Sao_Paulo', 'BR'],
  ['Europe/London', 'GB'],
] as readonly [string, string][] as readonly [ZoneId, string][];
const HOLIDAYS: Readonly<Record<string, readonly string[]>> = {
  ES: ['2026-10-12'],
  CN: ['2026-09-25', '2026-09-26', '2026-09-27', ...[1, 2, 3, 4, 5, 6, 7].map((day) => `2026-10-0${day}`)],
  US: ['2026-10-12', '2026-11-11'],
  AU: [],
  // Thanksgiving and Remembrance Day are the provinces', not the country's
  CA: [],
  // both Sundays of the general election are public holidays by its constitution
  BR: ['2026-10-04', '2026-10-12', '2026-10-25', '2026-11-02', '2026-11-15'],
  GB: [],
  '-': [],
};
const MAKE_UP: Readonly<Record<string, readonly string[]>> = { CN: ['2026-09-20', '2026-10-10'] };
/** From here to there the lists are complete; every zone with summer time changes its clocks in between. */
const FROM = at('2026-09-21T00:00:00Z');
const WEEKS = 7;

const formats = new Map<ZoneId, Intl.DateTimeFormat>();
const wallOf = (zone: ZoneId, instant: number): { day: string; time: string; weekend: boolean } => {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(zone, format);
  const [day = '', time = ''] = format.format(instant).split(' ');
  return { day, time, weekend: [0, 6].includes(new Date(day).getUTCDay()) };
};

const countryOf = (zone: ZoneId): string => ZONES.find(([one]) => one === zone)?.[1] ?? '-';

/** Whether the shipped figures let a message of a class go by a channel at an instant, its calendar alone. */
const isOpen = (zone: ZoneId, channel: Channel, sendClass: SendClass, instant: number): boolean => {
  if (sendClass === 'statutory' || channel === 'post') return true;
  const { day, time, weekend } = wallOf(zone, instant);
  if (time >= '21:00' || time < '08:00') return false;
  const country = countryOf(zone);
  const holiday = HOLIDAYS[country]?.includes(day) ?? false;
  const rest = holiday || (weekend && !MAKE_UP[country]?.includes(day));
  if (sendClass === 'marketing') return channel === 'phone' || channel === 'visit' ? !rest : !holiday;
  return channel === 'visit' ? !rest : channel === 'phone' ? !holiday : true;
};

const POINTS = { email: 1, post: 2, sms: 2, phone: 3, visit: 4 };

/** Whether caps and budget let a marketing message go at an instant. */
const hasRoom = (recent: readonly RecentContact[], channel: Channel, instant: number): boolean => {
  const within = (days: number) => recent.filter((one) => !one.failed && one.at + days * DAY > instant);
  const marketing = (days: number): number => within(days).filter((one) => one.sendClass === 'marketing').length;
  const points = within(30).reduce((sum, one) => sum + (one.sendClass === 'statutory' ? 0 : POINTS[one.channel]), 0);
  return marketing(7) < 1 && marketing(30) < 2 && points + POINTS[channel] <= 12;
};

/** M6: how often at most, in days, typed from the preference page's own words. */
const EVERY = { weekly: 7, monthly: 30, quarterly: 90 };

/** Whether what the customer said on the preference page lets a message about no contract go at an instant. */
const isWelcome = ({ order, gate }: ContactQuestion, instant: number): boolean => {
  if (order.requested || order.sendClass === 'statutory') return true;
  if (order.sendClass === 'service' && order.topic === undefined) return true;
  const { pace, pausedUntil = 0 } = gate.preferences ?? {};
  if (instant < pausedUntil) return false;
  if (pace === undefined) return true;
  return !Object.values(gate.recent).some((one) => one.paced && !one.failed && one.at + EVERY[pace] * DAY > instant);
};

/** Consent, suppression, topics, situations: what no waiting changes. */
const isAllowed = ({ order, gate, reachable, now }: ContactQuestion): boolean => {
  const { channel, sendClass } = order;
  const shut = gate.suppressed[channel];
  if (gate.situations.includes('deceased') || now > order.useBy || !reachable) return false;
  if (order.requested)
    return shut === undefined || shut === 'complaint' || shut === 'soft-bounces' || order.to === 'unconfirmed';
  if (sendClass !== 'statutory' && order.topic && gate.preferences?.refusedTopics.includes(order.topic)) return false;
  if (sendClass === 'statutory') return shut === undefined || shut === 'soft-bounces';
  if (shut !== undefined || gate.consent[`${channel}/service`]?.given === false) return false;
  if (sendClass === 'service')
    return !gate.situations.includes('fraud-review') && !gate.situations.includes('bereavement');
  const said = gate.consent[`${channel}/marketing`];
  return gate.situations.length === 0 && said?.given === true && said.wording !== 'legacy-unproven';
};

const zone = fc.constantFrom(...ZONES.map(([one]) => one));
const channel = fc.constantFrom<Channel>('email', 'post', 'phone', 'sms', 'visit');
const anyClass = fc.constantFrom<SendClass>('marketing', 'service', 'statutory');
const minute = fc.integer({ min: 0, max: (WEEKS * 7 - 10) * 24 * 60 }).map((n) => (FROM + n * MINUTE) as Instant);
const consents = fc.dictionary(
  fc.tuple(channel, fc.constantFrom('marketing', 'service')).map((parts) => parts.join('/')),
  fc.record({ given: fc.boolean(), wording: fc.constantFrom('w1', 'w1', 'legacy-unproven'), at: fc.constant(FROM) }),
  { maxKeys: 3 },
);
const rarely = <Value>(values: fc.Arbitrary<Value>, otherwise: Value): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: values });

type Requested = Pick<ContactQuestion['order'], 'requested' | 'to'>;
const preferences: fc.Arbitrary<(now: Instant) => Preferences> = fc
  .record({
    refusedTopics: fc.subarray<Topic>(['offers', 'advice', 'events', 'surveys']),
    pace: fc.option(fc.constantFrom<Pace>('weekly', 'monthly', 'quarterly'), { nil: undefined }),
    pausedFor: fc.option(fc.integer({ min: -100, max: 300 }), { nil: undefined }),
  })
  .map(({ refusedTopics, pace, pausedFor }) => (now) => ({
    refusedTopics,
    ...(pace === undefined ? {} : { pace }),
    ...(pausedFor === undefined ? {} : { pausedUntil: (now + pausedFor * HOUR) as Instant }),
  }));

/** Any question; most are allowed for good, so that what passes with time is reached. */
const question = (sendClass: fc.Arbitrary<SendClass>): fc.Arbitrary<ContactQuestion> =>
  fc
    .record({
      now: minute,
      zone,
      channel,
      sendClass,
      useHours: fc.integer({ min: 0, max: 9 * 24 }),
      reachable: rarely(fc.constant(false), true),
      said: rarely(consents, {}),
      suppressed: rarely(
        fc.dictionary(
          channel,
          fc.constantFrom<Suppression>('hard-bounce', 'complaint', 'soft-bounces', 'returned-mail', 'wrong-person'),
        ),
        {},
      ),
      situations: rarely(
        fc.uniqueArray(
          fc.constantFrom<Situation>('deceased', 'open-complaint', 'disputed-claim', 'bereavement', 'fraud-review'),
          { maxLength: 2 },
        ),
        [],
      ),
      contacts: fc.array(
        fc.record({
          hours: fc.integer({ min: 0, max: 34 * 24 }),
          channel,
          sendClass: anyClass,
          paced: fc.boolean(),
          failed: rarely(fc.constant(true), false),
        }),
        { maxLength: 6 },
      ),
      topic: fc.option(fc.constantFrom<Topic>('offers', 'advice', 'events', 'surveys'), { nil: undefined }),
      preferences: rarely(preferences, undefined),
      requested: rarely<Requested>(
        fc.constantFrom<Requested>({ requested: true }, { requested: true, to: 'unconfirmed' }),
        {},
      ),
    })
    .map((given) => {
      const asked = questionAt(given.now, {
        order: {
          channel: given.channel,
          sendClass: given.sendClass,
          useBy: (given.now + given.useHours * HOUR) as Instant,
          ...(given.topic === undefined ? {} : { topic: given.topic }),
          ...given.requested,
        },
        reachable: given.reachable,
      });
      return {
        ...asked,
        gate: {
          ...asked.gate,
          zone: given.zone,
          consent: { ...asked.gate.consent, ...given.said },
          suppressed: given.suppressed,
          ...(given.preferences === undefined ? {} : { preferences: given.preferences(given.now) }),
          situations: given.situations,
          recent: Object.fromEntries(
            given.contacts.map((one, n) => [
              `c${n}`,
              {
                ...contactAt(given.now - one.hours * HOUR, one.channel, one.sendClass),
                ...(one.paced ? { paced: true as const } : {}),
                ...(one.failed ? { failed: true as const } : {}),
              },
            ]),
          ),
        },
      };
    });

const passesAt = (asked: ContactQuestion, instant: number): boolean => {
  const { order, gate } = asked;
  if (order.requested) return true;
  return (
    isOpen(gate.zone, order.channel, order.sendClass, instant) &&
    isWelcome(asked, instant) &&
    (order.sendClass !== 'marketing' || hasRoom(Object.values(gate.recent), order.channel, instant))
  );
};

describe('contact rules against an oracle of their own (M3, C28)', () => {
  test('N4: a marketing message never passes where any rule forbids it, and always where none does', () => {
    let sent = 0;
    let welcome = 0;
    fc.assert(
      fc.property(question(fc.constant('marketing' as const)), (asked) => {
        const passes = isAllowed(asked) && passesAt(asked, asked.now);
        if (passes) sent += 1;
        if (passes && asked.gate.preferences) welcome += 1;
        expect(decideContact(asked).kind === 'send').toBe(passes);
      }),
      { numRuns: 6_000, seed: 28 },
    );
    expect(sent).toBeGreaterThan(300);
    expect(welcome).toBeGreaterThan(20);
  });

  test('M6: preferences change nothing for a message about a contract, nor for a statutory one with any topic', () => {
    fc.assert(
      fc.property(question(fc.constantFrom('service', 'statutory')), preferences, (asked, said) => {
        const { topic, ...order } = asked.order;
        const one = {
          ...asked,
          order: order.sendClass === 'service' || topic === undefined ? order : { ...order, topic },
        };
        const { preferences: _, ...gate } = asked.gate;
        const strict = { ...gate, preferences: said(asked.now) };
        const { explain: _a, ...before } = decideContact({ ...one, gate });
        const { explain: _b, ...after } = decideContact({ ...one, gate: strict });
        expect(after).toEqual(before);
      }),
      { numRuns: 4_000, seed: 34 },
    );
  });

  test('service likewise; bereavement alone makes it wait for no opening', () => {
    fc.assert(
      fc.property(question(fc.constant('service' as const)), (asked) => {
        expect(decideContact(asked).kind === 'send').toBe(isAllowed(asked) && passesAt(asked, asked.now));
      }),
      { numRuns: 4_000, seed: 29 },
    );
  });

  test('a statutory message is never dropped silently: sent at once, or refused for a reason that no waiting mends', () => {
    fc.assert(
      fc.property(question(fc.constant('statutory' as const)), (asked) => {
        const decision = decideContact(asked);
        expect(decision.kind === 'send').toBe(isAllowed(asked));
        if (decision.kind === 'send') return;
        expect(decision.kind).toBe('skip');
        expect(['deceased', 'too-late', 'no-email', 'no-phone', 'no-postal-address', 'suppressed']).toContain(
          decision.kind === 'skip' && decision.reason,
        );
      }),
      { numRuns: 4_000, seed: 30 },
    );
  });

  test('a message is held until the first open minute, which is open; else none was within the use-by', () => {
    let held = 0;
    fc.assert(
      fc.property(question(fc.constantFrom('marketing', 'service')), (asked) => {
        if (!isAllowed(asked) || passesAt(asked, asked.now)) return;
        let first: number = asked.now;
        while (first <= asked.order.useBy && !passesAt(asked, first)) first += MINUTE;
        const decision = decideContact(asked);
        if (first > asked.order.useBy) expect(decision.kind).toBe('skip');
        else {
          expect(decision).toMatchObject({ kind: 'hold', until: first });
          expect(decideContact({ ...asked, now: first as Instant }).kind).toBe('send');
          held += 1;
        }
      }),
      { numRuns: 1_000, seed: 31 },
    );
    expect(held).toBeGreaterThan(150);
  });

  test('monotone: one more contact, flag or refusal never lets a message go that did not go before', () => {
    const stricter = fc.oneof(
      fc
        .record({ channel, sendClass: anyClass })
        .map(({ channel: by, sendClass }) => ({ gate, now }: ContactQuestion) => ({
          recent: { ...gate.recent, x: contactAt(now - HOUR, by, sendClass) },
        })),
      fc.constantFrom(
        ({ gate, now }: ContactQuestion) => ({
          preferences: { refusedTopics: [], ...gate.preferences, pausedUntil: (now + 500 * DAY) as Instant },
        }),
        ({ gate, order }: ContactQuestion) => ({
          preferences: { ...gate.preferences, refusedTopics: order.topic === undefined ? [] : [order.topic] },
        }),
        ({ gate }: ContactQuestion) => ({ situations: [...gate.situations, 'open-complaint' as const] }),
        ({ gate, order }: ContactQuestion) => ({
          suppressed: { ...gate.suppressed, [order.channel]: 'hard-bounce' as const },
        }),
        ({ gate, order, now }: ContactQuestion) => ({
          consent: { ...gate.consent, [`${order.channel}/marketing`]: { given: false, wording: 'w1', at: now } },
        }),
      ),
    );
    fc.assert(
      fc.property(question(anyClass), stricter, (asked, change) => {
        if (decideContact(asked).kind === 'send') return;
        expect(decideContact({ ...asked, gate: { ...asked.gate, ...change(asked) } }).kind).not.toBe('send');
      }),
      { numRuns: 4_000, seed: 32 },
    );
  });

  test('C28: 24 hours × 10 zones × 7 weeks, DST nights and holidays among them: 0 accepts in quiet hours', () => {
    let accepts = 0;
    const wrong: string[] = [];
    const check = (zone: ZoneId, instant: number): void => {
      if (!isOpen(zone, 'email', 'marketing', instant)) wrong.push(`${zone} ${new Date(instant).toISOString()}`);
    };
    for (const [zone] of ZONES)
      for (let instant: number = FROM; instant < FROM + (WEEKS * 7 - 10) * DAY; instant += 30 * MINUTE) {
        const decision = decideContact(questionAt(instant as Instant, { gate: { zone } }));
        if (decision.kind === 'send') accepts += 1;
        if (decision.kind !== 'skip') check(zone, decision.kind === 'send' ? instant : decision.until);
      }
    expect(wrong).toEqual([]);
    expect(accepts).toBeGreaterThan(8_000);
    // a second on a machine that does nothing else
  }, 90_000);

  test('the same question gives the same answer, and settings of its own change nothing for others', () => {
    fc.assert(
      fc.property(question(anyClass), (asked) => {
        const first = decideContact(asked);
        const none = { ...contactSettings, caps: [], quietHours: {}, closedDays: {} };
        decideContact({ ...asked, settings: none });
        expect(decideContact(structuredClone(asked))).toEqual(first);
      }),
      { numRuns: 500, seed: 33 },
    );
  });
});
