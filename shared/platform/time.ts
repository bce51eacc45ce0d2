import { Temporal } from 'temporal-polyfill';

/**
 * Instants, civil dates and zones are different types, because mixing them is the commonest fault of systems like
 * this one. This file is the only importer of Temporal; when the runtime has it built in (Node 26), one line changes.
 */

/** A point on the time line: milliseconds since 1970-01-01T00:00Z. */
export type Instant = number & { readonly __brand: 'Instant' };
/** A calendar day without a zone, `YYYY-MM-DD`. Compares rightly as text. */
export type CivilDate = string & { readonly __brand: 'CivilDate' };
/** A time of day without a zone, `HH:MM`, 24 hours. */
export type WallTime = string & { readonly __brand: 'WallTime' };
/** An IANA zone name such as `Europe/Madrid`. */
export type ZoneId = string & { readonly __brand: 'ZoneId' };

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** 24 hours of elapsed time; a calendar day may have 23 or 25, use `addDays` on a civil date for those. */
export const DAY = 86_400_000;

/** Reads an ISO 8601 instant with offset (`2019-01-31T00:00:00Z`); a bare date means its midnight in UTC.
 *  @returns undefined when `text` is neither */
export const parseInstant = (text: string): Instant | undefined => {
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return Temporal.Instant.from(`${text}T00:00:00Z`).epochMilliseconds as Instant;
    return Temporal.Instant.from(text).epochMilliseconds as Instant;
  } catch {
    return undefined;
  }
};

/** `2019-01-31T09:00:00.000Z`: fixed width, so that instants sort as text. */
export const formatInstant = (at: Instant): string => new Date(at).toISOString();

/** @returns the date, or undefined where the day does not exist (`2019-02-29`) or the form is another */
export const parseCivilDate = (text: string): CivilDate | undefined => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() as CivilDate;
  } catch {
    return undefined;
  }
};

/** @returns the zone, or undefined where the runtime's zone database does not know it */
export const parseZone = (text: string): ZoneId | undefined => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text as ZoneId;
  } catch {
    return undefined;
  }
};

/** The calendar day that `date` is `days` after (negative: before). */
export const addDays = (date: CivilDate, days: number): CivilDate =>
  Temporal.PlainDate.from(date).add({ days }).toString() as CivilDate;

/** The same day `years` later; 29 February becomes 28 February in a common year. */
export const addYears = (date: CivilDate, years: number): CivilDate =>
  Temporal.PlainDate.from(date).add({ years }).toString() as CivilDate;

/** Whole calendar days from `from` to `to`; negative where `to` is earlier. */
export const daysBetween = (from: CivilDate, to: CivilDate): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'day' }).days;

/** 1 = Monday … 7 = Sunday (ISO 8601). */
export const weekdayOf = (date: CivilDate): number => Temporal.PlainDate.from(date).dayOfWeek;

/** The calendar day it is in `zone` at `at`. */
export const civilDateAt = (at: Instant, zone: ZoneId): CivilDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString() as CivilDate;

/** The wall clock in `zone` at `at`. */
export const wallTimeAt = (at: Instant, zone: ZoneId): WallTime =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainTime()
    .toString({ smallestUnit: 'minute' }) as WallTime;

/** The instant at which the clocks of `zone` show `time` on `date`. In a spring gap: the same wall time by the offset
 *  before the gap, that is, later by the gap (02:30 becomes 03:30); in an autumn overlap: the earlier of the two. */
export const instantAt = (date: CivilDate, time: WallTime, zone: ZoneId): Instant =>
  Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) })
    .epochMilliseconds as Instant;

/** The first instant of `date` in `zone` (not always 00:00). */
export const startOfDay = (date: CivilDate, zone: ZoneId): Instant =>
  Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds as Instant;

/** `at` plus an ISO 8601 duration; days, weeks, months and years are calendar steps in `zone`.
 *  @throws RangeError when `duration` is none */
export const addDuration = (at: Instant, duration: string, zone: ZoneId): Instant =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).add(Temporal.Duration.from(duration))
    .epochMilliseconds as Instant;

/** True where `text` is an ISO 8601 duration such as `P3D` or `PT15M`. */
export const isDuration = (text: string): boolean => {
  try {
    Temporal.Duration.from(text);
    return true;
  } catch {
    return false;
  }
};
