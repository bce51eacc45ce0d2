import { describe, expect, test } from 'vitest';
import { nextRun, onceAt, ruleProblem } from '../../shared/campaign/recurrence.ts';
import { formatInstant, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';

const instant = (text: string) => parseInstant(text) as Instant;

/** All runs from `after` until before `end`. */
const runs = (rrule: string, from: string, zone: string, after: Instant, end: Instant): Instant[] => {
  const every = { rrule, from, zone: zone as ZoneId };
  const found: Instant[] = [];
  for (let at = nextRun(every, after); at !== undefined && at < end; at = nextRun(every, at)) found.push(at);
  return found;
};

/* The calendar that the runs are compared with: days by Date.UTC, zones by Intl, nothing of Temporal. */
const DAY = 86_400_000;
const MINUTE = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** The clock in `zone` at `at`, as if it were UTC. */
const clockAt = (at: number, zone: string): number => {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute);
};

/** When the clocks of `zone` first show `wall`; where they never do, as late after the change as it would have been. */
const instantOf = (wall: number, zone: string): number => {
  const before = clockAt(wall - DAY, zone) - (wall - DAY);
  const after = clockAt(wall + DAY, zone) - (wall + DAY);
  const fitting = [wall - before, wall - after].filter((at) => clockAt(at, zone) === wall);
  return fitting.length > 0 ? Math.min(...fitting) : wall - before;
};

interface Day {
  readonly wall: number;
  readonly date: Date;
  /** 0 = Sunday. */
  readonly weekday: number;
  readonly ofMonth: number;
  readonly ofMonthEnd: number;
  readonly month: number;
}
const daysOf = (years: readonly number[]): Day[] => {
  const days: Day[] = [];
  for (let wall = Date.UTC(years[0]!, 0, 1); wall < Date.UTC(years.at(-1)! + 1, 0, 1); wall += DAY) {
    const date = new Date(wall);
    const [ofMonth, month] = [date.getUTCDate(), date.getUTCMonth() + 1];
    const length = new Date(Date.UTC(date.getUTCFullYear(), month, 0)).getUTCDate();
    days.push({ wall, date, weekday: date.getUTCDay(), ofMonth, ofMonthEnd: length - ofMonth + 1, month });
  }
  return days;
};

const ZONES = [
  'Europe/Madrid',
  'Europe/London',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Shanghai',
  'Asia/Beirut',
  'Pacific/Auckland',
  'Africa/Casablanca',
];
/** 2028 has a 29 February. */
const YEARS = [2026, 2027, 2028];

const SHAPES: readonly [rrule: string, due: (day: Day) => boolean][] = [
  ['FREQ=DAILY', () => true],
  ['FREQ=DAILY;INTERVAL=3', ({ wall }) => ((wall - Date.UTC(2026, 0, 1)) / DAY) % 3 === 0],
  ['FREQ=WEEKLY;BYDAY=SU', ({ weekday }) => weekday === 0],
  ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', ({ weekday }) => weekday > 0 && weekday < 6],
  ['FREQ=MONTHLY;BYDAY=1MO', ({ weekday, ofMonth }) => weekday === 1 && ofMonth <= 7],
  ['FREQ=MONTHLY;BYDAY=-1SU', ({ weekday, ofMonthEnd }) => weekday === 0 && ofMonthEnd <= 7],
  ['FREQ=MONTHLY;BYMONTHDAY=-1', ({ ofMonthEnd }) => ofMonthEnd === 1],
  ['FREQ=MONTHLY;BYMONTHDAY=31', ({ ofMonth }) => ofMonth === 31],
  [
    'FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
    ({ month, weekday, ofMonthEnd }) => month === 3 && weekday === 0 && ofMonthEnd <= 7,
  ],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', ({ month, ofMonth }) => month === 2 && ofMonth === 29],
];
const TIMES = ['00:30', '02:00', '02:30', '10:00', '23:45'];

