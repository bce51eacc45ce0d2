import { derivedId } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { ImportState, RowCounts } from './contract.ts';
import type { RowProblem } from './row-problem.ts';

/** One import: one content of a file read by one version of a mapping. */
export interface Import {
  /** Derived from both, so that the same again is the same import. */
  readonly importId: string;
  readonly fileName: string;
  readonly fileHash: string;
  readonly size: number;
  readonly mappingId: string;
  readonly mappingHash: string;
  readonly source: string;
  readonly scope: string;
  readonly state: ImportState;
  /** The instant of its facts. */
  readonly receivedAt: Instant;
  /** Chunks on the queue so far; those before need not be made again. */
  readonly queued: number;
  /** Known once the file was read to its end. */
  readonly chunks?: number;
  /** With `refused`: why, one line each, without personal data. */
  readonly refusal?: readonly string[];
  /** With `done`. */
  readonly counts?: RowCounts;
  /** Keys of the error files in the imports bucket. */
  readonly errorFiles?: readonly string[];
}

/** A row that was refused or taken with a warning. */
export interface RowError {
  readonly line: number;
  readonly problems: readonly RowProblem[];
  /** As read; absent where they are too long to be kept. */
  readonly cells?: readonly string[];
}

/** A chunk that was taken over, with what became of its rows. */
export interface ChunkDone {
  readonly chunk: number;
  readonly counts: RowCounts;
}

/** What an upload through the API says of itself, as object metadata do for one from elsewhere. */
export interface UploadWish {
  readonly mapping?: string;
  readonly confirmed?: boolean;
}

export interface Imports {
  get(importId: string): Promise<Import | undefined>;
  /** Writes an import and puts it on the list. */
  put(record: Import): Promise<void>;
  /** Notes how many chunks are queued. */
  queued(importId: string, chunks: number): Promise<void>;
  /** Notes that the file was read to its end. */
  splitDone(importId: string, chunks: number): Promise<void>;
  /** Latest first. */
  list(options?: {
    readonly limit?: number;
    readonly after?: string;
  }): Promise<{ readonly items: readonly Import[]; readonly next?: string }>;
  /** The import that a file of this name came with last. */
  latestOfName(fileName: string): Promise<string | undefined>;
  setLatestOfName(fileName: string, importId: string): Promise<void>;
  /** What became of the rows so far. */
  progress(record: Import): Promise<RowCounts>;
  isChunkDone(importId: string, chunk: number): Promise<boolean>;
  chunkDone(importId: string, done: ChunkDone): Promise<void>;
  /** Counts what is done. @param chunk look only at this chunk's neighbours first, which is enough but for the last
   *  @returns the counts of the whole once every chunk is done */
  whole(importId: string, chunks: number, chunk?: number): Promise<RowCounts | undefined>;
  finish(importId: string, counts: RowCounts, errorFiles: readonly string[]): Promise<void>;
  putErrors(importId: string, errors: readonly RowError[]): Promise<void>;
  /** In the order of their lines. */
  errors(importId: string): AsyncIterable<RowError>;
  putWish(key: string, wish: UploadWish): Promise<void>;
  wish(key: string): Promise<UploadWish | undefined>;
}

/** So many chunks are counted together: an import of a million rows then counts 64 and 63 items, not 4,000 for each. */
const GROUP = 64;
/** An item may be 400 KB; what is longer is found in the file by its line. */
const CELLS_LIMIT = 60_000;

const NO_ROWS: RowCounts = { rows: 0, changed: 0, unchanged: 0, refused: 0, warnings: 0 };
const add = (a: RowCounts, b: RowCounts): RowCounts => ({
  rows: a.rows + b.rows,
  changed: a.changed + b.changed,
  unchanged: a.unchanged + b.unchanged,
  refused: a.refused + b.refused,
  warnings: a.warnings + b.warnings,
});

const partition = (importId: string): string => `I#${importId}`;
const metaKey = (importId: string): Key => ({ pk: partition(importId), sk: 'META' });
const padded = (n: number, width: number): string => String(n).padStart(width, '0');
const chunkKey = (importId: string, chunk: number): Key => ({
  pk: partition(importId),
  sk: `CHUNK#${padded(chunk, 7)}`,
});
const groupKey = (importId: string, group: number): Key => ({
  pk: partition(importId),
  sk: `GROUP#${padded(group, 7)}`,
});
const nameKey = (fileName: string): Key => ({ pk: `I#NAME#${derivedId('file-name', fileName)}`, sk: 'CUR' });
const wishKey = (key: string): Key => ({ pk: `I#UPLOAD#${derivedId('upload', key)}`, sk: 'WISH' });
const LIST = 'I#LIST';

