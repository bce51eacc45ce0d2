/** Dates, times and money as people of a locale write them. */

interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** British order for English: 1/2/2019 is two days, depending on the reader. */
const tagOf = (locale: string): string => (locale === 'en' ? 'en-GB' : locale);

/** A civil date: `31 Jan 2019`, `2019年1月31日`. */
export const showDay = (day: string, locale: string): string =>
  new Intl.DateTimeFormat(tagOf(locale), { dateStyle: 'medium', timeZone: 'UTC' }).format(
    Date.parse(`${day}T00:00:00Z`),
  );

/** Day and month only, for charts. */
export const showShortDay = (day: string, locale: string): string =>
  new Intl.DateTimeFormat(tagOf(locale), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    Date.parse(`${day}T00:00:00Z`),
  );

/** A month, `2019-01`: `January 2019`, `2019年1月`. */
export const showMonth = (month: string, locale: string): string =>
  new Intl.DateTimeFormat(tagOf(locale), { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${month}-01T00:00:00Z`),
  );

/** An instant in a zone; without one, in the browser's. */
export const showTime = (instant: string, locale: string, zone?: string): string =>
  new Intl.DateTimeFormat(tagOf(locale), {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(Date.parse(instant));

/** An amount of minor units: `€300.00`. */
export const showMoney = ({ minor, currency }: Money, locale: string): string => {
  const format = new Intl.NumberFormat(tagOf(locale), { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};

export const showNumber = (value: number, locale: string): string => new Intl.NumberFormat(tagOf(locale)).format(value);
