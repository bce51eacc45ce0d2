import houses from '../../templates/print-houses.json' with { type: 'json' };
import { calendarOf } from '../message/holidays.ts';
import { EngagementError } from '../platform/errors.ts';
import type { CivilDate, Instant, WallTime, ZoneId } from '../platform/time.ts';
import { composeInstant, handOverDay, type PrintCalendar } from './print-calendar.ts';

/** A print house with the country it works in. */
export interface PrintHouse extends PrintCalendar {
  /** ISO 3166-1 alpha-2: letters to it carry no country line. */
  readonly country: string;
  /** Beginnings of the zones whose policies it prints for. */
  readonly serves: readonly string[];
}

/** The print houses of `templates/print-houses.json`, with the public holidays and make-up days of
 *  their countries; closures and worked days of a house's own are in the file. */
export const printHouses: readonly PrintHouse[] = houses.map((house) => {
  const country = calendarOf(house.country);
  const closedOn = new Set(house.closedOn as CivilDate[]);
  return {
    ...house,
    zone: house.zone as ZoneId,
    cutOff: house.cutOff as WallTime,
    composeAt: house.composeAt as WallTime,
    closedOn: new Set([...country.closedOn, ...closedOn]),
    // a house may be closed on a day that its country works
    openOn: new Set([...[...country.openOn].filter((day) => !closedOn.has(day)), ...(house.openOn as CivilDate[])]),
  };
});

/** The print house for policies of `zone`: the one that serves it, else the first.
 *  @throws EngagementError `misconfigured` where there is none at all */
export const printHouseFor = (zone: ZoneId, all: readonly PrintHouse[] = printHouses): PrintHouse => {
  const house = all.find(({ serves }) => serves.some((beginning) => zone.startsWith(beginning))) ?? all[0];
  if (house === undefined)
    throw new EngagementError('misconfigured', 'there is no print house: add one to templates/print-houses.json');
  return house;
};

/** @throws EngagementError `misconfigured` where no print house has this name */
export const printHouseNamed = (name: string, all: readonly PrintHouse[] = printHouses): PrintHouse => {
  const house = all.find((one) => one.house === name);
  if (house === undefined)
    throw new EngagementError('misconfigured', `print house "${name}" is not in templates/print-houses.json`);
  return house;
};

/** When a letter about a policy of `zone` is to be composed, so that it lies in the letterbox on `letterboxOn`: the
 *  print calendar's answer for the journey's schedule. */
export const letterDueIn =
  (zone: ZoneId) =>
  (letterboxOn: CivilDate, workingDays: number): Instant => {
    const house = printHouseFor(zone);
    return composeInstant(handOverDay(letterboxOn, house, workingDays), house);
  };
