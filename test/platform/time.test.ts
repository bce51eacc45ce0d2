import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addDuration,
  addYears,
  type CivilDate,
  civilDateAt,
  daysBetween,
  formatInstant,
  type Instant,
  instantAt,
  isDuration,
  parseCivilDate,
  parseInstant,
  parseZone,
  startOfDay,
  type WallTime,
  wallTimeAt,
  weekdayOf,
  type ZoneId,
} from '../../shared/platform/time.ts';

const ZONES = [
  'Europe/Madrid',
  'Asia/Shanghai',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/St_Johns',
  'UTC',
] as ZoneId[];

/** The wall clock by the runtime's own zone data, independent of the library under test. */
const clockAt = (at: number, zone: string): { day: string; time: string } => {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
      .formatToParts(new Date(at))
      .map(({ type, value }) => [type, value]),
  );
  return { day: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
};

const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2045, 0, 1) }).map((at) => at as Instant);
const days = fc
  .integer({ min: Date.UTC(2000, 0, 1) / 86_400_000, max: Date.UTC(2045, 0, 1) / 86_400_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10) as CivilDate);
const zones = fc.constantFrom(...ZONES);

describe('civil dates', () => {
  test('are counted as UTC days are (oracle: UTC arithmetic)', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -5_000, max: 5_000 }), (day, count) => {
        const later = new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000);
        expect(addDays(day, count)).toBe(later.toISOString().slice(0, 10));
        expect(daysBetween(day, addDays(day, count))).toBe(count);
        expect(weekdayOf(day)).toBe(new Date(`${day}T00:00:00Z`).getUTCDay() || 7);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['2020-02-29', 1, '2021-02-28'],
    ['2020-02-29', 4, '2024-02-29'],
    ['2019-02-28', 1, '2020-02-28'],
    ['2018-12-31', -1, '2017-12-31'],
  ])('%s and %i years is %s', (from, years, to) => {
    expect(addYears(from as CivilDate, years)).toBe(to);
  });

  test.each(['2019-02-29', '2019-13-01', '2019-1-1', '20190101', '', '2019-01-01T00:00', ' 2019-01-01'])(
    '"%s" is none',
    (text) => expect(parseCivilDate(text)).toBeUndefined(),
  );

  test('29 February of a leap year is one', () => expect(parseCivilDate('2020-02-29')).toBe('2020-02-29'));
});

describe('instants', () => {
  test('show the wall clock of any zone (oracle: Intl)', () => {
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        expect({ day: civilDateAt(at, zone), time: wallTimeAt(at, zone) }).toEqual(clockAt(at, zone));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a wall time show that time again, unless the clocks skipped it, then the time after the gap', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 1_439 }), zones, (day, minute, zone) => {
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const at = instantAt(day, time as WallTime, zone);
        const shown = clockAt(at, zone);
        if (shown.day === day && shown.time === time) {
          // of two such instants (autumn) the earlier
          for (const back of [30, 60, 120]) expect(clockAt(at - back * 60_000, zone)).not.toEqual(shown);
          return;
        }
        // skipped: nothing in the two hours around shows it, and what is shown is later
        expect(`${shown.day}T${shown.time}` > `${day}T${time}`).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['2019-03-31', '02:30', 'Europe/Madrid', '2019-03-31T01:30:00.000Z'],
    ['2019-10-27', '02:30', 'Europe/Madrid', '2019-10-27T00:30:00.000Z'],
    ['2018-12-01', '10:00', 'Europe/Madrid', '2018-12-01T09:00:00.000Z'],
    ['2018-11-04', '00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
  ])('%s %s in %s is %s', (day, time, zone, expected) => {
    expect(formatInstant(instantAt(day as CivilDate, time as WallTime, zone as ZoneId))).toBe(expected);
  });

  test('a day begins where no earlier instant shows that day', () => {
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        const start = startOfDay(day, zone);
        expect(clockAt(start - 60_000, zone).day < day).toBe(true);
        expect(clockAt(start, zone).day >= day).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('durations step by the calendar of the zone: a day over the change of clocks has 23 hours', () => {
    const at = parseInstant('2019-03-30T09:00:00Z') as Instant;
    expect(addDuration(at, 'P1D', 'Europe/Madrid' as ZoneId) - at).toBe(23 * 3_600_000);
    expect(addDuration(at, 'P1D', 'UTC' as ZoneId) - at).toBe(24 * 3_600_000);
    expect(addDuration(at, 'PT36H', 'Europe/Madrid' as ZoneId) - at).toBe(36 * 3_600_000);
  });

  test('are read with an offset, or as midnight UTC of a bare date, and nothing else', () => {
    expect(parseInstant('2019-01-31T01:00:00+01:00')).toBe(Date.UTC(2019, 0, 31));
    expect(parseInstant('2019-01-31')).toBe(Date.UTC(2019, 0, 31));
    for (const text of ['2019-01-31T00:00:00', 'tomorrow', '2019-02-30', ''])
      expect(parseInstant(text)).toBeUndefined();
  });

  test('are written at fixed width, so that they sort as text', () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        expect(formatInstant(a) < formatInstant(b)).toBe(a < b);
        expect(parseInstant(formatInstant(a))).toBe(a);
      }),
    );
  });
});

test('zones and durations are known or not', () => {
  expect(parseZone('Europe/Madrid')).toBe('Europe/Madrid');
  expect(parseZone('Europe/Atlantis')).toBeUndefined();
  expect(isDuration('P3D')).toBe(true);
  expect(isDuration('3 days')).toBe(false);
});
