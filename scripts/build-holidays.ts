import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HolidayFile } from '../shared/message/holidays.ts';

/**
 * `npm run build`: computes the public holidays of the countries in `templates/holiday-countries.json` and of the print
 * houses, so that at run
 * time a calendar is a set of days. Their data has licences of its own, so the result is no part of the repository.
 * Does nothing where the sources are those of the last build.
 */
const root = join(import.meta.dirname, '..');
const result = join(root, 'shared/message/generated/holidays.json');
const [countriesFile, housesFile] = ['templates/holiday-countries.json', 'templates/print-houses.json'];

const hash = createHash('sha256');
for (const file of [
  'package-lock.json',
  'templates/holiday-countries.json',
  ...globSync('scripts/**/*holidays.ts', { cwd: root }).sort(),
])
  hash.update(readFileSync(join(root, file)));
const sources = hash.digest('hex');

const last = existsSync(result) ? (JSON.parse(readFileSync(result, 'utf8')) as HolidayFile).sources : undefined;
if (last !== sources) {
  const { makeUpDays, publicHolidays, YEARS, zonesOf } = await import('./holidays/public-holidays.ts');

  /** Days as `MMDD` run together: once for those of every year, and by year for the others. */
  const compact = (days: readonly string[]): HolidayFile['countries'][string]['closed'] => {
    const years = new Map<string, Set<string>>();
    for (const day of days) {
      const ofDay = day.slice(5).replace('-', '');
      years.set(ofDay, (years.get(ofDay) ?? new Set()).add(day.slice(0, 4)));
    }
    const always = [...years].filter(([, of]) => of.size === YEARS.last - YEARS.first + 1).map(([ofDay]) => ofDay);
    const byYear: Record<string, string> = {};
    for (const day of days) {
      const ofDay = day.slice(5).replace('-', '');
      if (!always.includes(ofDay)) byYear[day.slice(0, 4)] = (byYear[day.slice(0, 4)] ?? '') + ofDay;
    }
    return { always: always.sort().join(''), byYear };
  };

  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const houses = read(housesFile) as readonly { readonly country: string }[];
  const countries = [
    ...new Set([...(read(countriesFile) as string[]), ...houses.map(({ country }) => country)]),
  ].sort();
  const file: HolidayFile = {
    sources,
    ...YEARS,
    countries: Object.fromEntries(
      countries.map((country) => [
        country,
        { closed: compact(publicHolidays(country)), open: compact(makeUpDays(country)) },
      ]),
    ),
    zones: Object.fromEntries(countries.flatMap((country) => zonesOf(country).map((zone) => [zone, country]))),
  };
  mkdirSync(join(result, '..'), { recursive: true });
  writeFileSync(result, JSON.stringify(file));
  console.log(`holidays: ${countries.length} countries, ${YEARS.first} to ${YEARS.last}`);
}