describe('recurring campaigns', () => {
  const days = daysOf(YEARS);
  const [after, end] = [Date.UTC(2025, 11, 30) as Instant, Date.UTC(2029, 0, 3) as Instant];

  test.each(ZONES)('F15: exactly one run per due day in %s, also on the nights the clocks change', (zone) => {
    for (const [rrule, due] of SHAPES)
      for (const time of TIMES) {
        const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
        const expected = days.filter(due).map(({ wall }) => instantOf(wall + minutes * MINUTE, zone));
        const found = runs(`${rrule};UNTIL=20281231`, `2026-01-01T${time}`, zone, after, end);
        expect([rrule, time, found.length]).toEqual([rrule, time, expected.length]);
        expect(found.filter((at, n) => at !== expected[n]).map((at) => [rrule, time, formatInstant(at)])).toEqual([]);
      }
  });

  test('F15: 02:30 in the night it does not exist is 03:30, and in the night it exists twice the first', () => {
    const spring = runs(
      'FREQ=DAILY',
      '2027-03-27T02:30',
      'Europe/Madrid',
      instant('2027-03-26T12:00:00Z'),
      instant('2027-03-30T00:00:00Z'),
    );
    expect(spring.map(formatInstant)).toEqual(
      ['2027-03-27T01:30', '2027-03-28T01:30', '2027-03-29T00:30'].map((text) => `${text}:00.000Z`),
    );
    const autumn = runs(
      'FREQ=DAILY',
      '2027-10-30T02:30',
      'Europe/Madrid',
      instant('2027-10-29T12:00:00Z'),
      instant('2027-11-02T00:00:00Z'),
    );
    expect(autumn.map(formatInstant)).toEqual(
      ['2027-10-30T00:30', '2027-10-31T00:30', '2027-11-01T01:30'].map((text) => `${text}:00.000Z`),
    );
  });

  test('runs that a gap puts into another order come in the order of time, each instant once', () => {
    const inTheGap = (from: string, minutes: string) =>
      runs(
        `FREQ=DAILY;BYHOUR=2,3;BYMINUTE=${minutes}`,
        from,
        'Europe/Madrid',
        instant('2027-03-28T00:00:00Z'),
        instant('2027-03-28T12:00:00Z'),
      ).map((at) => formatInstant(at).slice(11, 16));
    expect(inTheGap('2027-03-28T00:00', '0,30')).toEqual(['01:00', '01:30']);
    // 02:30 is moved behind 03:15
    expect(inTheGap('2027-03-28T02:30', '15,30')).toEqual(['01:15', '01:30']);
  });

  test.each([
    ['FREQ=DAILY;COUNT=2', ['01', '02']],
    ['FREQ=DAILY;UNTIL=20270103', ['01', '02', '03']],
    // 02:00Z is 10:00 in Shanghai
    ['FREQ=DAILY;UNTIL=20270102T020000Z', ['01', '02']],
    ['FREQ=DAILY;UNTIL=20270102T015959Z', ['01']],
    ['FREQ=DAILY;UNTIL=20270102T100000', ['01', '02']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', []],
  ])('%s ends', (rrule, expected) => {
    const found = runs(rrule, '2027-01-01T10:00', 'Asia/Shanghai', 0 as Instant, instant('2027-02-01T00:00:00Z'));
    expect(found.map((at) => formatInstant(at).slice(8, 10))).toEqual(expected);
  });

  test('a campaign that goes out once goes by the clock of its zone', () => {
    const at = (local: string, zone: string) => formatInstant(onceAt({ at: local, zone: zone as ZoneId }));
    expect(at('2027-03-28T02:30', 'Europe/Madrid')).toBe('2027-03-28T01:30:00.000Z');
    expect(at('2027-06-01T10:00', 'Asia/Shanghai')).toBe('2027-06-01T02:00:00.000Z');
  });

  test.each([
    ['FREQ=HOURLY', 'HOURLY'],
    ['FREQ=DAILY;BYDAY=XX', 'XX'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'twice'],
    ['FREQ=DAILY;BYSECOND=3', 'BYSECOND'],
    ['INTERVAL=2', 'FREQ'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
    ['FREQ=DAILY;UNTIL=2027-01-01', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20270230', '20270230'],
    ['FREQ=DAILY;UNTIL=20270201;COUNT=3', 'COUNT'],
    ['FREQ=MONTHLY;BYMONTHDAY=45', '45'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=DAILY;BYHOUR=25', '25'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
    ['FREQ=DAILY\nEXDATE:20270101', 'EXDATE'],
    ['every monday', 'every monday'],
  ])('refuses %j and names %s', (rrule, named) => {
    expect(ruleProblem({ rrule, from: '2027-01-01T10:00' })).toContain(named);
  });

  test('takes what is right, and refuses a first day that does not exist', () => {
    for (const [rrule] of SHAPES) expect(ruleProblem({ rrule, from: '2027-01-01T10:00' })).toBeUndefined();
    expect(ruleProblem({ rrule: 'FREQ=DAILY', from: '2027-02-30T10:00' })).toContain('2027-02-30');
  });
});
