import { RRuleTemporal } from 'rrule-temporal';
import {
  type CivilDate,
  civilDateAt,
  DAY,
  type Instant,
  instantAt,
  parseCivilDate,
  parseInstant,
  type WallTime,
  wallTimeAt,
  type ZoneId,
} from '../platform/time.ts';
import type { Trigger } from './definition.ts';

/** The trigger of a recurring campaign. */
export type Every = Extract<Trigger, { every: unknown }>['every'];
/** The trigger of a campaign that goes out once. */
export type Once = Extract<Trigger, { once: unknown }>['once'];

const UTC = 'UTC' as ZoneId;
/** What a part of a rule may hold: words, or numbers of a range, negative ones (from the end) only where said. */
type Part =
  | { readonly words: RegExp; readonly such: string }
  | { readonly most: number; readonly zero?: true; readonly fromEnd?: true };

/** The parts of RFC 5545's RRULE that mean something here: runs are by the minute. The library passes over values that
 *  are out of range (BYMONTHDAY=45); here a typo must not become another rule. */
const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['FREQ', { words: /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/, such: 'DAILY, WEEKLY, MONTHLY or YEARLY' }],
  ['INTERVAL', { most: 366 }],
  ['COUNT', { most: 1_000 }],
  ['UNTIL', { words: /^\d{8}(T([01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?$/, such: '20271231 or 20271231T235959Z' }],
  ['WKST', { words: /^(MO|TU|WE|TH|FR|SA|SU)$/, such: 'MO … SU' }],
  ['BYDAY', { words: /^([+-]?([1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)$/, such: 'MO, 1MO or -1FR' }],
  ['BYMONTH', { most: 12 }],
  ['BYWEEKNO', { most: 53, fromEnd: true }],
  ['BYYEARDAY', { most: 366, fromEnd: true }],
  ['BYMONTHDAY', { most: 31, fromEnd: true }],
  ['BYHOUR', { most: 23, zero: true }],
  ['BYMINUTE', { most: 59, zero: true }],
  ['BYSETPOS', { most: 366, fromEnd: true }],
]);
const UNTIL_FORM = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

/** `2027-01-15T10:00` in a zone as an instant; in a spring gap later by the gap, in an autumn overlap the first. */
const localInstant = (local: string, zone: ZoneId): Instant =>
  instantAt(local.slice(0, 10) as CivilDate, local.slice(11, 16) as WallTime, zone);

/** When a campaign goes out that goes out once. */
export const onceAt = ({ at, zone }: Once): Instant => localInstant(at, zone);

/** The last instant at which a rule may fire: UNTIL with `Z` is an instant, without it a wall clock in the zone, and as a
 *  bare date that whole day. */
const lastInstant = (until: string | undefined, zone: ZoneId): number => {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  const [, year, month, day, hour, minute, second, utc] = UNTIL_FORM.exec(until) ?? [];
  if (hour === undefined) return localInstant(`${year}-${month}-${day}T23:59`, zone);
  return utc === 'Z'
    ? (parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) as Instant)
    : localInstant(`${year}-${month}-${day}T${hour}:${minute}`, zone);
};

const partsOf = (rrule: string): ReadonlyMap<string, string> =>
  new Map(rrule.split(';').map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']));

const fits = (part: Part, value: string): boolean => {
  if ('words' in part) return part.words.test(value);
  if (!/^-?\d{1,4}$/.test(value)) return false;
  const number = Number(value);
  return (
    Math.abs(number) <= part.most && (number !== 0 || part.zero === true) && (number >= 0 || part.fromEnd === true)
  );
};

/**
 * What is wrong with a recurrence rule, and what to do.
 * @returns undefined where it is a rule that can be run
 */
export const ruleProblem = ({ rrule, from }: Pick<Every, 'rrule' | 'from'>): string | undefined => {
  const parts = partsOf(rrule);
  if (parts.size < rrule.split(';').length) return `"${rrule}" names a part twice: leave one`;
  for (const [name, values] of parts) {
    const part = PARTS.get(name);
    if (part === undefined) return `"${name}" is no part of a rule: use ${[...PARTS.keys()].join(', ')}`;
    const wrong = (name.startsWith('BY') ? values.split(',') : [values]).find((value) => !fits(part, value));
    if (wrong !== undefined) {
      return `"${wrong}" is no value of ${name}: use ${'words' in part ? part.such : `whole numbers up to ${part.most}`}`;
    }
  }
  if (!parts.has('FREQ')) return 'FREQ is missing: begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY';
  const until = parts.get('UNTIL');
  if (until !== undefined && parts.has('COUNT')) return 'COUNT and UNTIL exclude each other (RFC 5545): leave one';
  if (until !== undefined && parseCivilDate(until.slice(0, 8).replace(/(..)(..)$/, '-$1-$2')) === undefined)
    return `UNTIL is "${until}": there is no such day`;
  if (parseCivilDate(from.slice(0, 10)) === undefined) return `"from" is "${from}": there is no such day`;
  try {
    wallClocks({ rrule, from });
    return undefined;
  } catch (error) {
    return `"${rrule}" is no rule of RFC 5545 (${(error as Error).message}): write it as FREQ=MONTHLY;BYDAY=1MO`;
  }
};

/**
 * The rule over wall clocks alone, held in a zone without clock changes: which day and time of day is meant does not
 * depend on what the clocks do that night. The zone comes in afterwards, by the one rule of time.ts; so every due day has
 * exactly one run, where RFC 5545 and EventBridge Scheduler would leave out 02:30 on the night of a spring gap (F15).
 */
const wallClocks = ({ rrule, from }: Pick<Every, 'rrule' | 'from'>): RRuleTemporal => {
  const start = `${from.replaceAll(/[-:]/g, '')}00`;
  const rule = rrule
    .split(';')
    .filter((part) => !part.startsWith('UNTIL='))
    .join(';');
  return new RRuleTemporal({ rruleString: `DTSTART;TZID=UTC:${start}\nRRULE:${rule}`, strict: true });
};

/** The library gives up after ten thousand periods without one: such a rule asks for a 30 February. */
const nextWall = (rule: RRuleTemporal, wall: number): number | undefined => {
  try {
    return rule.next(new Date(wall))?.epochMilliseconds;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Maximum')) return undefined;
    throw error;
  }
};

/**
 * The first run after `after`.
 * @returns undefined where there is none any more
 */
export const nextRun = (every: Every, after: Instant): Instant | undefined => {
  const { zone } = every;
  const rule = wallClocks(every);
  const last = lastInstant(partsOf(every.rrule).get('UNTIL'), zone);
  const wallOf = (at: Instant): number => localInstant(`${civilDateAt(at, zone)}T${wallTimeAt(at, zone)}`, UTC);
  // a clock is never set by more than a day, so that no run after `after` has a wall clock a day before its
  let wall: number | undefined = wallOf(after) - DAY;
  let found: { at: Instant; wall: number } | undefined;
  while ((wall = nextWall(rule, wall)) !== undefined) {
    // in a gap 02:30 is later than 03:00: those that follow within the day may come first
    if (found !== undefined && wall > found.wall + DAY) break;
    const at = localInstant(new Date(wall).toISOString(), zone);
    if (at > last) break;
    if (at > after && (found === undefined || at < found.at)) found = { at, wall };
  }
  return found?.at;
};
