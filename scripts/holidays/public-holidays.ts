import announced from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import Holidays from 'date-holidays';

/** Years that renewals of today's contracts and of old sample books fall into. */
export const YEARS = { first: 2015, last: 2040 } as const;

const inYears = (day: string): boolean => {
  const year = Number(day.slice(0, 4));
  return year >= YEARS.first && year <= YEARS.last;
};

/** By rule: what a country's law says of every year. */
const byRule = (country: string): string[] => {
  const calendar = new Holidays(country, { types: ['public'] });
  const days = new Set<string>();
  for (let year = YEARS.first; year <= YEARS.last; year += 1) {
    for (const holiday of calendar.getHolidays(year)) {
      const from = Date.parse(`${holiday.date.slice(0, 10)}T00:00:00Z`);
      const length = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / 86_400_000));
      for (let n = 0; n < length; n += 1) days.add(new Date(from + n * 86_400_000).toISOString().slice(0, 10));
    }
  }
  return [...days];
};

/** Years whose holidays and make-up days (调休) the State Council of China has announced, as far as the package knows. */
const announcedYears = new Set(Object.keys(announced.holidays).map((day) => day.slice(0, 4)));

/**
 * Public holidays of a country, every day of those that last several, ascending. In mainland China as announced, each
 * autumn for the next year; for years not announced yet the days of the law, which are fewer.
 */
export const publicHolidays = (country: string): readonly string[] => {
  const rule = byRule(country);
  const days =
    country === 'CN'
      ? [...rule.filter((day) => !announcedYears.has(day.slice(0, 4))), ...Object.keys(announced.holidays)]
      : rule;
  return [...new Set(days.filter(inYears))].sort();
};

/** Weekend days that are worked in a country, ascending: China's make-up days, none elsewhere. */
export const makeUpDays = (country: string): readonly string[] =>
  country === 'CN' ? Object.keys(announced.workdays).filter(inYears).sort() : [];

/** The zones of a country, as the runtime names them. */
export const zonesOf = (country: string): readonly string[] =>
  (new Intl.Locale('und', { region: country }) as Intl.Locale & { getTimeZones(): string[] }).getTimeZones();
