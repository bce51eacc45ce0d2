import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createRowMapper, mappingFaults } from '../../shared/import/map-row.ts';
import { appliesTo, mappingSchema, parseMapping } from '../../shared/import/mapping.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';

const IMPORTED = parseInstant('2026-03-01') as Instant;
const at = (text: string): Instant => parseInstant(text) as Instant;

const base = { id: 'm', source: 'dept', appliesTo: ['*'], key: ['id'] };
/** Maps one row of the columns of `row`. */
const mapOne = (mapping: object, row: Readonly<Record<string, string>>) => {
  const parsed = mappingSchema.parse({ ...base, ...mapping });
  const columns = Object.keys(row);
  expect(mappingFaults(parsed, columns)).toEqual([]);
  return createRowMapper(parsed, columns)({ line: 7, cells: Object.values(row) }, IMPORTED);
};
const customer = (fields: object) => ({ records: [{ record: 'customer', key: 'id', ...fields }] });
const problemsOf = (row: ReturnType<typeof mapOne>) =>
  row.problems.map(({ column, value, reason, severity }) => [severity, column, value, reason].join(' '));

describe('fields of a mapping', () => {
  it.each([
    ['a column', 'x', { x: ' A ' }, 'A'],
    ['a constant', { constant: 'K' }, {}, 'K'],
    [
      'joined columns, empty ones left out',
      { columns: ['x', 'y', 'z'], join: ', ' },
      { x: 'A', y: '', z: 'B' },
      'A, B',
    ],
    ['the first word', { column: 'x', take: 'first' }, { x: 'Ann Maria Lee' }, 'Ann'],
    ['all but the first word', { column: 'x', take: 'after-first' }, { x: 'Ann Maria Lee' }, 'Maria Lee'],
    ['all but the last word', { column: 'x', take: 'before-last' }, { x: 'Ann Maria Lee' }, 'Ann Maria'],
    ['the last word', { column: 'x', take: 'last' }, { x: 'Ann' }, 'Ann'],
    ['a mapped value', { column: 'x', map: { '0': 'zero' } }, { x: '0' }, 'zero'],
    ['any other value', { column: 'x', map: { '0': 'zero' }, otherwise: 'more' }, { x: '9' }, 'more'],
    ['the default of an empty cell', { column: 'x', default: 'none' }, { x: '' }, 'none'],
    ['a null text is empty', { column: 'x', default: 'none' }, { x: 'NA' }, 'none'],
  ])('%s', (_, field, cells, value) => {
    const row = mapOne({ format: { nulls: ['NA'] }, ...customer({ full: field }) }, { id: '1', ...cells });
    expect(row.person?.data.name).toEqual({ full: value });
  });

  it('S4: the account manager is read as a user id, the source’s own numbers by the map', () => {
    const fields = { manager: { column: 'am', map: { '7': 'user-7' }, otherwise: '' } };
    expect(mapOne(customer(fields), { id: '1', am: '7' }).person?.data.manager).toBe('user-7');
    expect(mapOne(customer({ manager: 'am' }), { id: '1', am: '' }).person?.data).not.toHaveProperty('manager');
  });

  it('what is wrong with a person is left out with a warning that names it', () => {
    const row = mapOne(
      customer({
        full: 'name',
        gender: { column: 'sex', map: { m: 'm', w: 'f' } },
        birthOn: 'birth',
        email: 'mail',
        phone: 'tel',
        country: 'land',
        locale: 'lang',
        zone: 'tz',
        lines: ['street'],
        city: 'city',
        postcode: 'zip',
      }),
      {
        id: '1',
        name: 'Ann',
        sex: 'x',
        birth: '2001-02-30',
        mail: 'no',
        tel: 'none',
        land: 'Spain',
        lang: '?',
        tz: 'Mars/Base',
        street: 'A 1',
        city: 'B',
        zip: '2',
      },
    );
    expect(row.person?.data).toEqual({ name: { full: 'Ann' }, postcode: '2' });
    expect(problemsOf(row)).toEqual([
      'warning sex x not-listed',
      'warning birth 2001-02-30 no-such-day',
      'warning mail no not-an-email',
      'warning tel none not-a-phone',
      'warning land Spain not-a-country',
      'warning lang ? not-a-locale',
      'warning tz Mars/Base not-a-zone',
    ]);
  });

  it('an address counts whole or not at all; an organisation has one name', () => {
    const fields = {
      company: 'firm',
      given: 'first',
      lines: ['s1', 's2'],
      city: 'city',
      postcode: 'zip',
      country: { constant: 'es' },
    };
    const row = { id: '1', firm: 'Lee Ltd', first: 'Ann', s1: 'Calle 1', s2: '', city: 'Madrid', zip: '28001' };
    expect(mapOne(customer(fields), row).person?.data).toEqual({
      name: { company: 'Lee Ltd' },
      address: { lines: ['Calle 1'], city: 'Madrid', postcode: '28001', country: 'ES' },
      postcode: '28001',
    });
    expect(mapOne(customer(fields), { ...row, city: '' }).person?.data).toHaveProperty('address');
    for (const gone of [{ s1: '' }, { city: '', zip: '' }])
      expect(mapOne(customer(fields), { ...row, ...gone }).person?.data).not.toHaveProperty('address');
  });

  it('consents name channel, purpose and wording; an unnamed wording is legacy-unproven; empty means never asked', () => {
    const consents = [
      { channel: 'email', given: 'a' },
      {
        channel: 'post',
        purposes: ['marketing'],
        given: { column: 'b', map: { ja: 'yes', nein: 'no' } },
        wording: 'w2',
        at: 'on',
      },
      { channel: 'phone', given: 'c' },
    ];
    const row = mapOne(customer({ consents }), { id: '1', a: 'N', b: 'ja', c: '', on: '2020-05-01' });
    expect(row.person?.consents).toEqual([
      { channel: 'email', purpose: 'service', given: false, wording: 'legacy-unproven' },
      { channel: 'email', purpose: 'marketing', given: false, wording: 'legacy-unproven' },
      { channel: 'post', purpose: 'marketing', given: true, wording: 'w2', at: at('2020-05-01') },
    ]);
  });
});

