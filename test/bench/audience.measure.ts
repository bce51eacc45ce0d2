import { AUDIENCE_SHARDS, createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { compileRule } from '../../shared/audience/compile-rule.ts';
import { countAudience } from '../../shared/audience/evaluate-audience.ts';
import type { RuleGroup } from '../../shared/audience/rule.ts';
import type { CustomerFacts, RuleSubject } from '../../shared/audience/rule-subject.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Item, Table } from '../../shared/platform/table.ts';
import { type CivilDate, type Instant, parseInstant } from '../../shared/platform/time.ts';
import { enrolAudience } from './enrol-audience.ts';
import { withLocalTable } from './local-table.ts';
import type { Measurement } from './measurement.ts';

/** A smaller book for a look, such as BENCH_CUSTOMERS=20000; the figures are of a million. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 1_000_000);
const SMALL = Math.min(10_000, CUSTOMERS / 2);
const NOW = parseInstant('2027-01-15T02:00:00Z') as Instant;
const today = '2027-01-15' as CivilDate;

const date = (n: number, from: number, years: number): CivilDate =>
  `${from + (n % years)}-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}` as CivilDate;

const CITIES = ['Beijing', 'Shanghai', 'Shenzhen', 'Chengdu', 'Wuhan'];

/** Customer number `n` of a generated book: three of ten live in Beijing or Shanghai, consent to mail and hold a motor policy. */
const customerOf = (n: number): CustomerFacts => ({
  kind: 'person',
  scope: 'head-office',
  locale: 'zh-CN',
  zone: 'Asia/Shanghai',
  gender: n % 2 === 0 ? 'f' : 'm',
  birthOn: date(n, 1950, 50),
  country: 'CN',
  region: '华东',
  city: n % 10 < 3 ? (CITIES[n % 2] as string) : (CITIES[2 + (n % 3)] as string),
  postcode: String(100_000 + (n % 900_000)),
  hasEmail: true,
  hasPhone: n % 4 > 0,
  hasAddress: true,
  largePrint: n % 50 === 0,
  consent: { 'email/marketing': true, 'email/service': true },
  suppressed: n % 97 === 0 ? ['post'] : [],
  situations: [],
  traits: {},
});

const policiesOf = (n: number) =>
  [0, 1].map((k) => ({
    policyId: `p${String(n).padStart(20, '0')}${k}`,
    line: k === 0 ? ('motor' as const) : ('home' as const),
    contactRule: 'direct' as const,
    scope: 'head-office',
    contractStartsOn: date(n + k, 2015, 8),
    startsOn: date(n, 2026, 1),
    renewsOn: date(n, 2027, 1),
    premiumMinor: 100_000 + (n % 1_000) * 100,
    currency: 'CNY',
    hasOffer: n % 3 === 0,
  }));

const partyOf = (n: number): PartyId => `01j${String(n).padStart(23, '0')}` as PartyId;

/** Eight clauses, all of which a member passes; three of ten are members. */
const RULE: RuleGroup = {
  combinator: 'and',
  rules: [
    { field: 'customer.city', operator: 'in', value: ['Beijing', 'Shanghai'] },
    { field: 'consent.email.marketing', operator: '=', value: true },
    { field: 'customer.hasEmail', operator: '=', value: true },
    { field: 'customer.locale', operator: 'beginsWith', value: 'zh' },
    { field: 'customer.age', operator: 'between', value: [18, 90] },
    { field: 'suppressed', operator: 'doesNotContain', value: 'email' },
    { field: 'customer.birthOn', operator: 'moreThanDaysAgo', value: 6_570 },
    {
      field: 'policies',
      operator: '=',
      match: { mode: 'some' },
      value: { combinator: 'and', rules: [{ field: 'line', operator: '=', value: 'motor' }] },
    },
  ],
};

/** Customers a second of one core; the members of a tenth are looked at to the last clause. */
const predicates = (): number => {
  const rule = compileRule(RULE);
  const subjects = Array.from(
    { length: 20_000 },
    (_, n): RuleSubject => ({
      now: NOW,
      today,
      customer: customerOf(n),
      policies: policiesOf(n),
      claims: [],
      lists: [],
    }),
  );
  const round = (): number => subjects.reduce((sum, subject) => sum + (rule.test(subject) === true ? 1 : 0), 0);
  if (round() !== 6_000) throw new Error(`6,000 members were expected, ${round()} found`);
  for (let n = 0; n < 20; n += 1) round();
  const rounds = 100;
  const begun = performance.now();
  for (let n = 0; n < rounds; n += 1) round();
  return (rounds * subjects.length) / ((performance.now() - begun) / 1_000);
};

/** The items that the store would write of one customer, from a store that keeps nothing else. */
const itemOf = async (n: number): Promise<readonly Item[]> => {
  const table = createMemoryTable();
  const rows = createAudienceRows(table);
  await rows.setCustomer(partyOf(n), customerOf(n), NOW);
  for (const policy of policiesOf(n)) await rows.setPolicy(partyOf(n), policy, [], NOW);
  return table.all();
};

/** Loads customers `from` up to `to` in full batches. */
const load = async (table: Table, from: number, to: number): Promise<void> => {
  const BATCH = 1_000;
  for (let start = from; start < to; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, to - start) }, (_, n) => start + n);
    await table.writeMany((await Promise.all(numbers.map(itemOf))).flat());
  }
};

