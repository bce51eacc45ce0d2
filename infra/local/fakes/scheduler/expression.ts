import { EngagementError } from '../../../../shared/platform/errors.ts';
import {
  type CivilDate,
  civilDateAt,
  DAY,
  HOUR,
  type Instant,
  instantAt,
  MINUTE,
  parseCivilDate,
  parseZone,
  type WallTime,
  wallTimeAt,
  type ZoneId,
} from '../../../../shared/platform/time.ts';
import { type Cron, LAST_YEAR, parseCron } from './cron.ts';

/**
 * When a schedule fires, as EventBridge Scheduler documents it: wall times of its zone; one that a spring gap swallows
 * is skipped; one that an autumn overlap shows twice fires once, the first time.
 */
export type NextFire = (after: Instant) => Instant | undefined;

/** Reads `rate(…)`, `cron(…)` or `at(…)`. @throws EngagementError `misconfigured` */
export const readExpression = (expression: string, zoneName: string): NextFire => {
  const zone = parseZone(zoneName);
  if (zone === undefined) throw new EngagementError('misconfigured', `schedule zone "${zoneName}" is unknown`);
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case 'rate':
      return rate(inner, expression);
    case 'cron': {
      const cron = parseCron(inner);
      return (after) => nextOfCron(cron, zone, after);
    }
    case 'at':
      return at(inner, zone, expression);
    default:
      throw new EngagementError('misconfigured', `schedule "${expression}" is neither rate(…), cron(…) nor at(…)`);
  }
};

/** The first fire after `after`; undefined where there is none any more. */
export const nextFire = (expression: string, zone: string, after: Instant): Instant | undefined =>
  readExpression(expression, zone)(after);

const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: HOUR, day: DAY };

/** The service counts a rate from the schedule's making; here it counts from 1970, so that a state folder's age does
 *  not decide on which minute things happen. */
const rate = (inner: string, expression: string): NextFire => {
  const [, count = '', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(inner) ?? [];
  const every = Number(count) * (UNITS[unit] ?? 0);
  if (every === 0) throw new EngagementError('misconfigured', `schedule "${expression}" is not like rate(5 minutes)`);
  return (after) => ((Math.floor(after / every) + 1) * every) as Instant;
};

const at = (inner: string, zone: ZoneId, expression: string): NextFire => {
  const [, day = '', time = '', seconds = ''] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):(\d\d)$/.exec(inner) ?? [];
  const date = parseCivilDate(day);
  if (date === undefined || !isTime(time) || Number(seconds) > 59) {
    throw new EngagementError('misconfigured', `schedule "${expression}" is not like at(2026-11-22T09:00:00)`);
  }
  const fire = (instantAt(date, time as WallTime, zone) + Number(seconds) * 1_000) as Instant;
  return (after) => (fire > after ? fire : undefined);
};

const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

const nextOfCron = (cron: Cron, zone: ZoneId, after: Instant): Instant | undefined => {
  const firstDay = civilDateAt(after, zone);
  // wall times of the first day up to that of `after` lie before it: fires come in the order of their wall times
  let from: string = wallTimeAt(after, zone);
  for (let day = Date.parse(`${firstDay}T00:00:00Z`); ; day += DAY) {
    const date = new Date(day);
    const year = date.getUTCFullYear();
    if (year > LAST_YEAR) return undefined;
    const month = date.getUTCMonth() + 1;
    if (cron.matchesDay({ year, month, day: date.getUTCDate(), weekday: date.getUTCDay() + 1 })) {
      const civil = date.toISOString().slice(0, 10) as CivilDate;
      for (const time of timesOf(cron, from)) {
        const fire = instantAt(civil, time, zone);
        const swallowed = wallTimeAt(fire, zone) !== time || civilDateAt(fire, zone) !== civil;
        if (!swallowed && fire > after) return fire;
      }
    }
    from = '';
  }
};

/** The day's wall times after `from`, ascending. */
function* timesOf(cron: Cron, from: string): Generator<WallTime> {
  for (const hour of cron.hours) {
    const prefix = `${String(hour).padStart(2, '0')}:`;
    if (`${prefix}59` <= from) continue;
    for (const minute of cron.minutes) {
      const time = `${prefix}${String(minute).padStart(2, '0')}`;
      if (time > from) yield time as WallTime;
    }
  }
}
