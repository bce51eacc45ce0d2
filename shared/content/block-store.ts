import { derivedId } from '../platform/ids.ts';
import { type Item, queryAll, type Table } from '../platform/table.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import { MAX_SAVES, type TemplateSave } from './template-store.ts';

/** A block that marketing saved over a shipped one, or anew: its text in each language. */
export interface BlockRecord {
  readonly name: string;
  /** Names the texts, as a template's version does. */
  readonly version: string;
  readonly locales: Readonly<Record<string, string>>;
  /** Latest last, at most `MAX_SAVES`. */
  readonly saves: readonly TemplateSave[];
  readonly revision: number;
}

/** Characters of a block in one language. */
export const MAX_BLOCK = 32 * 1024;

/** The saved blocks. A saved template holds the blocks it used, so that no save of a block changes it. */
export interface StoredBlocks {
  get(name: string): Promise<BlockRecord | undefined>;
  all(): Promise<readonly BlockRecord[]>;
  /** @param expected revision of the record that was read; 0 where there was none */
  save(record: BlockRecord, expected: number): Promise<'written' | 'refused'>;
}

export const blockVersion = (name: string, locales: BlockRecord['locales']): string =>
  derivedId('block', name, JSON.stringify(Object.entries(locales).sort()));

const BLOCKS = 'BLOCKS';

const toRecord = ({ pk: _pk, sk: _sk, entity: _entity, schemaVersion: _schema, saves, ...its }: Item): BlockRecord => ({
  ...(its as unknown as Omit<BlockRecord, 'saves'>),
  saves: (saves as { version: string; at: string; by: string }[]).map((save) => ({
    ...save,
    at: parseInstant(save.at) as Instant,
  })),
});

/** Blocks under `BLOCKS` / name, the texts of each version under `BLOCK#name` / `V#version`. */
export const createStoredBlocks = (table: Table): StoredBlocks => ({
  get: async (name) => {
    const item = await table.get({ pk: BLOCKS, sk: name }, { consistent: true });
    return item === undefined ? undefined : toRecord(item);
  },
  all: async () => {
    const records: BlockRecord[] = [];
    for await (const item of queryAll(table, { pk: BLOCKS })) records.push(toRecord(item));
    return records;
  },
  save: async (record, expected) => {
    const { name, version, locales } = record;
    await table.put({ pk: `BLOCK#${name}`, sk: `V#${version}`, entity: 'BlockVersion', schemaVersion: 1, locales });
    const { kind } = await table.put(
      {
        ...record,
        pk: BLOCKS,
        sk: name,
        entity: 'Block',
        schemaVersion: 1,
        saves: record.saves.slice(-MAX_SAVES).map((save) => ({ ...save, at: formatInstant(save.at) })),
      },
      expected === 0 ? [{ path: ['pk'], absent: true }] : [{ path: ['revision'], is: expected }],
    );
    return kind;
  },
});

/** All blocks in force by `name/locale`: those that ship, and over them those that were saved. */
export const blocksInForce = (
  shipped: Readonly<Record<string, string>>,
  saved: readonly BlockRecord[],
): Readonly<Record<string, string>> => ({
  ...shipped,
  ...Object.fromEntries(
    saved.flatMap(({ name, locales }) =>
      Object.entries(locales).map(([locale, text]): [string, string] => [`${name}/${locale}`, text]),
    ),
  ),
});
