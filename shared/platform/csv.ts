/**
 * CSV as people open it (RFC 4180: comma, CRLF, quotes doubled), with cells that no spreadsheet takes for a formula
 * (S21; OWASP ASVS 5.0, 1.2.10): one that begins with `=`, `+`, `-`, `@`, their full-width forms, a tab, a line break or
 * NUL gets an apostrophe in front. So does one that begins with an apostrophe, so that taking it off again is exact.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is one of them
const DANGEROUS = /^['=+\-@\t\r\n\0＝＋－＠]/;

/** For Excel, which takes a file without it for one in the machine's own code page. */
export const BYTE_ORDER_MARK = '\ufeff';

/** A cell that no spreadsheet executes. */
export const guardCell = (text: string): string => (DANGEROUS.test(text) ? `'${text}` : text);

/** The cell as it was before `guardCell`. */
export const unguardCell = (text: string): string =>
  text.startsWith("'") && DANGEROUS.test(text.slice(1)) ? text.slice(1) : text;

const cellOf = (text: string): string => {
  const guarded = guardCell(text);
  // a guarded cell is quoted too: some readers take the apostrophe off only there (S21)
  return guarded !== text || /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};

/** One line with its end. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cellOf).join(',')}\r\n`;

/** A whole file with a header line, without byte order mark. */
export const toCsv = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, ...rows].map(csvLine).join('');

/** One cell from the beginning of the text or behind the last separator: quoted or plain, and what ends it. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^,\r\n]*))(,|\r\n|$)/y;

/** The cells that `csvLine` was given, line by line; a byte order mark is passed over. */
export const readCsv = (file: string): readonly (readonly string[])[] => {
  const text = file.startsWith(BYTE_ORDER_MARK) ? file.slice(1) : file;
  const lines: string[][] = [];
  let line: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length || line.length > 0) {
    const found = CELL.exec(text);
    if (found === null) break;
    const [, quoted, plain = '', end] = found;
    line.push(unguardCell(quoted === undefined ? plain : quoted.replaceAll('""', '"')));
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  return lines;
};
