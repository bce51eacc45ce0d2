import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A customer as the test invented them: what is true of them, whatever the product makes of it. */
export interface Invented {
  readonly no: number;
  readonly language: 'zh-CN' | 'en';
  readonly branch: (typeof BRANCHES)[number];
  readonly region: string;
  readonly manager: string | undefined;
  /** How we can ask them. */
  readonly asked: 'email' | 'post' | 'phone';
  /** Of all their policies. */
  readonly line: string;
  /** Day of the test on which a policy renews, by policy: of one or two. */
  readonly renewsOn: readonly number[];
}

export const BRANCHES = ['head-office', 'east', 'west'] as const;
const REGIONS = {
  'zh-CN': ['上海', '浙江', '广东'],
  en: ['Madrid', 'Cataluña', 'Andalucía'],
} as const;
const LINES = ['motor', 'home', 'travel'] as const;
const MANAGERS = ['manager-a', 'manager-b', 'manager-c', 'manager-d', undefined] as const;
/** Days over which the policies renew. */
const SPREAD = 10;

/** A number from 0 to 1 that depends on nothing but its words. */
export const fate = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE() / 2 ** 32;
export const oneOf = <T>(values: readonly T[], ...words: readonly (string | number)[]): T =>
  values[Math.floor(fate(...words) * values.length)] as T;

/** Eight of ten by mail, twelve of a hundred by letter, the others by telephone; a seventh with two policies. */
export const inventCustomers = (count: number, seed: number): readonly Invented[] =>
  Array.from({ length: count }, (_, no) => {
    const language = fate(seed, no, 'language') < 0.6 ? 'zh-CN' : 'en';
    const reach = fate(seed, no, 'reach');
    const asked = reach < 0.8 ? 'email' : reach < 0.92 ? 'post' : 'phone';
    const first = Math.floor(fate(seed, no, 'day') * SPREAD);
    const two = fate(seed, no, 'second policy') < 0.14;
    return {
      no,
      language,
      // call lists are kept for the scopes of the house, of which there is one until somebody adds another
      branch: asked === 'phone' ? 'head-office' : oneOf(BRANCHES, seed, no, 'branch'),
      region: oneOf(REGIONS[language], seed, no, 'region'),
      manager: oneOf(MANAGERS, seed, no, 'manager'),
      asked,
      line: oneOf(LINES, seed, no, 'line'),
      renewsOn: [first, ...(two ? [first + 1 + Math.floor(fate(seed, no, 'second day') * 8)] : [])],
    };
  });

export const mailOf = (no: number): string => `c${no}@customers.example`;
export const streetOf = (no: number): string => `Survey Road ${no + 1}`;
export const policyNoOf = (no: number, n: number): string => `S${no}-${n}`;

const mappingOf = (branch: string, file: string) => ({
  id: `survey-${branch}`,
  source: 'surveys-at-scale',
  appliesTo: [file],
  key: ['policy'],
  scope: branch,
  records: [
    {
      record: 'customer',
      key: 'no',
      given: 'given',
      family: 'family',
      email: 'email',
      phone: 'phone',
      lines: ['street'],
      city: 'city',
      postcode: 'postcode',
      region: 'region',
      country: 'country',
      locale: 'language',
      zone: 'zone',
      manager: 'manager',
    },
    {
      record: 'contract',
      policyNo: 'policy',
      startsOn: { constant: '2018-01-15' },
      holder: 'no',
      line: 'line',
      contactRule: { constant: 'direct' },
      zone: 'zone',
    },
    { record: 'term', startsOn: { constant: '2018-02-28' }, renewsOn: { constant: RENEWAL } },
  ],
});
/** The day on which all terms end; when the policy system says that a policy was renewed is another matter. */
export const RENEWAL = '2019-02-28';

const COLUMNS = 'policy,no,given,family,email,phone,street,city,postcode,region,country,language,zone,manager,line';

const rowsOf = ({ no, language, region, manager, asked, line, renewsOn }: Invented): readonly string[] => {
  const chinese = language === 'zh-CN';
  const place =
    asked === 'phone' ? ',,' : `${streetOf(no)},${chinese ? '上海' : 'Madrid'},${chinese ? '200000' : '28001'}`;
  return renewsOn.map((_, n) =>
    [
      policyNoOf(no, n),
      `C${no}`,
      chinese ? '伟' : 'Ana',
      chinese ? '张' : `Lee${no}`,
      asked === 'email' ? mailOf(no) : '',
      chinese ? `138${String(10_000_000 + no)}` : `+346${String(10_000_000 + no)}`,
      place,
      asked === 'phone' ? '' : region,
      chinese ? 'CN' : 'ES',
      language,
      chinese ? 'Asia/Shanghai' : 'Europe/Madrid',
      manager ?? '',
      line,
    ].join(','),
  );
};

/** Writes the book, a file a branch, and hands its folder to `use`; the folder is gone afterwards. */
export const withSurveyBook = async (
  people: readonly Invented[],
  use: (dir: string) => Promise<void>,
): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'perennial-surveys-'));
  try {
    for (const branch of BRANCHES) {
      const file = `${branch}.csv`;
      const rows = people.filter((customer) => customer.branch === branch).flatMap(rowsOf);
      writeFileSync(join(dir, file), [COLUMNS, ...rows].join('\r\n'));
      writeFileSync(join(dir, `${file}.mapping.json`), JSON.stringify(mappingOf(branch, file)));
    }
    await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
