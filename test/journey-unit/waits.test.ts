import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleSubject } from '../../shared/audience/rule-subject.ts';
import { type Wait, waitEnd } from '../../shared/journey/waits.ts';
import type { Instant, ZoneId } from '../../shared/platform/time.ts';
import { day, instant, MADRID } from './world.ts';

const ZONES = [
  'UTC',
  'Europe/Madrid',
  'Asia/Shanghai',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Africa/Cairo',
  'Pacific/Chatham',
] as ZoneId[];
const MINUTE = 60_000;
const DAY = 86_400_000;

const formats = new Map(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }),
  ]),
);
/** `2019-01-31 10:00`: what the runtime's own calendar says that clocks show. */
const shown = (at: number, zone: ZoneId): string => formats.get(zone)?.format(at) ?? '';
const weekday = (date: string): string =>
  ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(`${date}T12:00:00Z`).getUTCDay()] as string;

const subject = (known: Partial<RuleSubject> = {}): RuleSubject => ({
  now: 0 as Instant,
  today: day('2019-01-01'),
  ...known,
});
const end = (wait: unknown, from: Instant, zone: ZoneId = MADRID, known: Partial<RuleSubject> = {}, occurrence = '1') =>
  waitEnd(wait as Wait, { from, zone, occurrence, subject: subject(known) });
const iso = (at: Instant | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

const anyInstant = fc.integer({ min: Date.UTC(2018, 0), max: Date.UTC(2021, 0) }).map((at) => at as Instant);
const anyTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);

describe('waits', () => {
  test('F15: until a time of day: the first minute that clocks show it, searched minute by minute', () => {
    fc.assert(
      fc.property(anyInstant, anyTime, fc.constantFrom(...ZONES), (from, time, zone) => {
        const found = end({ until: { time } }, from, zone) as Instant;
        let expected: number | undefined;
        for (let at = Math.ceil(from / MINUTE) * MINUTE; at <= from + 2 * DAY; at += MINUTE)
          if (shown(at, zone).endsWith(time)) {
            expected = at;
            break;
          }
        expect(found).toBeGreaterThanOrEqual(from);
        const isInGap = !shown(found, zone).endsWith(time);
        // a day whose clocks jump over the time has the wait end later by the gap, the same day: never skipped
        if (isInGap) expect(found).toBeLessThan(expected ?? Number.POSITIVE_INFINITY);
        else if (found !== expected) {
          // clocks show this minute for the second time that day: the first was before, so the day is over for it
          const twice = Array.from({ length: 180 }, (_, n) => (expected as number) - (n + 1) * MINUTE);
          expect(twice.some((at) => shown(at, zone) === shown(expected as number, zone))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('until one of some weekdays: that weekday, within a week and a day', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
    fc.assert(
      fc.property(
        anyInstant,
        fc.subarray([...days], { minLength: 1 }),
        fc.constantFrom(...ZONES),
        (from, weekdays, zone) => {
          const found = end({ until: { time: '12:00', weekdays } }, from, zone) as Instant;
          const [date, time] = shown(found, zone).split(' ') as [string, string];
          expect(time).toBe('12:00');
          expect(weekdays).toContain(weekday(date));
          expect(found - from).toBeLessThan(8 * DAY);
        },
      ),
    );
  });

  test('for so many days: the same time of day so many calendar days later, whatever the clocks did', () => {
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: 0, max: 730 }), fc.constantFrom(...ZONES), (from, days, zone) => {
        const found = end({ for: `P${days}D` }, from, zone) as Instant;
        const before = shown(from, zone).split(' ') as [string, string];
        const date = new Date(Date.parse(`${before[0]}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
        const [dateFound, timeFound] = shown(found, zone).split(' ') as [string, string];
        // Apia left out a day for good in 2011 only; a gap moves the time, never the day, of these zones
        expect(dateFound).toBe(date);
        const off = Math.abs(Date.parse(`2000-01-01T${timeFound}Z`) - Date.parse(`2000-01-01T${before[1]}Z`));
        expect(off).toBeLessThanOrEqual(60 * MINUTE);
      }),
      { numRuns: 500 },
    );
  });

  test('an exact duration is exact over a change of clocks', () => {
    const from = instant('2019-03-30T23:00:00Z');
    expect(end({ for: 'PT24H' }, from)).toBe(from + DAY);
    expect(end({ for: 'P1D' }, from)).toBe(from + DAY - 60 * MINUTE);
  });

  const policy = { renewsOn: day('2019-06-30'), startsOn: day('2018-06-30'), contractStartsOn: day('2016-06-30') };
  const claims = [
    { claimNo: 'C1', occurredOn: day('2019-01-05'), settledOn: day('2019-02-01') },
    { claimNo: 'C2', occurredOn: day('2019-01-06') },
  ];
  test.each([
    ['policy.renewsOn', -30, {}, '1', '2019-05-31T08:00:00.000Z'],
    ['policy.startsOn', 400, {}, '1', '2019-08-04T08:00:00.000Z'],
    ['policy.contractStartsOn', 0, {}, '1', '2016-06-30T08:00:00.000Z'],
    ['claim.settledOn', 10, {}, 'C1', '2019-02-11T09:00:00.000Z'],
    ['claim.settledOn', 10, {}, 'C2', undefined],
    ['claim.occurredOn', 0, {}, 'C2', '2019-01-06T09:00:00.000Z'],
    ['customer.birthOn', 0, { customer: { birthOn: day('1980-03-10') } }, '1', '2019-03-10T09:00:00.000Z'],
    ['customer.birthOn', 0, { customer: { birthOn: day('1980-01-10') } }, '1', '2020-01-10T09:00:00.000Z'],
    ['customer.birthOn', -14, { customer: { birthOn: day('1980-01-20') } }, '1', '2020-01-06T09:00:00.000Z'],
    ['customer.birthOn', 700, { customer: { birthOn: day('1980-01-20') } }, '1', '2019-12-21T09:00:00.000Z'],
    ['customer.birthOn', 0, { customer: { birthOn: day('1980-02-29') } }, '1', '2019-02-28T09:00:00.000Z'],
    ['customer.birthOn', 0, { customer: {} }, '1', undefined],
  ] as const)('until %s %i days: %o, %s', (date, days, known, occurrence, wanted) => {
    const subjectParts = { policy, claims, ...known } as unknown as Partial<RuleSubject>;
    const wait = { until: { date, days, time: '10:00' } };
    expect(iso(end(wait, instant('2019-01-15T12:00:00Z'), MADRID, subjectParts, occurrence))).toBe(wanted);
  });
});
