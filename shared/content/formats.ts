import { type Money, minorDigits } from '../platform/money.ts';
import type { CivilDate } from '../platform/time.ts';

/** Formatters are dear to make (some 30 µs) and cheap to use; a campaign needs the same few again and again. */
const memo = <Made>(make: (key: string, locale: string) => Made): ((key: string, locale: string) => Made) => {
  const made = new Map<string, Made>();
  return (key, locale) => {
    const name = `${locale} ${key}`;
    let one = made.get(name);
    if (one === undefined) {
      one = make(key, locale);
      made.set(name, one);
    }
    return one;
  };
};

const moneyFormat = memo((currency, locale) => {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const unit = 10 ** minorDigits(currency);
  return (minor: number): string => format.format(minor / unit);
});

/** British order for English, because 1/2/2019 is two days, depending on the reader. */
const dateFormat = memo((_, locale) => {
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { dateStyle: 'long', timeZone: 'UTC' });
  return (date: CivilDate): string => format.format(Date.parse(`${date}T00:00:00Z`));
});

/** An amount as people of `locale` write it: `¥1,234.50`, `€1,234.50`. Cached, else as `formatMoney`. */
export const showMoney = (money: Money, locale: string): string => moneyFormat(money.currency, locale)(money.minor);

/** A day in words, never ambiguous: `2019年1月31日`, `31 January 2019`. */
export const showDate = (date: CivilDate, locale: string): string => dateFormat('', locale)(date);

/** `****3456`: the last four characters, enough for the holder to know the policy and for nobody else to use it. */
export const maskNumber = (policyNo: string): string => `****${policyNo.slice(-4)}`;

/**
 * What is insured, masked: a plate keeps its first two and last two characters (`沪A**45`); anything else, such as an
 * address, loses its digits (`Calle Mayor **`).
 */
export const maskInsured = (insured: string): string => {
  const text = insured.trim();
  // separators do not count: 231-D-12345 is as much a plate as 231D12345
  const isPlate = /^[\p{L}\p{N}]{5,10}$/u.test(text.replace(/[·-]/g, '')) && /\d/.test(text);
  return isPlate ? `${[...text].slice(0, 2).join('')}***${[...text].slice(-2).join('')}` : text.replace(/\p{N}/gu, '*');
};
