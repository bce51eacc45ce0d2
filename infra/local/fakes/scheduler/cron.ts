import { EngagementError } from '../../../../shared/platform/errors.ts';

/** An AWS cron expression, six fields: minutes, hours, day of month, month, day of week (1 = SUN), year. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Whether the calendar day is one of its days. Month 1–12, weekday 1 = Sunday … 7 = Saturday. */
  matchesDay(day: CronDay): boolean;
}

interface CronDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Years AWS takes; the search for a next day ends with the last. */
export const LAST_YEAR = 2199;

/** Reads the text between the brackets of `cron(…)`. @throws EngagementError `misconfigured` naming the field */
export const parseCron = (text: string): Cron => {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw wrong(text, `${fields.length} fields instead of 6`);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw wrong(text, 'exactly one of day of month and day of week must be ?');
  }
  const months = new Set(readList(month, 1, 12, MONTHS, text));
  const years = readYears(year, text);
  const isDay = dayOfMonth === '?' ? weekdayRule(dayOfWeek, text) : monthDayRule(dayOfMonth, text);
  return {
    minutes: readList(minute, 0, 59, [], text),
    hours: readList(hour, 0, 23, [], text),
    matchesDay: (day) => months.has(day.month) && years(day.year) && isDay(day),
  };
};

const wrong = (text: string, why: string): EngagementError =>
  new EngagementError('misconfigured', `schedule cron(${text}) is not readable: ${why}`);

/** `*`, `5`, `1-5`, `MON-FRI`, `0/15`, `10-40/10`, `*\/5` and lists of these, ascending. */
const readList = (field: string, low: number, high: number, names: readonly string[], text: string): number[] => {
  const found = new Set<number>();
  const read = (part: string): number => {
    const named = names.indexOf(part.toUpperCase());
    const value = named >= 0 ? named + 1 : /^\d+$/.test(part) ? Number(part) : Number.NaN;
    if (!(value >= low && value <= high)) throw wrong(text, `"${part}" is not within ${low}–${high}`);
    return value;
  };
  for (const part of field.split(',')) {
    const [range = '', step, ...rest] = part.split('/');
    const by = step === undefined ? 1 : Number(step);
    if (rest.length > 0 || !(Number.isInteger(by) && by > 0)) throw wrong(text, `"${part}" has no step`);
    const [first = '', last, ...more] = range === '*' ? [String(low), String(high)] : range.split('-');
    if (more.length > 0) throw wrong(text, `"${part}" is no range`);
    const from = read(first);
    const to = last === undefined ? (step === undefined ? from : high) : read(last);
    if (to < from) throw wrong(text, `"${part}" ends before it begins`);
    for (let value = from; value <= to; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
};

const readYears = (field: string, text: string): ((year: number) => boolean) => {
  if (field === '*') return () => true;
  const years = new Set(readList(field, 1970, LAST_YEAR, [], text));
  return (year) => years.has(year);
};

/** Days of that month, 28–31. */
const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

const monthDayRule = (field: string, text: string): ((day: CronDay) => boolean) => {
  if (field === 'L') return ({ year, month, day }) => day === daysIn(year, month);
  const nearest = /^(\d+)W$/.exec(field);
  if (nearest) {
    const [wanted] = readList(nearest[1] ?? '', 1, 31, [], text);
    return (day) => isNearestWorkday(day, wanted as number);
  }
  if (/[LW#]/i.test(field)) throw wrong(text, `day of month "${field}" is not covered`);
  const days = new Set(readList(field, 1, 31, [], text));
  return ({ day }) => days.has(day);
};

/** `3W`: the workday nearest to the third, within the month; a month without that day has none. */
const isNearestWorkday = ({ year, month, day }: CronDay, wanted: number): boolean => {
  const last = daysIn(year, month);
  if (wanted > last) return false;
  const weekday = new Date(Date.UTC(year, month - 1, wanted)).getUTCDay();
  if (weekday === 6) return day === (wanted === 1 ? 3 : wanted - 1);
  if (weekday === 0) return day === (wanted === last ? wanted - 2 : wanted + 1);
  return day === wanted;
};

const weekdayRule = (field: string, text: string): ((day: CronDay) => boolean) => {
  const read = (part: string): number => readList(part, 1, 7, WEEKDAYS, text)[0] as number;
  if (field === 'L') return ({ weekday }) => weekday === 7;
  const last = /^(\w+)L$/.exec(field);
  if (last) {
    const wanted = read(last[1] ?? '');
    return ({ year, month, day, weekday }) => weekday === wanted && day + 7 > daysIn(year, month);
  }
  const nth = /^(\w+)#([1-5])$/.exec(field);
  if (nth) {
    const wanted = read(nth[1] ?? '');
    return ({ day, weekday }) => weekday === wanted && Math.ceil(day / 7) === Number(nth[2]);
  }
  const days = new Set(readList(field, 1, 7, WEEKDAYS, text));
  return ({ weekday }) => days.has(weekday);
};
