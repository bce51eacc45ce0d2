import type { FileFormat } from './mapping.ts';

/** What keeps a record of a file from being read at all. */
export type RecordProblem =
  | 'unclosed-quote'
  | 'stray-quote'
  | 'too-long'
  | 'nul'
  | 'not-json'
  | 'nested'
  | 'number-too-large'
  | 'not-an-object';

/** One record of a file as it stands there. */
export interface RawRecord {
  /** Number of the physical line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly problem?: RecordProblem;
}

/** Takes text cut anywhere and gives whole records. */
export interface RecordSplitter {
  /** @returns the records that `text` completed */
  push(text: string): RawRecord[];
  /** @returns what remains at the end of the file */
  end(): RawRecord[];
}

/** A record longer than this many characters is refused; what is kept of a file in memory is at most twice as much. */
export const RECORD_LIMIT = 1_000_000;

type Scan =
  | { readonly kind: 'record'; readonly cells: string[]; readonly next: number; readonly lines: number }
  /** A quote where none may stand, at `next`. */
  | { readonly kind: 'stray'; readonly next: number }
  /** The text ends inside the record. */
  | { readonly kind: 'open' };

/**
 * Reads one record that holds quotes or lone carriage returns, character by character, after RFC 4180: a quote opens
 * only at the start of a cell (elsewhere it is a sign like any other: 5" pipe), a doubled quote inside is one quote, after
 * the closing one comes a delimiter or an end.
 * Ends of lines are LF, CRLF, and CR alone (old Macintosh files).
 */
const scanRecord = (text: string, start: number, delimiter: string, quote: string, atEnd: boolean): Scan => {
  const cells: string[] = [];
  let at = start;
  let lines = 0;
  for (;;) {
    let cell: string;
    if (quote !== '' && text[at] === quote) {
      cell = '';
      let from = at + 1;
      for (;;) {
        const close = text.indexOf(quote, from);
        if (close === -1) return { kind: 'open' };
        // a quote as the last character known: the next one decides what it is
        if (close + 1 >= text.length && !atEnd) return { kind: 'open' };
        cell += text.slice(from, close);
        at = close + 1;
        if (text[at] !== quote) break;
        cell += quote;
        from = at + 1;
      }
      for (let n = 0; n < cell.length; n += 1) {
        const code = cell.charCodeAt(n);
        if (code === 10 || (code === 13 && cell.charCodeAt(n + 1) !== 10)) lines += 1;
      }
    } else {
      const from = at;
      for (; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code === 10 || code === 13 || text[at] === delimiter) break;
      }
      cell = text.slice(from, at);
    }
    cells.push(cell);
    const sign = text[at];
    if (sign === delimiter) {
      at += 1;
      continue;
    }
    if (sign === undefined) return atEnd ? { kind: 'record', cells, next: at, lines } : { kind: 'open' };
    if (sign === '\n') return { kind: 'record', cells, next: at + 1, lines: lines + 1 };
    if (sign !== '\r') return { kind: 'stray', next: at };
    if (at + 1 >= text.length && !atEnd) return { kind: 'open' };
    return { kind: 'record', cells, next: text[at + 1] === '\n' ? at + 2 : at + 1, lines: lines + 1 };
  }
};

/** End of the line that holds `start`: where its terminator begins and where the next line does; undefined while unknown. */
const lineEnd = (text: string, start: number, atEnd: boolean): { end: number; next: number } | undefined => {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) return { end: at, next: at + 1 };
    if (code === 13) {
      if (at + 1 >= text.length && !atEnd) return undefined;
      return { end: at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
    }
  }
  return atEnd ? { end: text.length, next: text.length } : undefined;
};

/**
 * Splits delimited text (CSV, TSV) into records with their true line numbers (ADR 0030). A record whose quotes are
 * wrong is reported at the line it begins on, and reading goes on at the line after that one, so that one lost quote
 * costs one row, not the rest of the file.
 */
