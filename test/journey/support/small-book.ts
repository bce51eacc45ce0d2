import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A handful of customers with a policy each, as two departments would export them, small enough to count by hand. */

export interface SmallPolicy {
  readonly policyNo: string;
  /** First day of the next term, `YYYY-MM-DD`. */
  readonly renewsOn: string;
  /** Customer number; default: one of its own. Two policies of one customer name the same. */
  readonly customerNo?: string;
  readonly given?: string;
  readonly family?: string;
  /** Empty: no address known. */
  readonly email?: string;
  readonly phone?: string;
  readonly street?: string;
  /** `Y`, `N` or empty, for advertising by e-mail. */
  readonly marketing?: string;
  /** Default: `en`. */
  readonly locale?: string;
  /** User id of the account manager; nobody unless said. */
  readonly manager?: string;
}

/** The number of the policy's customer. */
export const customerNoOf = ({ policyNo, customerNo }: SmallPolicy): string => customerNo ?? `C-${policyNo}`;

/** The address its mails go to. */
export const emailOf = (policy: SmallPolicy): string =>
  policy.email ?? `${customerNoOf(policy).toLowerCase()}@mail.example`;

const quoted = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const csv = (rows: readonly Readonly<Record<string, string>>[]): string =>
  [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map(quoted).join(','))
    .join('\r\n');

const aYearBefore = (day: string): string => `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;

const zone = { constant: 'Europe/Madrid' };
const format = { type: 'csv', delimiter: ',', dates: ['YYYY-MM-DD'] };

const customersMapping = {
  id: 'small-customers',
  title: 'Small book: customers',
  source: 'service',
  appliesTo: ['customers.csv'],
  format,
  key: ['customer_no'],
  records: [
    {
      record: 'customer',
      key: 'customer_no',
      given: 'given',
      family: 'family',
      email: 'email',
      phone: 'phone',
      lines: ['street'],
      city: { constant: 'Sevilla' },
      postcode: { constant: '41001' },
      country: { constant: 'ES' },
      locale: 'locale',
      manager: 'manager',
      zone,
      consents: [
        { channel: 'email', purposes: ['service'], given: 'consent_email', wording: 'mail-2018' },
        { channel: 'post', purposes: ['service'], given: 'consent_post', wording: 'post-2018' },
        { channel: 'email', purposes: ['marketing'], given: 'consent_marketing', wording: 'news-2018' },
      ],
    },
  ],
};

const policiesMapping = {
  id: 'small-policies',
  title: 'Small book: policies',
  source: 'underwriting',
  appliesTo: ['policies.csv'],
  format,
  key: ['policy'],
  records: [
    {
      record: 'contract',
      policyNo: 'policy',
      startsOn: 'term_start',
      holder: 'customer_no',
      holderSource: 'service',
      line: { constant: 'motor' },
      contactRule: { constant: 'direct' },
      zone,
    },
    {
      record: 'term',
      startsOn: 'term_start',
      renewsOn: 'renews_on',
      premium: 'premium',
      currency: { constant: 'EUR' },
    },
    {
      record: 'offer',
      policyNo: 'policy',
      termStartsOn: 'renews_on',
      premium: 'new_premium',
      currency: { constant: 'EUR' },
    },
  ],
};

/** Writes the book into a new temporary folder. @returns the folder, for `startSystem({ book })` */
export const writeSmallBook = (policies: readonly SmallPolicy[]): string => {
  const dir = mkdtempSync(join(tmpdir(), 'perennial-book-'));
  const customers = new Map(policies.map((policy) => [customerNoOf(policy), policy]));
  const write = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  write(
    'customers.csv',
    csv(
      [...customers].map(([customer_no, policy]) => ({
        customer_no,
        given: policy.given ?? 'Ana',
        family: policy.family ?? `Ruiz ${customer_no}`,
        email: emailOf(policy),
        phone: policy.phone ?? '',
        street: policy.street ?? `Calle Real ${customer_no}`,
        consent_email: 'Y',
        consent_post: 'Y',
        consent_marketing: policy.marketing ?? '',
        locale: policy.locale ?? 'en',
        manager: policy.manager ?? '',
      })),
    ),
  );
  write(
    'policies.csv',
    csv(
      policies.map((policy) => ({
        policy: policy.policyNo,
        customer_no: customerNoOf(policy),
        term_start: aYearBefore(policy.renewsOn),
        renews_on: policy.renewsOn,
        premium: '410.00',
        new_premium: '428.50',
      })),
    ),
  );
  write('customers.csv.mapping.json', JSON.stringify(customersMapping));
  write('policies.csv.mapping.json', JSON.stringify(policiesMapping));
  return dir;
};
