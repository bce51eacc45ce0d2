import { BYTE_ORDER_MARK, csvLine } from '../platform/csv.ts';
import type { RowError } from './import-store.ts';
import { problemTexts } from './row-problem.ts';

/** First columns of an error file; the file's own columns follow. A file that begins so is one of ours. */
export const ERROR_COLUMNS = ['#line', '#column', '#value', '#reason', '#severity'] as const;

/** True for the header of an error file. */
export const isErrorFile = (header: readonly string[]): boolean => ERROR_COLUMNS.every((name, n) => header[n] === name);

/** How large one error file may grow before the next begins: what a spreadsheet still opens, and little memory. */
const FILE_BYTES = 8_000_000;

/**
 * Error files of an import, each a CSV to be fixed and imported again under the same mapping: one line a row, what is
 * wrong in front, the row's own cells behind. Comma, UTF-8 with byte order mark, as spreadsheets open it.
 * @param columns the imported file's own columns
 */
export async function* writeErrorFiles(
  errors: AsyncIterable<RowError>,
  columns: readonly string[],
): AsyncGenerator<string> {
  const header = `${BYTE_ORDER_MARK}${csvLine([...ERROR_COLUMNS, ...columns])}`;
  let rows: string[] = [];
  let size = 0;
  for await (const { line, problems, cells = [] } of errors) {
    const severity = problems.some((problem) => problem.severity === 'refused') ? 'refused' : 'warning';
    const row = csvLine([
      String(line),
      problems.map(({ column }) => column).join('; '),
      problems.map(({ value }) => value).join('; '),
      problems.map(({ reason }) => `${reason}: ${problemTexts[reason]}`).join('; '),
      severity,
      ...columns.map((_, n) => cells[n] ?? ''),
    ]);
    rows.push(row);
    size += row.length;
    if (size < FILE_BYTES) continue;
    yield header + rows.join('');
    rows = [];
    size = 0;
  }
  if (rows.length > 0) yield header + rows.join('');
}
