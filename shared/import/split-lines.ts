import { createCsvSplitter, type RawRecord, type RecordProblem, type RecordSplitter } from './split-records.ts';

/** The text of one JSON value as a cell, or why no cell can hold it. */
const cellOf = (value: unknown): { readonly cell: string } | { readonly problem: RecordProblem } => {
  if (value === null || value === undefined) return { cell: '' };
  if (typeof value === 'string' || typeof value === 'boolean') return { cell: String(value) };
  if (typeof value !== 'number') return { problem: 'nested' };
  // beyond 2^53 JSON numbers have already lost digits when they are read
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return { problem: 'number-too-large' };
  return { cell: String(value) };
};

const readLine = (text: string, line: number, columns: readonly string[]): RawRecord => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { line, cells: [text], problem: 'not-json' };
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    return { line, cells: [text], problem: 'not-an-object' };
  const cells: string[] = [];
  for (const column of columns) {
    const value: unknown = Object.hasOwn(json, column) ? (json as Record<string, unknown>)[column] : undefined;
    const read = cellOf(value);
    if ('problem' in read) return { line, cells: [text], problem: read.problem };
    cells.push(read.cell);
  }
  return { line, cells };
};

/** Splits NDJSON: one object a line, of which `columns` become the cells, in that order. Blank lines are skipped. */
export const createJsonSplitter = (columns: readonly string[], limit?: number): RecordSplitter => {
  // without delimiter and quote, lines are all that is split
  const lines = createCsvSplitter({ delimiter: '\0', quote: '' }, limit);
  const read = (records: readonly RawRecord[]): RawRecord[] =>
    records.flatMap((record) => {
      const text = record.cells.join('\0');
      if (record.problem !== undefined && record.problem !== 'nul') return [record];
      return text.trim() === '' ? [] : [readLine(text, record.line, columns)];
    });
  return { push: (text) => read(lines.push(text)), end: () => read(lines.end()) };
};
