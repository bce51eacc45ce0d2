import { unguardCell } from '../platform/csv.ts';
import { EngagementError } from '../platform/errors.ts';
import { decodeText } from './decode-text.ts';
import { ERROR_COLUMNS, isErrorFile } from './error-file.ts';
import { mappingFaults } from './map-row.ts';
import type { Mapping } from './mapping.ts';
import { readSheet } from './read-sheet.ts';
import { createJsonSplitter } from './split-lines.ts';
import { createCsvSplitter, type RawRecord, type RecordSplitter } from './split-records.ts';
import type { RandomFile } from './zip-archive.ts';

/** A file under reading: its columns, and its records in blocks. */
export interface OpenFile {
  readonly columns: readonly string[];
  readonly records: AsyncIterable<readonly RawRecord[]>;
}

/** A file as it opens, or why none of it can be taken: lines for people, without personal data. */
export type FileOpening =
  | { readonly kind: 'open'; readonly file: OpenFile }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** A spreadsheet has no more; a file with more is no table. */
const COLUMN_LIMIT = 1_024;
const NAME_LIMIT = 200;

const blank = ({ cells, problem }: RawRecord): boolean =>
  problem === undefined && cells.length === 1 && cells[0]?.trim() === '';

async function* split(texts: AsyncIterable<string>, splitter: RecordSplitter): AsyncGenerator<readonly RawRecord[]> {
  for await (const text of texts) {
    const records = splitter.push(text);
    if (records.length > 0) yield records;
  }
  const rest = splitter.end();
  if (rest.length > 0) yield rest;
}

/** What is wrong with a header row by itself. */
const headerFaults = ({ cells, problem }: RawRecord): string[] => {
  if (problem === 'nul') return ['the header holds NUL characters: the file looks like UTF-16, declare its encoding'];
  if (problem !== undefined) return [`the header row cannot be read (${problem})`];
  if (cells.length > COLUMN_LIMIT)
    return [`the file has ${cells.length} columns, more than ${COLUMN_LIMIT}: see its delimiter`];
  const names = cells.map((cell) => cell.trim());
  const twice = [...new Set(names.filter((name, n) => name !== '' && names.indexOf(name) !== n))];
  return [
    ...twice.map((name) => `column "${name.slice(0, NAME_LIMIT)}" stands twice in the header: rename one`),
    ...(names.some((name) => name.length > NAME_LIMIT)
      ? [`a column name is longer than ${NAME_LIMIT} characters: is this the header?`]
      : []),
  ];
};

const stripErrorColumns = (record: RawRecord): RawRecord => ({
  ...record,
  cells: record.cells.slice(ERROR_COLUMNS.length).map(unguardCell),
});

/** The opened file for records whose first row, unless the mapping names the columns, is the header. */
const open = async (blocks: AsyncIterator<readonly RawRecord[]>, mapping: Mapping): Promise<FileOpening> => {
  const named = mapping.format.columns;
  let first: readonly RawRecord[] = [];
  const pull = async (): Promise<boolean> => {
    const next = await blocks.next();
    first = next.done ? [] : next.value;
    return !next.done;
  };
  let header: RawRecord | undefined;
  let rest: readonly RawRecord[] = [];
  while (header === undefined && (await pull())) {
    const at = named === undefined ? first.findIndex((record) => !blank(record)) : 0;
    if (at === -1) continue;
    header = first[at];
    rest = named === undefined ? first.slice(at + 1) : first;
  }
  if (header === undefined) return { kind: 'refused', problems: ['the file is empty'] };
  const faults = named === undefined ? headerFaults(header) : [];
  if (faults.length > 0) return { kind: 'refused', problems: faults };

  const names = named ?? header.cells.map((cell) => cell.trim());
  const isErrors = named === undefined && isErrorFile(names);
  const columns = isErrors ? names.slice(ERROR_COLUMNS.length).map(unguardCell) : names;
  const unfit = mappingFaults(mapping, columns);
  if (unfit.length > 0) return { kind: 'refused', problems: unfit };

  const clean = (records: readonly RawRecord[]): readonly RawRecord[] => {
    const kept = columns.length > 1 ? records.filter((record) => !blank(record)) : records;
    return isErrors ? kept.map(stripErrorColumns) : kept;
  };
  const records = async function* (): AsyncGenerator<readonly RawRecord[]> {
    yield clean(rest);
    for (let next = await blocks.next(); !next.done; next = await blocks.next()) yield clean(next.value);
  };
  return { kind: 'open', file: { columns, records: records() } };
};

