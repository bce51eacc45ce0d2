import type { CivilDate, ZoneId } from '../platform/time.ts';
import { weekdayOf } from '../platform/time.ts';
import generated from './generated/holidays.json' with { type: 'json' };

/** Days as `MMDD` run together: those of every year, and the others by year. */
interface CompactDays {
  readonly always: string;
  readonly byYear: Readonly<Record<string, string>>;
}

/** What scripts/build-holidays.ts writes. */
export interface HolidayFile {
  /** Hash of what it was computed from. */
  readonly sources: string;
  /** First and last year that it knows. */
  readonly first: number;
  readonly last: number;
  /** By ISO 3166-1 alpha-2: public holidays, and weekend days that are worked. */
  readonly countries: Readonly<Record<string, { readonly closed: CompactDays; readonly open: CompactDays }>>;
  /** Country of each zone of these countries. */
  readonly zones: Readonly<Record<string, string>>;
}

const file: HolidayFile = generated;

/** The days of a country that are not as the week says. Empty where the country is not known. */
export interface CountryCalendar {
  /** Public holidays, make-up rest days included. */
  readonly closedOn: ReadonlySet<CivilDate>;
  /** Saturdays and Sundays that are worked (China's 调休). */
  readonly openOn: ReadonlySet<CivilDate>;
}

const decode = ({ always, byYear }: CompactDays): ReadonlySet<CivilDate> => {
  const days = new Set<CivilDate>();
  const add = (year: number, run: string): void => {
    for (const [, month, day] of run.matchAll(/(\d\d)(\d\d)/g)) days.add(`${year}-${month}-${day}` as CivilDate);
  };
  for (let year = file.first; year <= file.last; year += 1) {
    add(year, always);
    add(year, byYear[year] ?? '');
  }
  return days;
};

const nothing: CountryCalendar = { closedOn: new Set(), openOn: new Set() };
const decoded = new Map<string, CountryCalendar>();

/** The calendar of a country (ISO 3166-1 alpha-2); an empty one where it is not in `templates/holiday-countries.json`. */
export const calendarOf = (country: string | undefined): CountryCalendar => {
  const known = country === undefined ? undefined : file.countries[country];
  if (country === undefined || known === undefined) return nothing;
  const calendar = decoded.get(country) ?? { closedOn: decode(known.closed), openOn: decode(known.open) };
  decoded.set(country, calendar);
  return calendar;
};

/** The country of a zone, by today's borders; undefined where it is not among the known ones. */
export const countryOfZone = (zone: ZoneId): string | undefined =>
  file.zones[zone] ?? file.zones[new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone];

/** Which days a rule keeps free. */
export const closedDayRules = ['holidays', 'weekends-and-holidays'] as const;
export type ClosedDays = (typeof closedDayRules)[number];

/** Whether `day` is one of the days that `rule` keeps free in `country`. A make-up day is a working day. */
export const isClosedDay = (day: CivilDate, country: string | undefined, rule: ClosedDays): boolean => {
  const { closedOn, openOn } = calendarOf(country);
  if (openOn.has(day)) return false;
  return closedOn.has(day) || (rule === 'weekends-and-holidays' && weekdayOf(day) > 5);
};
