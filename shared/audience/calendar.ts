import type { CivilDate } from '../platform/time.ts';

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Month and day on which a birthday is kept in `year`: that of 29 February on the 28th in a common year, as `addYears`. */
const dayIn = (born: CivilDate, year: number): string => {
  const day = born.slice(5);
  return day === '02-29' && !isLeap(year) ? '02-28' : day;
};

/** Completed years on `today`; negative for somebody not born yet. */
export const ageOn = (birthOn: CivilDate, today: CivilDate): number => {
  const year = Number(today.slice(0, 4));
  return year - Number(birthOn.slice(0, 4)) - (today.slice(5) < dayIn(birthOn, year) ? 1 : 0);
};

/** The first anniversary of `date` on or after `today`; the day itself counts. */
export const nextAnniversary = (date: CivilDate, today: CivilDate): CivilDate => {
  const year = Math.max(Number(today.slice(0, 4)), Number(date.slice(0, 4)));
  const inYear = (of: number) => `${String(of).padStart(4, '0')}-${dayIn(date, of)}` as CivilDate;
  return inYear(year) >= today ? inYear(year) : inYear(year + 1);
};
