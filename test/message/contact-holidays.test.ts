import { describe, expect, test } from 'vitest';
import { decideContact } from '../../shared/message/contact-rules.ts';
import { calendarOf, countryOfZone, isClosedDay } from '../../shared/message/holidays.ts';
import { type CivilDate, DAY, type Instant, type ZoneId } from '../../shared/platform/time.ts';
import { at, questionAt } from './contact-questions.ts';

const days = (month: number, from: number, to: number): string[] =>
  Array.from(
    { length: to - from + 1 },
    (_, n) => `${String(month).padStart(2, '0')}-${String(from + n).padStart(2, '0')}`,
  );

/** The State Council's notices, typed from them: holidays, and Saturdays and Sundays that are worked. */
const ANNOUNCED: Readonly<Record<string, { closed: string[]; open: string[] }>> = {
  2019: {
    closed: [
      ...days(1, 1, 1),
      ...days(2, 4, 10),
      ...days(4, 5, 7),
      ...days(5, 1, 4),
      ...days(6, 7, 9),
      ...days(9, 13, 15),
      ...days(10, 1, 7),
    ],
    open: ['02-02', '02-03', '04-28', '05-05', '09-29', '10-12'],
  },
  2025: {
    closed: [
      ...days(1, 1, 1),
      ...days(1, 28, 31),
      ...days(2, 1, 4),
      ...days(4, 4, 6),
      ...days(5, 1, 5),
      '05-31',
      ...days(6, 1, 2),
      ...days(10, 1, 8),
    ],
    open: ['01-26', '02-08', '04-27', '09-28', '10-11'],
  },
  2026: {
    closed: [
      ...days(1, 1, 3),
      ...days(2, 15, 23),
      ...days(4, 4, 6),
      ...days(5, 1, 5),
      ...days(6, 19, 21),
      ...days(9, 25, 27),
      ...days(10, 1, 7),
    ],
    open: ['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'],
  },
};

const ofYear = (set: ReadonlySet<CivilDate>, year: string): string[] =>
  [...set]
    .filter((day) => day.startsWith(year))
    .map((day) => day.slice(5))
    .sort();

/** Easter Sunday by Gauss and Lichtenberg, as days of March. */
const easter = (year: number): string => {
  const k = Math.floor(year / 100);
  const m = 15 + Math.floor((3 * k + 3) / 4) - Math.floor((8 * k + 13) / 25);
  const s = 2 - Math.floor((3 * k + 3) / 4);
  const a = year % 19;
  const d = (19 * a + m) % 30;
  const r = Math.floor((d + Math.floor(a / 11)) / 29);
  const og = 21 + d - r;
  const sz = 7 - ((year + Math.floor(year / 4) + s) % 7);
  const os = og + 7 - ((og - sz) % 7);
  return new Date(Date.UTC(year, 2, os)).toISOString().slice(0, 10);
};

describe('calendars of countries', () => {
  test.each(Object.keys(ANNOUNCED))('mainland China %s, as announced, make-up days included', (year) => {
    const { closedOn, openOn } = calendarOf('CN');
    expect(ofYear(closedOn, year)).toEqual([...(ANNOUNCED[year]?.closed ?? [])].sort());
    expect(ofYear(openOn, year)).toEqual(ANNOUNCED[year]?.open);
  });

  test('years that are not announced yet have the days of the law and no make-up days', () => {
    const { closedOn, openOn } = calendarOf('CN');
    expect(closedOn.has('2030-10-01' as CivilDate)).toBe(true);
    expect(ofYear(openOn, '2030')).toEqual([]);
  });

  test('Good Friday and Easter Monday of 26 years, against Gauss', () => {
    for (let year = 2015; year <= 2040; year += 1) {
      const sunday = Date.parse(easter(year));
      const on = (offset: number): CivilDate => new Date(sunday + offset * DAY).toISOString().slice(0, 10) as CivilDate;
      for (const country of ['DE', 'GB', 'ES', 'AU'])
        expect(calendarOf(country).closedOn.has(on(-2)), `${country} ${year}`).toBe(true);
      for (const country of ['DE', 'FR', 'AU'])
        expect(calendarOf(country).closedOn.has(on(1)), `${country} ${year}`).toBe(true);
    }
  });

  test.each([
    ['DE', '2026', ['01-01', '04-03', '04-06', '05-01', '05-14', '05-25', '10-03', '12-25', '12-26']],
    [
      'JP',
      '2026',
      [
        '01-01',
        '01-12',
        '02-11',
        '02-23',
        '03-20',
        '04-29',
        '05-03',
        '05-04',
        '05-05',
        '05-06',
        '07-20',
        '08-11',
        '09-21',
        '09-22',
        '09-23',
        '10-12',
        '11-03',
        '11-23',
      ],
    ],
  ])('%s %s, from the published list', (country, year, expected) => {
    expect(ofYear(calendarOf(country).closedOn, year)).toEqual(expected);
  });

  test('a country nobody listed has no holidays; a weekend is one everywhere but on a make-up day', () => {
    expect(isClosedDay('2026-01-01' as CivilDate, 'XX', 'holidays')).toBe(false);
    expect(isClosedDay('2026-01-01' as CivilDate, undefined, 'weekends-and-holidays')).toBe(false);
    expect(isClosedDay('2026-01-03' as CivilDate, undefined, 'weekends-and-holidays')).toBe(true);
    expect(isClosedDay('2026-02-14' as CivilDate, 'CN', 'weekends-and-holidays')).toBe(false);
    expect(isClosedDay('2026-02-14' as CivilDate, 'DE', 'weekends-and-holidays')).toBe(true);
    expect(isClosedDay('2026-03-14' as CivilDate, 'CN', 'weekends-and-holidays')).toBe(true);
  });

  test.each([
    ['Asia/Shanghai', 'CN'],
    ['Asia/Urumqi', 'CN'],
    ['Asia/Chongqing', 'CN'],
    ['Asia/Hong_Kong', 'HK'],
    ['Asia/Kolkata', 'IN'],
    ['Europe/Madrid', 'ES'],
    ['Atlantic/Canary', 'ES'],
    ['Australia/Lord_Howe', 'AU'],
    ['America/St_Johns', 'CA'],
    ['UTC', undefined],
  ])('%s lies in %s', (zone, country) => {
    expect(countryOfZone(zone as ZoneId)).toBe(country);
  });
});

