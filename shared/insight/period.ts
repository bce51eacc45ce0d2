import {
  addDays,
  type CivilDate,
  civilDateAt,
  daysBetween,
  type Instant,
  startOfDay,
  weekdayOf,
  type ZoneId,
} from '../platform/time.ts';

/** The zone in which the head office counts its days; a request may name another. */
export const HOUSE_ZONE = 'Asia/Shanghai' as ZoneId;

/** How a range is cut: weeks from Monday, or calendar months. */
export const grains = ['week', 'month'] as const;
export type Grain = (typeof grains)[number];

/** A range of days in one zone and the periods it falls into; the first and the last may be cut short by the range. */
export interface Frame {
  readonly from: CivilDate;
  /** The last day. */
  readonly to: CivilDate;
  readonly zone: ZoneId;
  readonly grain: Grain;
  /** First days of the periods, oldest first. */
  readonly periods: readonly CivilDate[];
  /** The instants at which they begin. */
  readonly starts: readonly Instant[];
  /** The first instant after the range. */
  readonly end: Instant;
}

/** Ranges longer than this are cut into months. */
const LONGEST_BY_WEEK = 120;
/** Days of a range that nobody chose. */
const USUAL = 90;

const isFirstDay = (date: CivilDate, grain: Grain): boolean =>
  grain === 'week' ? weekdayOf(date) === 1 : date.endsWith('-01');

/** The frame of a range. */
export const frameOf = (range: {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly zone: ZoneId;
  /** Where it is absent: weeks, months for a long range. */
  readonly grain?: Grain | undefined;
}): Frame => {
  const { from, to, zone } = range;
  const days = daysBetween(from, to) + 1;
  const grain = range.grain ?? (days > LONGEST_BY_WEEK ? 'month' : 'week');
  const all = Array.from({ length: days }, (_, n) => addDays(from, n));
  const periods = all.filter((date, n) => n === 0 || isFirstDay(date, grain));
  return {
    from,
    to,
    zone,
    grain,
    periods,
    starts: periods.map((date) => startOfDay(date, zone)),
    end: startOfDay(addDays(to, 1), zone),
  };
};

/** The range that is shown where none was chosen: the last 90 days up to today, or up to the day that was. */
export const usualRange = (
  chosen: { readonly from?: CivilDate | undefined; readonly to?: CivilDate | undefined },
  zone: ZoneId,
  now: Instant,
): { readonly from: CivilDate; readonly to: CivilDate } => {
  const to = chosen.to ?? civilDateAt(now, zone);
  return { from: chosen.from ?? addDays(to, 1 - USUAL), to };
};

/** Which period `at` falls into; undefined outside the range. One search, no calendar: it is asked for each row. */
export const periodAt = ({ starts, end }: Frame, at: Instant): number | undefined => {
  if (at >= end || at < (starts[0] ?? end)) return undefined;
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as Instant) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
};