const collect = async (items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const sum = (items: readonly Item[]): RowCounts => items.map((item) => item.counts as RowCounts).reduce(add, NO_ROWS);

/** Imports over the table: `I#<importId>` with META, CHUNK#, GROUP# and ERR# rows. */
export const createImports = (table: Table): Imports => {
  const get: Imports['get'] = async (importId) => {
    const item = await table.get(metaKey(importId), { consistent: true });
    return item?.import as Import | undefined;
  };

  /** Sums a group's chunks once all are there; undefined before. */
  const group = async (importId: string, n: number, chunks: number): Promise<RowCounts | undefined> => {
    const [first, after] = [n * GROUP, Math.min((n + 1) * GROUP, chunks)];
    const from = chunkKey(importId, first).sk;
    const to = chunkKey(importId, after - 1).sk;
    const items = await collect(queryAll(table, { pk: partition(importId), from, to, consistent: true }));
    if (items.length < after - first) return undefined;
    const counts = sum(items);
    await table.put({ ...groupKey(importId, n), entity: 'ImportGroup', schemaVersion: 1, counts });
    return counts;
  };

  return {
    get,

    async put(record) {
      await table.writeMany([
        { ...metaKey(record.importId), entity: 'Import', schemaVersion: 1, import: record },
        {
          pk: LIST,
          sk: `${formatInstant(record.receivedAt)}#${record.importId}`,
          entity: 'ImportEntry',
          schemaVersion: 1,
          importId: record.importId,
        },
      ]);
    },

    async queued(importId, chunks) {
      await table.update(metaKey(importId), { set: [{ path: ['import', 'queued'], value: chunks }] }, [
        { path: ['import', 'queued'], below: chunks },
      ]);
    },

    async splitDone(importId, chunks) {
      await table.update(metaKey(importId), { set: [{ path: ['import', 'chunks'], value: chunks }] });
    },

    async list({ limit = 50, after } = {}) {
      const page = await table.query({ pk: LIST, descending: true, limit, ...(after === undefined ? {} : { after }) });
      const imports = await Promise.all(page.items.map((item) => get(item.importId as string)));
      const items = imports.filter((found): found is Import => found !== undefined);
      return { items, ...(page.next === undefined ? {} : { next: page.next }) };
    },

    async latestOfName(fileName) {
      return (await table.get(nameKey(fileName), { consistent: true }))?.importId as string | undefined;
    },

    async setLatestOfName(fileName, importId) {
      await table.put({ ...nameKey(fileName), entity: 'ImportName', schemaVersion: 1, importId });
    },

    async progress(record) {
      if (record.counts !== undefined) return record.counts;
      return sum(await collect(queryAll(table, { pk: partition(record.importId), prefix: 'CHUNK#' })));
    },

    async isChunkDone(importId, chunk) {
      return (await table.get(chunkKey(importId, chunk), { consistent: true })) !== undefined;
    },

    async chunkDone(importId, { chunk, counts }) {
      await table.put({ ...chunkKey(importId, chunk), entity: 'ImportChunk', schemaVersion: 1, counts });
    },

    async whole(importId, chunks, chunk) {
      const groups = Math.ceil(chunks / GROUP);
      const mine = chunk === undefined ? undefined : Math.floor(chunk / GROUP);
      if (mine !== undefined && (await group(importId, mine, chunks)) === undefined) return undefined;
      if (mine === undefined)
        for (let n = 0; n < groups; n += 1) if (!(await group(importId, n, chunks))) return undefined;
      const done = await collect(queryAll(table, { pk: partition(importId), prefix: 'GROUP#', consistent: true }));
      return done.length < groups ? undefined : sum(done);
    },

    async finish(importId, counts, errorFiles) {
      await table.update(metaKey(importId), {
        set: [
          { path: ['import', 'state'], value: 'done' satisfies ImportState },
          { path: ['import', 'counts'], value: counts },
          { path: ['import', 'errorFiles'], value: errorFiles },
        ],
      });
    },

    async putErrors(importId, errors) {
      await table.writeMany(
        errors.map(({ line, problems, cells = [] }) => ({
          pk: partition(importId),
          sk: `ERR#${padded(line, 10)}`,
          entity: 'ImportError',
          schemaVersion: 1,
          line,
          problems,
          ...(JSON.stringify(cells).length > CELLS_LIMIT ? {} : { cells }),
        })),
      );
    },

    async *errors(importId) {
      for await (const { line, problems, cells } of queryAll(table, { pk: partition(importId), prefix: 'ERR#' }))
        yield {
          line: line as number,
          problems: problems as RowProblem[],
          ...(cells === undefined ? {} : { cells: cells as string[] }),
        };
    },

    async putWish(key, wish) {
      await table.put({ ...wishKey(key), entity: 'UploadWish', schemaVersion: 1, wish });
    },

    async wish(key) {
      return (await table.get(wishKey(key), { consistent: true }))?.wish as UploadWish | undefined;
    },
  };
};
