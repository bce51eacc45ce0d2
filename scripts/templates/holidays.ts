import Holidays from 'date-holidays';

/** Years that renewals of today's contracts and of old sample books fall into. */
const FIRST_YEAR = 2015;
const LAST_YEAR = 2040;

/** Public holidays of a country, every day of those that last several, ascending. */
export const publicHolidays = (country: string): readonly string[] => {
  const calendar = new Holidays(country, { types: ['public'] });
  const days = new Set<string>();
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
    for (const holiday of calendar.getHolidays(year)) {
      const from = Date.parse(`${holiday.date.slice(0, 10)}T00:00:00Z`);
      const length = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / 86_400_000));
      for (let n = 0; n < length; n += 1) days.add(new Date(from + n * 86_400_000).toISOString().slice(0, 10));
    }
  }
  return [...days].sort();
};
