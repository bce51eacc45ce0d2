import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';
import { derivedId } from '../../../shared/platform/ids.ts';
import { civilDateAt, type Instant, type ZoneId } from '../../../shared/platform/time.ts';
import { DEMO_PEOPLE } from '../fakes/cognito/people.ts';
import { castOf } from './cast.ts';
import { inventFate } from './fate.ts';
import type { Behaviour } from './future-contract.ts';
import type { SampleCustomer, SamplePolicy } from './person.ts';
import { inventCustomer, inventPolicy } from './population.ts';
import { createRandom } from './random.ts';

export interface SampleBookOptions {
  /** Customers in all, the twenty of the cast among them. */
  readonly customers: number;
  readonly seed: number;
  /** The day before which everything is history and after which the future is played. */
  readonly now: Instant;
}

/** `2026-11-22` as the underwriting department writes it: `22/11/2026`. */
const dayFirst = (date: string): string => date.split('-').reverse().join('/');

/** Half of the customers are the account manager's, a quarter the head's own, a quarter nobody's: the branch's queue. */
const managerOf = ({ customerNo }: SampleCustomer): string => {
  const role = (['manager', 'head', 'manager', undefined] as const)[Number(customerNo.slice(1)) % 4];
  return DEMO_PEOPLE.find((person) => person.role === role)?.id ?? '';
};

const customerRow = (customer: SampleCustomer) => ({
  customer_no: customer.customerNo,
  family_name: customer.family,
  given_name: customer.given,
  company: customer.company,
  sex: customer.gender,
  birth_date: customer.birthOn,
  email: customer.email,
  mobile: customer.mobile,
  street: customer.street,
  district: customer.district,
  city: customer.city,
  postcode: customer.postcode,
  region: customer.region,
  country: customer.country,
  language: customer.language,
  zone: customer.zone,
  consent_email: customer.emailConsent,
  consent_post: customer.postConsent,
  consent_marketing_email: customer.marketingConsent,
  large_print: customer.largePrint,
  account_manager: managerOf(customer),
});

const policyRows = (policy: SamplePolicy) =>
  policy.terms.map((term) => ({
    Policy: policy.policyNo,
    Customer: policy.holder.customerNo,
    Line: policy.line,
    Contract_start: dayFirst(policy.contractStartsOn),
    Term_start: dayFirst(term.startsOn),
    Renewal: dayFirst(term.renewsOn),
    Premium: term.premium.toFixed(2),
    Currency: policy.currency,
    Channel: policy.channel,
    Broker: policy.broker,
    Insured: policy.insured,
    Zone: policy.holder.zone,
  }));

const offerRows = (policy: SamplePolicy) =>
  policy.offer === undefined
    ? []
    : [
        {
          policy_no: policy.policyNo,
          term_start: policy.terms.at(-1)?.renewsOn,
          new_premium: policy.offer.premium.toFixed(2),
          last_premium: policy.terms.at(-1)?.premium.toFixed(2),
          currency: policy.currency,
          valid_until: policy.offer.validUntil,
          published_on: policy.offer.publishedOn,
          pay_url: `https://pay.evermere.example/renew/${derivedId('pay', policy.policyNo).slice(0, 12)}`,
        },
      ];

/**
 * Writes the sample book into `dir`: four departments' files with their mappings, and `future.ndjson`, what the people in
 * it will do. The same options give the same bytes.
 */
export const writeSampleBook = async (dir: string, { customers, seed, now }: SampleBookOptions): Promise<void> => {
  const random = createRandom(seed);
  const today = civilDateAt(now, 'Asia/Shanghai' as ZoneId);
  const cast = castOf(today).slice(0, customers);
  const people: SampleCustomer[] = cast.map(({ customer }) => customer);
  const policies: SamplePolicy[] = cast.flatMap((member) => member.policies);
  const future: Behaviour[] = cast.flatMap((member) => member.behaviours);
  const claims: Record<string, string>[] = [
    {
      claim_no: 'CL000001',
      policy_no: 'K0000037',
      type: 'complaint',
      status: 'open',
      cost: '',
      currency: 'CNY',
      occurred_on: today,
    },
  ];
  for (let number = people.length + 1; number <= customers; number += 1) {
    const customer = inventCustomer(random, number, today);
    people.push(customer);
    const held = random.pick([1, 1, 1, 2, 2, 3] as const);
    for (let n = 0; n < held; n += 1) {
      const policy = inventPolicy(random, policies.length + 1_000, customer, today);
      policies.push(policy);
      future.push(...inventFate(random, policy, today));
      if (random.chance(0.07))
        claims.push({
          claim_no: `CL${String(claims.length + 1).padStart(6, '0')}`,
          policy_no: policy.policyNo,
          type: random.pick(['collision', 'glass', 'theft', 'water', 'travel assistance'] as const),
          status: random.pick(['settled', 'settled', 'open'] as const),
          cost: (random.between(8_000, 900_000) / 100).toFixed(2),
          currency: policy.currency,
          occurred_on: policy.terms.at(-1)?.startsOn ?? today,
        });
    }
  }

  mkdirSync(dir, { recursive: true });
  const csv = (name: string, rows: readonly object[], delimiter = ','): void =>
    writeFileSync(join(dir, name), `${Papa.unparse([...rows], { delimiter, newline: '\r\n' })}\r\n`);
  csv('customers.csv', people.map(customerRow));
  csv('policies.csv', policies.flatMap(policyRows), ';');
  csv('offers.csv', policies.flatMap(offerRows));
  csv('claims.csv', claims);
  writeFileSync(join(dir, 'future.ndjson'), future.map((behaviour) => `${JSON.stringify(behaviour)}\n`).join(''));
  const mappings = join(dirname(fileURLToPath(import.meta.url)), 'mappings');
  for (const name of readdirSync(mappings)) writeFileSync(join(dir, name), readFileSync(join(mappings, name)));
};
