import type { Table } from '../platform/table.ts';
import { DAY, formatInstant, type Instant } from '../platform/time.ts';

/** Addresses of staff that test sends and copies of campaigns go to; nobody else's. */
export interface SeedList {
  readonly addresses: readonly string[];
  readonly revision: number;
}

/** Test mails that one person may send within an hour of the clock (S30). */
export const MAX_TESTS_PER_HOUR = 60;

export interface Seeds {
  read(): Promise<SeedList>;
  /** @param expected revision of the list that was read; 0 where there was none */
  write(addresses: readonly string[], expected: number): Promise<'written' | 'refused'>;
  /** Counts test mails of a person. @returns false where they would be too many: then none is counted */
  mayTest(person: string, mails: number, now: Instant): Promise<boolean>;
}

const KEY = { pk: 'SETTINGS', sk: 'seeds' };

/** The seed list under `SETTINGS` / `seeds`, the counts under `TESTS#<person>` / hour. */
export const createSeeds = (table: Table): Seeds => ({
  read: async () => {
    const item = await table.get(KEY, { consistent: true });
    return {
      addresses: (item?.['addresses'] as string[] | undefined) ?? [],
      revision: (item?.['revision'] as number | undefined) ?? 0,
    };
  },
  write: async (addresses, expected) => {
    const { kind } = await table.put(
      { ...KEY, entity: 'SeedList', schemaVersion: 1, addresses: [...addresses], revision: expected + 1 },
      expected === 0 ? [{ path: ['pk'], absent: true }] : [{ path: ['revision'], is: expected }],
    );
    return kind;
  },
  mayTest: async (person, mails, now) => {
    if (mails > MAX_TESTS_PER_HOUR) return false;
    const key = { pk: `TESTS#${person}`, sk: formatInstant(now).slice(0, 13) };
    const first = await table.put(
      { ...key, entity: 'TestSends', schemaVersion: 1, mails, expiresAt: Math.floor((now + DAY) / 1_000) },
      [{ path: ['pk'], absent: true }],
    );
    if (first.kind === 'written') return true;
    const more = await table.update(key, { add: [{ path: ['mails'], by: mails }] }, [
      { path: ['mails'], below: MAX_TESTS_PER_HOUR - mails + 1 },
    ]);
    return more.kind === 'written';
  },
});
