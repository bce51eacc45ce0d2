import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createImportRig, type ImportRig } from './support/rig.ts';

/** The real book, which is not part of the repository: these tests need it beside it. */
const BOOK = new URL('../../../shared/data/book/', import.meta.url);
const FILES = [
  ['service_customers.csv', 'book-service'],
  ['underwriting_policy_years.csv', 'book-underwriting'],
  ['claims.csv', 'book-claims'],
] as const;

const text = (name: string): string => readFileSync(new URL(name, BOOK), 'utf8');
/** Independent of the product: the book has no quoted cells. */
const rowsOf = (name: string, delimiter: string): Record<string, string>[] => {
  const [head = '', ...lines] = text(name)
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const names = head.split(delimiter);
  return lines.map((line) => Object.fromEntries(line.split(delimiter).map((cell, n) => [names[n] ?? '', cell])));
};
const addMappings = async (rig: ImportRig): Promise<void> => {
  for (const [, id] of FILES)
    await rig.addMapping(
      JSON.parse(readFileSync(new URL(`../../mappings/${id}.mapping.json`, import.meta.url), 'utf8')),
    );
};

describe.skipIf(!existsSync(BOOK))('the real book', () => {
  let rig: ImportRig;
  const counts: Record<string, unknown> = {};

  beforeAll(async () => {
    rig = await createImportRig();
    await addMappings(rig);
    for (const [name] of FILES) counts[name] = (await rig.run(name, text(name))).counts;
  }, 120_000);

  it('reads every row of the three files', () => {
    const warned = rowsOf('service_customers.csv', ',').filter(
      ({ email = '' }) => email.trim() !== '' && !/^[^@\s]+@[^@\s]+$/.test(email.trim()),
    );
    expect(counts['service_customers.csv']).toEqual({
      rows: 4_000,
      changed: 4_000,
      unchanged: 0,
      refused: 0,
      warnings: warned.length,
    });
    expect(counts['underwriting_policy_years.csv']).toMatchObject({ rows: 10_142, changed: 10_142, refused: 0 });
    expect(counts['claims.csv']).toEqual({ rows: 658, changed: 658, unchanged: 0, refused: 0, warnings: 0 });
  });

  it('links at least all that agree in name, birth date and postcode, and nobody wrongly', async () => {
    const fold = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
    const known = new Map(
      rowsOf('service_customers.csv', ',')
        .filter(({ birth_date, first_name, last_name }) => birth_date !== '' && `${first_name}${last_name}` !== '')
        .map((row) => [
          `${fold(`${row.first_name}${row.last_name}`)} ${row.birth_date?.replaceAll('-', '')} ${row.postcode}`,
          row.customer_no,
        ]),
    );
    const holders = new Map(rowsOf('underwriting_policy_years.csv', ';').map((row) => [row.Holder ?? '', row]));
    const exact = [...holders.values()].filter((row) =>
      known.has(`${fold(row.Holder_name ?? '')} ${row.Holder_birth} ${row.Holder_postcode}`),
    );

    const parties = new Map<PartyId, string[]>();
    const refs = (source: string, keys: readonly string[]) =>
      rig.link.sources.getMany(keys.map((key) => ({ source, kind: 'person' as const, key })));
    for (const [source, keys] of [
      ['underwriting', [...holders.keys()]],
      ['service', [...known.values()] as string[]],
    ] as const)
      for (const { ref, partyId } of (await refs(source, keys)).values())
        if (partyId) parties.set(partyId, [...(parties.get(partyId) ?? []), ref.key]);
    const joined = [...parties.values()].filter((keys) => keys.length > 1);
    // the truth, for scoring only: numbers of one person end alike
    expect(joined.filter((keys) => new Set(keys.map((key) => Number(key.slice(1)) % 100_000)).size > 1)).toEqual([]);
    expect(joined.length).toBeGreaterThanOrEqual(exact.length);
    expect(exact.length).toBeGreaterThan(3_500);
  });
});