/** Opens an .xlsx file by its mapping; else as of `openFile`. */
const openSheet = async (file: RandomFile, mapping: Mapping): Promise<FileOpening> => {
  const { sheet, decimal } = mapping.format;
  return open(readSheet(file, { sheet, decimal }), mapping);
};

/** What tells that a file is no text of any kind, by its first bytes. */
const BINARY: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: 'a ZIP or Excel file', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'an old Excel file', bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: 'a gzip file', bytes: [0x1f, 0x8b] },
  { name: 'a PDF', bytes: [0x25, 0x50, 0x44, 0x46] },
  { name: 'a PNG image', bytes: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'a JPEG image', bytes: [0xff, 0xd8, 0xff] },
];

/** Passes blocks on and refuses what begins like a picture or an archive. */
async function* textOnly(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let looked = false;
  let head: Uint8Array = new Uint8Array();
  for await (const block of blocks) {
    if (looked) {
      yield block;
      continue;
    }
    head = head.length === 0 ? block : Buffer.concat([head, block]);
    if (head.length < 4) continue;
    looked = true;
    const found = BINARY.find(({ bytes }) => bytes.every((byte, n) => head[n] === byte));
    if (found) throw new EngagementError('bad-input', `the file is ${found.name}, no text: export it as CSV`);
    yield head;
  }
  if (!looked) yield head;
}

/**
 * Opens a file by its mapping: decodes, splits, reads the header and checks that the mapping fits it. Reads no further
 * than the first block; the rest streams as `records` are taken.
 * @throws EngagementError `bad-input` from `records` where bytes are not of the declared encoding
 */
export const openFile = async (file: RandomFile, mapping: Mapping): Promise<FileOpening> => {
  const { format } = mapping;
  const isJson = format.type === 'ndjson';
  try {
    // an error file is text, whatever the form of the file it came from
    if (format.type === 'xlsx' && (await beginsAsZip(file))) return await openSheet(file, mapping);
    const texts = decodeText(textOnly(await file.stream(0)), isJson ? 'utf-8' : format.encoding);
    if (isJson) return await open(split(texts, createJsonSplitter(format.columns ?? [])), mapping);
    const [first, all] = await peek(texts);
    // our own error files are CSV of one form, whatever the form of the file they came from
    const own = /^"?#line"?,/.test(first);
    return await open(split(all, createCsvSplitter(own ? { delimiter: ',', quote: '"' } : format)), mapping);
  } catch (error) {
    if (error instanceof EngagementError && !error.retryable) return { kind: 'refused', problems: [error.message] };
    throw error;
  }
};

const beginsAsZip = async (file: RandomFile): Promise<boolean> => {
  for await (const block of await file.stream(0)) return block[0] === 0x50 && block[1] === 0x4b;
  return false;
};

/** The beginning of a text, and the whole text again. */
const peek = async (texts: AsyncGenerator<string>): Promise<[string, AsyncIterable<string>]> => {
  let head = '';
  let done = false;
  while (head.length < 16 && !done) {
    const next = await texts.next();
    done = next.done === true;
    head += next.value ?? '';
  }
  const all = async function* (): AsyncGenerator<string> {
    yield head;
    yield* texts;
  };
  return [head, all()];
};