describe('records of a mapping', () => {
  const policy = {
    key: ['policy', 'from'],
    format: { dates: ['DD.MM.YYYY'], decimal: ',' },
    knownFrom: 'from',
    records: [
      {
        record: 'contract',
        policyNo: 'policy',
        startsOn: 'since',
        holder: 'customer',
        holderSource: 'service',
        line: { constant: 'home' },
        contactRule: { column: 'via', map: { D: 'direct' }, otherwise: 'intermediary' },
        intermediary: 'via',
        zone: { constant: 'Asia/Shanghai' },
      },
      { record: 'term', startsOn: 'from', renewsOn: 'to', premium: 'amount', currency: { constant: 'EUR' } },
      {
        record: 'ending',
        when: { column: 'end', present: true },
        knownFrom: 'end',
        kind: { constant: 'cancelled' },
        on: 'end',
        reason: 'why',
      },
    ],
  };
  const row = {
    policy: 'P1',
    since: '29.02.2016',
    from: '28.02.2026',
    to: '28.02.2027',
    customer: 'C1',
    via: 'Broker & Co',
    amount: '1.234,50',
    end: '',
    why: '',
  };

  it('one row makes contract, term and ending of one policy, each known from its own day in the policy’s zone', () => {
    const mapped = mapOne(policy, { ...row, end: '01.06.2026', why: 'sold' });
    expect(mapped).toMatchObject({
      line: 7,
      key: '["P1","28.02.2026"]',
      holder: { source: 'service', key: 'C1' },
      facts: [
        {
          kind: 'contract',
          policyNo: 'P1',
          contractStartsOn: '2016-02-29',
          contactRule: 'intermediary',
          intermediary: 'Broker & Co',
          knownFrom: at('2026-02-27T16:00:00Z'),
        },
        {
          kind: 'term',
          term: { startsOn: '2026-02-28', renewsOn: '2027-02-28', premium: { minor: 123_450, currency: 'EUR' } },
        },
        {
          kind: 'ending',
          ending: { kind: 'cancelled', on: '2026-06-01', reason: 'sold' },
          knownFrom: at('2026-05-31T16:00:00Z'),
        },
      ],
      problems: [],
    });
    expect(new Set(mapped.facts.map(({ policyId }) => policyId))).toEqual(new Set([mapped.policyId]));
    expect(mapOne(policy, row).facts.map(({ kind }) => kind)).toEqual(['contract', 'term']);
  });

  it.each([
    ['since', '30.02.2016', 'refused since 30.02.2016 no-such-day'],
    ['since', '', 'refused since  empty'],
    ['to', '2027-02-28', 'refused to 2027-02-28 not-a-date'],
    ['amount', '12x', 'refused amount 12x not-a-number'],
    ['amount', '1,234', 'refused amount 1,234 too-many-decimals'],
    ['customer', '', 'refused customer  empty'],
    ['policy', '', 'refused policy  empty'],
  ])('a wrong %s (%s) refuses the row: money and dates are never guessed', (column, value, problem) => {
    expect(problemsOf(mapOne(policy, { ...row, [column]: value }))).toContain(problem);
  });

  it('offers and claims name a policy by its number', () => {
    const offer = {
      record: 'offer',
      policyNo: 'id',
      termStartsOn: 'from',
      premium: 'new',
      currency: { constant: 'CNY' },
      payUrl: 'pay',
    };
    const cells = { id: 'P1', from: '2027-01-01', new: '1200', pay: 'https://pay.example.com/p1' };
    expect(mapOne({ records: [offer] }, cells).numbered).toEqual([
      {
        policyNo: 'P1',
        fact: {
          kind: 'offer',
          source: 'dept',
          knownFrom: 0,
          offer: {
            termStartsOn: '2027-01-01',
            premium: { minor: 120_000, currency: 'CNY' },
            payUrl: 'https://pay.example.com/p1',
          },
        },
      },
    ]);
    for (const pay of ['http://pay.example.com', 'javascript:alert(1)', 'https://user@evil.example'])
      expect(problemsOf(mapOne({ records: [offer] }, { ...cells, pay }))).toEqual([`refused pay ${pay} not-a-link`]);
    const claim = { record: 'claim', policyNo: 'id', claimNo: 'no', type: 'type', status: 'state' };
    expect(problemsOf(mapOne({ records: [claim] }, { id: 'P1', no: '1', type: 'fire', state: 'gone' }))).toEqual([
      'refused state gone not-listed',
    ]);
  });

  it('rows of another width are refused with the number of their cells', () => {
    const mapper = createRowMapper(mappingSchema.parse({ ...base, ...customer({}) }), ['id', 'x']);
    expect(mapper({ line: 3, cells: ['1'] }, IMPORTED).problems).toEqual([
      { column: '', value: '1', reason: 'too-few-cells', severity: 'refused' },
    ]);
    expect(mapper({ line: 3, cells: ['1', '2', '3'] }, IMPORTED).problems[0]?.reason).toBe('too-many-cells');
  });
});

