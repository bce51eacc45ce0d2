import type { EventProperties } from '../audience/rule-subject.ts';
import { type CivilDate, civilDateAt, parseInstant, type ZoneId } from '../platform/time.ts';
import { showDate, showMoney } from './formats.ts';

const CIVIL_DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;
const MINOR = 'Minor';

const shown = (value: string | number | boolean, locale: string, zone: ZoneId): string | number | boolean => {
  if (typeof value !== 'string') return value;
  if (CIVIL_DATE.test(value)) return showDate(value as CivilDate, locale);
  const instant = INSTANT.test(value) ? parseInstant(value) : undefined;
  return instant === undefined ? value : showDate(civilDateAt(instant, zone), locale);
};

/**
 * The properties of an event as a reader sees them: days and instants as dates in words; an amount that is sent as
 * `<name>Minor` beside `currency` also as `<name>`, money. Blank ones are left out.
 */
export const eventData = (
  event: EventProperties,
  locale: string,
  zone: ZoneId,
): Readonly<Record<string, string | number | boolean>> => {
  const { currency } = event;
  const entries = Object.entries(event).flatMap(([name, value]): [string, string | number | boolean][] => {
    if (typeof value === 'string' && value.trim() === '') return [];
    if (name.endsWith(MINOR) && Number.isInteger(value) && typeof currency === 'string' && /^[A-Z]{3}$/.test(currency))
      return [
        [name, value],
        [name.slice(0, -MINOR.length), showMoney({ minor: value as number, currency }, locale)],
      ];
    return [[name, shown(value, locale, zone)]];
  });
  return Object.fromEntries(entries);
};