describe('the rule', () => {
  const decide = (...asked: Parameters<typeof questionAt>) => {
    const { explain: _, ...decision } = decideContact(questionAt(...asked));
    return decision;
  };

  test('advertising waits for the end of Golden Week, in the morning; service and the law do not', () => {
    const now = at('2026-10-01T02:00:00Z');
    expect(decide(now)).toEqual({ kind: 'hold', reason: 'holiday', until: at('2026-10-08T00:00:00Z') });
    for (const sendClass of ['service', 'statutory'] as const)
      expect(decide(now, { order: { sendClass } })).toEqual({ kind: 'send' });
  });

  test('a use-by within the holidays: not at all, and the holiday is why', () => {
    const now = at('2026-10-01T02:00:00Z');
    const order = { useBy: (now + 3 * DAY) as Instant };
    expect(decide(now, { order })).toEqual({ kind: 'skip', reason: 'holiday' });
  });

  test('the eve of a holiday in quiet hours: the holiday is what keeps it', () => {
    expect(decide(at('2026-09-30T14:00:00Z'))).toEqual({
      kind: 'hold',
      reason: 'holiday',
      until: at('2026-10-08T00:00:00Z'),
    });
  });

  test('a letter has the print calendar and no holiday of its own', () => {
    expect(decide(at('2026-10-01T02:00:00Z'), { order: { channel: 'post' } })).toEqual({ kind: 'send' });
  });

  test('a make-up Saturday is a day for calls, any other Saturday is not (调休)', () => {
    const order = { channel: 'phone' as const };
    expect(decide(at('2026-02-14T03:00:00Z'), { order })).toEqual({ kind: 'send' });
    expect(decide(at('2026-03-14T03:00:00Z'), { order })).toEqual({
      kind: 'hold',
      reason: 'holiday',
      until: at('2026-03-16T00:00:00Z'),
    });
    // a Saturday before the make-up Sunday of 2025-09-28
    expect(decide(at('2025-09-27T03:00:00Z'), { order })).toEqual({
      kind: 'hold',
      reason: 'holiday',
      until: at('2025-09-28T00:00:00Z'),
    });
  });

  test('the address says the country, and only without one the zone', () => {
    const now = at('2026-10-01T02:00:00Z');
    expect(decide(now, { country: 'DE' })).toEqual({ kind: 'send' });
    expect(decide(at('2026-10-02T23:30:00Z'), { country: 'DE' })).toMatchObject({ kind: 'hold' });
    const madrid = { gate: { zone: 'Europe/Madrid' as ZoneId } };
    expect(decide(at('2026-10-12T09:00:00Z'), madrid)).toMatchObject({ kind: 'hold', reason: 'holiday' });
    expect(decide(at('2026-10-12T09:00:00Z'), { ...madrid, country: 'CN' })).toEqual({ kind: 'send' });
  });

  test('29 February is a day like any other', () => {
    const order = { channel: 'phone' as const };
    // a Tuesday; the night before it and the night after
    expect(decide(at('2028-02-28T15:00:00Z'), { order })).toMatchObject({ until: at('2028-02-29T00:00:00Z') });
    expect(decide(at('2028-02-29T03:00:00Z'), { order })).toEqual({ kind: 'send' });
    expect(decide(at('2028-02-29T15:00:00Z'), { order })).toMatchObject({ until: at('2028-03-01T00:00:00Z') });
  });
});