describe('mapping documents', () => {
  it.each([
    ['broken JSON', '{', /^not JSON/],
    ['a typo', JSON.stringify({ ...base, ...customer({ brithOn: 'x' }) }), /records\.0.*brithOn/],
    [
      'a term without a contract',
      JSON.stringify({ ...base, records: [{ record: 'term', startsOn: 'a', renewsOn: 'b' }] }),
      /term and ending need a contract/,
    ],
    [
      'two customers in a row',
      JSON.stringify({
        ...base,
        records: [
          { record: 'customer', key: 'a' },
          { record: 'customer', key: 'b' },
        ],
      }),
      /customer stands twice/,
    ],
    [
      'ndjson without columns',
      JSON.stringify({ ...base, format: { type: 'ndjson' }, ...customer({}) }),
      /ndjson needs the columns/,
    ],
  ])('%s is told with its place', (_, text, message) => {
    const read = parseMapping(text);
    expect(read.kind === 'invalid' && read.problems.join('\n')).toMatch(message);
  });

  it('columns and date spellings that cannot be are told before the first row', () => {
    const mapping = mappingSchema.parse({
      ...base,
      asOf: { column: 'day', dates: ['MM/YY'] },
      ...customer({ full: { columns: ['a', 'b'] }, lines: ['c'], consents: [{ channel: 'email', given: 'd' }] }),
    });
    expect(mappingFaults(mapping, ['id', 'a'])).toEqual([
      'column "day" of the mapping is not in the file',
      'column "b" of the mapping is not in the file',
      'column "c" of the mapping is not in the file',
      'column "d" of the mapping is not in the file',
      'date spelling "MM/YY" must name YYYY, MM and DD, each once',
    ]);
  });

  it('file names are patterns, not expressions', () => {
    expect(['a.csv', 'A-2.CSV', 'axcsv', 'b/a.csv'].map((name) => appliesTo({ appliesTo: ['a*.csv'] }, name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  const folders = ['../../mappings/', '../../infra/local/sample/mappings/'].map(
    (folder) => new URL(folder, import.meta.url),
  );
  const saved = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.mapping.json'))
      .map((name) => new URL(name, folder)),
  );
  it.each(saved.map((url) => [url.pathname.split('/').at(-1), url]))('%s is valid', (_, url) => {
    expect(parseMapping(readFileSync(url as URL, 'utf8'))).toMatchObject({ kind: 'valid' });
  });

  it('the published JSON Schema is that of the code (else: npm run import -- --schema)', () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL('../../mappings/mapping.schema.json', import.meta.url), 'utf8'),
    );
    expect(published).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(mappingSchema, { io: 'input' }))));
  });
});
