import { existsSync, readFileSync } from 'node:fs';

/**
 * What the renewal programme must do with the real book, computed from the three CSV files alone: plain string splitting
 * and UTC day arithmetic, no product code. Days are `YYYY-MM-DD` texts, which compare as dates do.
 */

export const BOOK = new URL('../../../shared/data/book/', import.meta.url).pathname;
export const hasBook = existsSync(`${BOOK}service_customers.csv`);

const DAY = 86_400_000;
const toMs = (day: string): number =>
  Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8)));
const toDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const plusDays = (day: string, days: number): string => toDay(toMs(day) + days * DAY);

const table = (file: string, delimiter: string): Record<string, string>[] => {
  const [header = '', ...lines] = readFileSync(`${BOOK}${file}`, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const names = header.split(delimiter);
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      // no cell of the book holds a quoted delimiter but these few; a split that honours quotes
      const cells = line.match(new RegExp(`("([^"]|"")*"|[^${delimiter}]*)(${delimiter}|$)`, 'g')) ?? [];
      return Object.fromEntries(
        names.map((name, n) => [name, (cells[n] ?? '').replace(new RegExp(`${delimiter}$`), '').replace(/^"|"$/g, '')]),
      );
    });
};

const isoDay = (dayFirst: string | undefined): string | undefined =>
  dayFirst === undefined || dayFirst === '' || dayFirst === 'NA' ? undefined : dayFirst.split('/').reverse().join('-');

/** Without a birth date nobody is linked: a son has his father's name and postcode. */
const personKey = (name: string, birth: string, postcode: string): string | undefined =>
  birth === ''
    ? undefined
    : `${name.toLowerCase().replace(/[^a-z]/g, '')}|${birth.replace(/-/g, '')}|${postcode.trim()}`;

export interface BookPolicy {
  readonly policyNo: string;
  readonly direct: boolean;
  readonly lapsesOn: string | undefined;
  readonly contradicts: boolean;
  readonly terms: readonly { readonly startsOn: string; readonly renewsOn: string }[];
  /** The customer the holder links to by name, birth date and postcode, if any. */
  readonly customer: { readonly mail: boolean; readonly post: boolean; readonly email: string } | undefined;
}

/** The book as facts. */
export const readBook = (): readonly BookPolicy[] => {
  const customers = new Map(
    table('service_customers.csv', ',').map((row) => [
      personKey(`${row.first_name}${row.last_name}`, row.birth_date ?? '', row.postcode ?? ''),
      {
        email: (row.email ?? '').trim().toLowerCase(),
        mail: row.consent_email === 'Y' && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test((row.email ?? '').trim()),
        post: row.consent_post === 'Y' && `${row.street}${row.street_2}`.trim() !== '',
      },
    ]),
  );
  const policies = new Map<string, BookPolicy>();
  for (const row of table('underwriting_policy_years.csv', ';')) {
    const policyNo = row.Policy ?? '';
    const startsOn = isoDay(row.Date_last_renewal) ?? '';
    const renewsOn = isoDay(row.Date_next_renewal) ?? '';
    const contractStartsOn = isoDay(row.Date_start_contract) ?? '';
    const before = policies.get(policyNo);
    const holder = personKey(row.Holder_name ?? '', row.Holder_birth ?? '', row.Holder_postcode ?? '');
    policies.set(policyNo, {
      policyNo,
      direct: row.Distribution_channel === '0',
      lapsesOn: isoDay(row.Date_lapse),
      contradicts: (before?.contradicts ?? false) || startsOn < contractStartsOn || renewsOn <= startsOn,
      terms: [...(before?.terms ?? []), { startsOn, renewsOn }],
      customer: holder === undefined ? undefined : customers.get(holder),
    });
  }
  return [...policies.values()];
};

export const MAIL_STEPS = [
  ['m60', 60],
  ['m30', 30],
  ['m07', 7],
  ['d00', 0],
] as const;

/** Is this term the running one on `day`, and is the policy in force: a lapse or later term counts from its own day on. */
export const runs = (policy: BookPolicy, term: BookPolicy['terms'][number], day: string): boolean =>
  term.startsOn <= day &&
  !policy.terms.some((later) => later.startsOn > term.startsOn && later.startsOn <= day) &&
  (policy.lapsesOn === undefined || policy.lapsesOn > day);

/** Every mail of `renewal` from `now` (midnight UTC, so that 10:00 of that day in Madrid is yet to come) for `days`
 *  days, as `policy step day`, sorted. */
export const expectedMails = (book: readonly BookPolicy[], now: string, days: number): string[] => {
  const end = plusDays(now, days);
  return book
    .filter((policy) => policy.direct && !policy.contradicts && policy.customer?.mail === true)
    .flatMap((policy) =>
      policy.terms.flatMap((term) =>
        MAIL_STEPS.flatMap(([step, before]) => {
          const day = plusDays(term.renewsOn, -before);
          // the clock stops at midnight UTC of the last day, before 10:00 in Madrid
          return day >= now && day < end && runs(policy, term, day) ? [`${policy.policyNo} ${step} ${day}`] : [];
        }),
      ),
    )
    .sort();
};

/** Every letter m14 whose letterbox day and hand-over lie in the window, as `policy`; post must be allowed. */
export const expectedLetters = (
  book: readonly BookPolicy[],
  now: string,
  days: number,
  handedOverOn: (letterboxDay: string) => string,
): string[] =>
  book
    .filter((policy) => policy.direct && !policy.contradicts && policy.customer?.post === true)
    .flatMap((policy) =>
      policy.terms.flatMap((term) => {
        const day = handedOverOn(plusDays(term.renewsOn, -14));
        return day >= now && day < plusDays(now, days) && runs(policy, term, day) ? [`${policy.policyNo} ${day}`] : [];
      }),
    )
    .sort();

/** The day `count` working days (Monday to Friday, not one of `closed`) before `day`. */
export const workingDaysBefore = (day: string, count: number, closed: ReadonlySet<string>): string => {
  let at = day;
  for (let left = count; left > 0; ) {
    at = plusDays(at, -1);
    const weekday = new Date(toMs(at)).getUTCDay();
    if (weekday !== 0 && weekday !== 6 && !closed.has(at)) left -= 1;
  }
  return at;
};
