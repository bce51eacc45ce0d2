import {
  addDays,
  type CivilDate,
  civilDateAt,
  type Instant,
  instantAt,
  type WallTime,
  weekdayOf,
  type ZoneId,
} from '../platform/time.ts';

/** When a print house works: all of it data, so that another house is another value. */
export interface PrintCalendar {
  /** Names the print house in batches: lowercase letters and digits. */
  readonly house: string;
  readonly zone: ZoneId;
  /** Working days from hand-over to the letterbox: production and post together. */
  readonly leadWorkingDays: number;
  /** Until when on a working day the house takes that day's batch, by its own clock. */
  readonly cutOff: WallTime;
  /** When letters of the day are composed; before the cut-off, so that what happens in between can recall them. */
  readonly composeAt: WallTime;
  /** Days on which neither house nor post works: public holidays and closures. */
  readonly closedOn: ReadonlySet<CivilDate>;
  /** Weekend days that are worked (China's make-up days). */
  readonly openOn: ReadonlySet<CivilDate>;
}

/** True where the print house takes and makes letters on `day`. */
export const isWorkingDay = (day: CivilDate, calendar: PrintCalendar): boolean =>
  calendar.openOn.has(day) || (weekdayOf(day) < 6 && !calendar.closedOn.has(day));

const nearestWorkingDay = (day: CivilDate, step: 1 | -1, calendar: PrintCalendar): CivilDate => {
  let found = day;
  while (!isWorkingDay(found, calendar)) found = addDays(found, step);
  return found;
};

/**
 * The day on which a letter must be handed over to lie in the letterbox on `letterboxDay` (working day or not): the
 * `leadWorkingDays`-th working day before it.
 */
export const handOverDay = (
  letterboxDay: CivilDate,
  calendar: PrintCalendar,
  leadWorkingDays: number = calendar.leadWorkingDays,
): CivilDate => {
  let day = letterboxDay;
  for (let left = leadWorkingDays; left > 0; left -= 1) day = nearestWorkingDay(addDays(day, -1), -1, calendar);
  return day;
};

/** When the letters of hand-over day `day` are composed: what a letter step's due instant is. */
export const composeInstant = (day: CivilDate, calendar: PrintCalendar): Instant =>
  instantAt(day, calendar.composeAt, calendar.zone);

/** When the batch of `day` is closed and handed over. */
export const cutOffInstant = (day: CivilDate, calendar: PrintCalendar): Instant =>
  instantAt(day, calendar.cutOff, calendar.zone);

/** The hand-over day that a letter composed at `now` still reaches: today until the cut-off, else the next working day. */
export const nextHandOverDay = (now: Instant, calendar: PrintCalendar): CivilDate => {
  const today = nearestWorkingDay(civilDateAt(now, calendar.zone), 1, calendar);
  return now < cutOffInstant(today, calendar) ? today : nearestWorkingDay(addDays(today, 1), 1, calendar);
};
