/** An amount in the smallest unit of an ISO 4217 currency (cents, fen, yen). Never summed across currencies. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** Digits after the point, from the runtime's currency data: 2 for EUR and CNY, 0 for JPY. */
export const minorDigits = (currency: string): number => {
  const known = digitsOf.get(currency);
  if (known !== undefined) return known;
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  digitsOf.set(currency, digits);
  return digits;
};
/** Making a formatter costs 20 µs, and an import asks for each row. */
const digitsOf = new Map<string, number>();

/** True for the ISO 4217 codes the runtime knows. */
export const isCurrency = (code: string): boolean => currencies.has(code);
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Reads `1234.5` (plain decimal, point) exactly, without binary fractions.
 *  @returns undefined where `text` is no such number, has more digits than the currency, or leaves the safe range */
export const parseMoney = (text: string, currency: string): Money | undefined => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const digits = minorDigits(currency);
  const [, sign = '', whole = '0', fraction = ''] = match;
  if (fraction.replace(/0+$/, '').length > digits) return undefined;
  const minor = Number(`${sign}${whole}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  return Number.isSafeInteger(minor) ? { minor, currency } : undefined;
};

/** `¥1,234.50`, `1.234,50 €`: as people of `locale` write it. */
export const formatMoney = (money: Money, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency: money.currency }).format(
    money.minor / 10 ** minorDigits(money.currency),
  );
