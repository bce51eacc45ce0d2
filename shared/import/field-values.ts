import { type CivilDate, parseCivilDate } from '../platform/time.ts';

/** Reads a date cell. @returns the day, `other` where the text has none of the spellings, `no-such-day` for 30/02 */
export type DateReader = (text: string) => CivilDate | 'other' | 'no-such-day';

const TOKENS: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  DD: '(?<day>\\d{2})',
  M: '(?<month>\\d{1,2})',
  D: '(?<day>\\d{1,2})',
  HH: '\\d{2}',
  mm: '\\d{2}',
  ss: '\\d{2}',
};

/** Whether a date spelling names year, month and day, each once. Two-digit years are not read: they would be guessed. */
export const isDateSpelling = (spelling: string): boolean =>
  ['YYYY', 'M', 'D'].every((token) => spelling.split(token === 'YYYY' ? 'YYYY' : new RegExp(`${token}+`)).length === 2);

const expressionOf = (spelling: string): RegExp => {
  const parts = spelling.split(/(YYYY|MM|DD|HH|mm|ss|M|D)/);
  return new RegExp(`^${parts.map((part) => TOKENS[part] ?? part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('')}$`);
};

const EARLIEST = 1850;
const LATEST = 2200;
/** Dates of a file repeat; as many spellings as two centuries of days are worth keeping. */
const CACHE = 50_000;

/** A reader of the given spellings, first that fits. Years before 1850 and after 2200 are typing errors. */
export const createDateReader = (spellings: readonly string[]): DateReader => {
  const expressions = spellings.map(expressionOf);
  const cache = new Map<string, ReturnType<DateReader>>();
  const read: DateReader = (text) => {
    for (const expression of expressions) {
      const groups = expression.exec(text)?.groups;
      if (!groups) continue;
      const { year = '', month = '', day = '' } = groups;
      if (Number(year) < EARLIEST || Number(year) > LATEST) return 'no-such-day';
      return parseCivilDate(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`) ?? 'no-such-day';
    }
    return 'other';
  };
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const date = read(text);
    if (cache.size >= CACHE) cache.clear();
    cache.set(text, date);
    return date;
  };
};

/** A number as `1234.56`, read from `1,234.56` or, with a decimal comma, `1.234,56`; undefined where it is none. */
export const readDecimal = (text: string, decimal: '.' | ','): string | undefined => {
  const group = decimal === '.' ? ',' : '.';
  const [whole = '', fraction, ...more] = text.split(decimal);
  if (more.length > 0 || (fraction !== undefined && !/^\d{1,20}$/.test(fraction))) return undefined;
  const plain = /^-?\d{1,3}([ .,\u00a0']\d{3})+$/.test(whole)
    ? whole.replaceAll(group, '').replace(/[ \u00a0']/g, '')
    : whole;
  return /^-?\d{1,15}$/.test(plain) ? (fraction === undefined ? plain : `${plain}.${fraction}`) : undefined;
};

/** A phone number with its digits, sign and spaces as typed; undefined where fewer than 5 or more than 20 digits. */
export const readPhone = (text: string): string | undefined => {
  if (!/^[+]?[\d\s()./–-]+$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '').length;
  return digits >= 5 && digits <= 20 ? text : undefined;
};

const YES = new Set(['y', 'yes', 'true', '1', '是']);
const NO = new Set(['n', 'no', 'false', '0', '否']);

/** Yes or no in the spellings of spreadsheets; undefined for anything else. */
export const readYesNo = (text: string): boolean | undefined => {
  const folded = text.toLowerCase();
  return YES.has(folded) ? true : NO.has(folded) ? false : undefined;
};