export const createCsvSplitter = (
  { delimiter, quote }: Pick<FileFormat, 'delimiter' | 'quote'>,
  limit = RECORD_LIMIT,
): RecordSplitter => {
  let text = '';
  let at = 0;
  let line = 1;
  /** Reading on only to find the end of a record that is too long. */
  let tooLong: { readonly line: number; quoted: boolean; mayOpen: boolean } | undefined;

  /** Skips what belongs to the record that is too long. */
  const skip = (out: RawRecord[], atEnd: boolean): void => {
    for (; tooLong && at < text.length; at += 1) {
      const sign = text[at];
      if (sign === quote && quote !== '') {
        // right after a closing quote another one makes the pair that stands for one
        const opens = !tooLong.quoted && tooLong.mayOpen;
        tooLong.mayOpen = tooLong.quoted;
        tooLong.quoted = opens;
        continue;
      }
      tooLong.mayOpen = sign === delimiter;
      if (sign !== '\n' && sign !== '\r') continue;
      if (sign === '\r') {
        if (at + 1 >= text.length && !atEnd) return;
        if (text[at + 1] === '\n') continue;
      }
      line += 1;
      if (tooLong.quoted) continue;
      out.push({ line: tooLong.line, cells: [], problem: 'too-long' });
      tooLong = undefined;
    }
    if (!tooLong || !atEnd) return;
    out.push({ line: tooLong.line, cells: [], problem: tooLong.quoted ? 'unclosed-quote' : 'too-long' });
    tooLong = undefined;
  };

  const bad = (out: RawRecord[], problem: RecordProblem, atEnd: boolean): boolean => {
    const end = lineEnd(text, at, atEnd);
    if (!end) return false;
    out.push({ line, cells: [text.slice(at, end.end)], problem });
    at = end.next;
    line += 1;
    return true;
  };

  const take = (atEnd: boolean): RawRecord[] => {
    const out: RawRecord[] = [];
    skip(out, atEnd);
    let quoteAt = quote === '' ? Number.POSITIVE_INFINITY : -1;
    let returnAt = -1;
    let nulAt = -1;
    while (at < text.length) {
      const found = text.indexOf('\n', at);
      const lineFeed = found === -1 ? text.length : found;
      if (quoteAt < at) quoteAt = text.indexOf(quote, at);
      if (quoteAt === -1) quoteAt = Number.POSITIVE_INFINITY;
      if (returnAt < at) returnAt = text.indexOf('\r', at);
      if (returnAt === -1) returnAt = Number.POSITIVE_INFINITY;
      if (nulAt < at) nulAt = text.indexOf('\0', at);
      if (nulAt === -1) nulAt = Number.POSITIVE_INFINITY;
      const begin = at;
      const beginLine = line;
      if (found !== -1 && quoteAt > lineFeed && returnAt >= lineFeed - 1 && lineFeed - at < limit) {
        // the common line: no quotes, its only carriage return before its line feed
        const cells = text.slice(at, returnAt === lineFeed - 1 ? returnAt : lineFeed).split(delimiter);
        at = lineFeed + 1;
        line += 1;
        out.push(nulAt < at ? { line: beginLine, cells, problem: 'nul' } : { line: beginLine, cells });
        continue;
      }
      const scan = scanRecord(text, at, delimiter, quote, atEnd);
      if ((scan.kind === 'open' ? text.length : scan.next) - begin > limit) {
        tooLong = { line, quoted: false, mayOpen: true };
        skip(out, atEnd);
        if (tooLong) break;
      } else if (scan.kind === 'record') {
        at = scan.next;
        line += scan.lines;
        const record = { line: beginLine, cells: scan.cells };
        out.push(nulAt < at ? { ...record, problem: 'nul' } : record);
      } else if (scan.kind === 'open' && !atEnd) break;
      else if (!bad(out, scan.kind === 'open' ? 'unclosed-quote' : 'stray-quote', atEnd)) break;
    }
    text = text.slice(at);
    at = 0;
    return out;
  };

  return {
    push(more) {
      text += more;
      return take(false);
    },
    end: () => take(true),
  };
};
