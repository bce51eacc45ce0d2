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

/** Days before the renewal date. The letter's is its day in the letterbox; the tasks are for people. */
const STEPS = [
  ['m60', 60, 'mail'],
  ['m30', 30, 'mail'],
  ['offer-missing', 30, 'task'],
  ['m14', 14, 'letter'],
  ['m07', 7, 'mail'],
  ['m03', 3, 'task'],
  ['d00', 0, 'mail'],
] as const;
/** A message takes in the same step of the same person's other policies that are due so many days later, at most. */
const MERGE_DAYS = 7;

/** Is this term the running one on `day`, and is the policy in force: a lapse or later term counts from its own day on. */
export const runs = (policy: BookPolicy, term: BookPolicy['terms'][number], day: string): boolean =>
  term.startsOn <= day &&
  !policy.terms.some((later) => later.startsOn > term.startsOn && later.startsOn <= day) &&
  (policy.lapsesOn === undefined || policy.lapsesOn > day);

/** One step of one policy's term that comes to a message. */
interface Due {
  readonly policy: BookPolicy;
  readonly term: BookPolicy['terms'][number];
  readonly step: string;
  readonly day: string;
  /** Letters are made in the night before their hand-over, everything else happens at ten. */
  readonly at: string;
  /** When the step before this one is due: until then the policy does not stand before this one. */
  readonly after: string;
}

const dueOf = (
  policy: BookPolicy,
  term: BookPolicy['terms'][number],
  wanted: 'mail' | 'letter',
  handedOverOn: (letterboxDay: string) => string,
): Due[] => {
  const plan = STEPS.map(([step, before, kind]) => {
    const day = plusDays(term.renewsOn, -before);
    const on = kind === 'letter' ? handedOverOn(day) : day;
    return { step, kind, day: on, at: `${on}T${kind === 'letter' ? '00' : '10'}` };
  }).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return plan.flatMap(({ step, kind, day, at }, n) =>
    kind === wanted ? [{ policy, term, step, day, at, after: plan[n - 1]?.at ?? '' }] : [],
  );
};

/**
 * Every message of `renewal` by mail or letter from `now` (midnight UTC, so that 10:00 of that day in Madrid is yet to
 * come) for `days` days, as `policies step day`, sorted. Of one person's policies that come to the same step within a
 * week the earliest due one names the message and its day, and takes in those that stand before that step by then: its
 * journeys have begun, eight days before the first step, and no earlier step of theirs is left.
 */
const expectedMessages = (
  book: readonly BookPolicy[],
  wanted: 'mail' | 'letter',
  now: string,
  days: number,
  handedOverOn: (letterboxDay: string) => string,
): string[] => {
  const end = plusDays(now, days);
  const may = (policy: BookPolicy): boolean =>
    policy.direct && !policy.contradicts && policy.customer?.[wanted === 'mail' ? 'mail' : 'post'] === true;
  const all = book
    .filter(may)
    .flatMap((policy) => policy.terms.flatMap((term) => dueOf(policy, term, wanted, handedOverOn)))
    // the clock stops at midnight UTC of the last day, before 10:00 in Madrid; a week later may still join
    .filter(({ day }) => day >= now && day < plusDays(end, MERGE_DAYS))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const groups = Map.groupBy(all, ({ policy }) => policy.customer as object);
  return [...groups.values()]
    .flatMap((person) => {
      const told = new Set<Due>();
      return person.flatMap((first) => {
        if (told.has(first) || first.day >= end || !runs(first.policy, first.term, first.day)) return [];
        const together = person.filter(
          (other) =>
            other === first ||
            (!told.has(other) &&
              other.step === first.step &&
              other.at >= first.at &&
              other.day <= plusDays(first.day, MERGE_DAYS) &&
              (other.at === first.at || other.after < first.at) &&
              runs(other.policy, other.term, first.day)),
        );
        for (const each of together) told.add(each);
        const policies = together.map(({ policy }) => policy.policyNo).sort();
        return [`${policies.join('+')} ${first.step} ${first.day}`];
      });
    })
    .sort();
};

/** Every mail, in so many messages. */
export const expectedMails = (
  book: readonly BookPolicy[],
  now: string,
  days: number,
  handedOverOn: (letterboxDay: string) => string,
): string[] => expectedMessages(book, 'mail', now, days, handedOverOn);

/** Every letter m14 that is handed over in the window; post must be allowed. */
export const expectedLetters = (
  book: readonly BookPolicy[],
  now: string,
  days: number,
  handedOverOn: (letterboxDay: string) => string,
): string[] => expectedMessages(book, 'letter', now, days, handedOverOn);

/** `A+B step day` as `A step day` and `B step day`: who was told of what when, in however many messages. */
export const byPolicy = (messages: readonly string[]): string[] =>
  messages
    .flatMap((message) => {
      const [policies = '', ...rest] = message.split(' ');
      return policies.split('+').map((policyNo) => [policyNo, ...rest].join(' '));
    })
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