interface Counted {
  readonly customers: number;
  readonly seconds: number;
  /** Highest resident memory while counting beyond that before it, in MB. */
  readonly grown: number;
}

const count = async (table: Table, customers: number): Promise<Counted> => {
  const source = {
    rows: createAudienceRows(table),
    lists: { all: async () => [] },
    deepen: () => Promise.reject(new Error('rows decide this rule')),
  };
  const before = process.memoryUsage().rss;
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 100);
  const begun = performance.now();
  const found = await countAudience(compileRule(RULE), source, NOW, () => false);
  clearInterval(watching);
  if (found.of !== customers || found.count !== (customers / 10) * 3 || found.shards !== AUDIENCE_SHARDS)
    throw new Error(`three of ten of ${customers} were expected, ${found.count} of ${found.of} found`);
  return { customers, seconds: (performance.now() - begun) / 1_000, grown: (most - before) / 1024 ** 2 };
};

/** Counts a small book and then the whole one, in one table, which has its process as in the local runtime. */
const measure = (): Promise<{ readonly small: Counted; readonly whole: Counted }> =>
  withLocalTable(async (table) => {
    await load(table, 0, SMALL);
    // the first count warms both processes up
    await count(table, SMALL);
    const small = await count(table, SMALL);
    await load(table, SMALL, CUSTOMERS);
    const whole = await count(table, CUSTOMERS);
    if (whole.grown > 400) throw new Error(`memory grew by ${whole.grown} MB: a page at a time was expected`);
    return { small, whole };
  });

let measured: ReturnType<typeof measure> | undefined;
let walked: ReturnType<typeof enrolAudience> | undefined;

const MEMBERS = ((CUSTOMERS / 10) * 3).toLocaleString('en');

export const measurements: readonly Measurement[] = [
  {
    id: 'P5',
    name: 'audience predicate of 8 clauses, customers in memory',
    unit: 'customers/s',
    floor: 500_000,
    goal: 3_000_000,
    more: true,
    run: async () => predicates(),
  },
  {
    id: 'P6a',
    name: `audience of ${MEMBERS} in ${CUSTOMERS.toLocaleString('en')} counted, local table`,
    unit: 's',
    floor: 120,
    goal: 45,
    more: false,
    run: async () => {
      measured ??= measure();
      return (await measured).whole.seconds;
    },
  },
  {
    id: 'P6b',
    name: `audience of ${MEMBERS} in ${CUSTOMERS.toLocaleString('en')} walked and entered, rows in memory`,
    unit: 's',
    floor: 120,
    goal: 45,
    more: false,
    run: async () => {
      walked ??= enrolAudience(CUSTOMERS);
      const { enrolled, seconds } = await walked;
      if (enrolled !== (CUSTOMERS / 10) * 3) throw new Error(`three of ten of ${CUSTOMERS} were expected: ${enrolled}`);
      return seconds;
    },
  },
  {
    id: 'P16a',
    name: `growth: count time per customer, ${SMALL.toLocaleString('en')} to ${CUSTOMERS.toLocaleString('en')}`,
    unit: '×',
    floor: 1.3,
    goal: 1.05,
    more: false,
    run: async () => {
      measured ??= measure();
      const { small, whole } = await measured;
      return whole.seconds / whole.customers / (small.seconds / small.customers);
    },
  },
  {
    id: 'P16b',
    name: 'growth: memory while counting the whole book',
    unit: 'MB',
    floor: 400,
    goal: 150,
    more: false,
    run: async () => {
      measured ??= measure();
      return (await measured).whole.grown;
    },
  },
  {
    id: 'P16c',
    name: 'growth: memory while a run walks the whole book',
    unit: 'MB',
    floor: 400,
    goal: 150,
    more: false,
    run: async () => {
      walked ??= enrolAudience(CUSTOMERS);
      return (await walked).peakMb;
    },
  },
];
