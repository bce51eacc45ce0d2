import { EngagementError } from '../platform/errors.ts';
import { decodeText } from './decode-text.ts';
import { type RawRecord, RECORD_LIMIT } from './split-records.ts';
import { type RandomFile, readDirectory, readEntry, type ZipEntry } from './zip-archive.ts';

/** Texts that cells share; a workbook with more of them is read as CSV. */
const SHARED_LIMIT = 64_000_000;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const unescape = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
        if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
        const code = name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      })
    : text;
/** Excel writes control characters as `_x000D_`. */
const plain = (text: string): string =>
  unescape(text).replace(/_x([\dA-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
const attribute = (tag: string, name: string): string | undefined => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

type Token =
  | { readonly kind: 'open' | 'close'; readonly name: string; readonly tag: string }
  | { readonly kind: 'text'; readonly text: string };

/** Tags and texts of an XML part that spreadsheets write: no DTD, no CDATA, no comments that matter. */
async function* tokens(texts: AsyncIterable<string>): AsyncGenerator<Token[]> {
  let rest = '';
  for await (const more of texts) {
    const text = rest + more;
    const found: Token[] = [];
    let at = 0;
    for (;;) {
      const open = text.indexOf('<', at);
      if (open === -1) break;
      const close = text.indexOf('>', open);
      if (close === -1) break;
      if (open > at) found.push({ kind: 'text', text: text.slice(at, open) });
      const tag = text.slice(open + 1, close);
      at = close + 1;
      if (tag.startsWith('?') || tag.startsWith('!')) {
        if (tag.startsWith('!DOCTYPE'))
          throw new EngagementError('bad-input', 'the file holds a DTD: export it as CSV');
        continue;
      }
      const name = /^\/?(?:\w+:)?(\w+)/.exec(tag)?.[1] ?? '';
      if (tag.startsWith('/')) found.push({ kind: 'close', name, tag });
      else {
        found.push({ kind: 'open', name, tag });
        if (tag.endsWith('/')) found.push({ kind: 'close', name, tag });
      }
    }
    rest = text.slice(at);
    if (rest.length > RECORD_LIMIT)
      throw new EngagementError('bad-input', 'a cell is longer than a million characters: export the file as CSV');
    yield found;
  }
}

interface Workbook {
  readonly file: RandomFile;
  readonly entries: ReadonlyMap<string, ZipEntry>;
}

async function* partTokens({ file, entries }: Workbook, name: string): AsyncGenerator<Token> {
  const entry = entries.get(name);
  if (!entry) return;
  for await (const block of tokens(decodeText(readEntry(file, entry), 'utf-8'))) yield* block;
}

/** The texts that cells name by number; phonetic readings beside them are no part of them. */
const sharedTexts = async (book: Workbook): Promise<readonly string[]> => {
  if ((book.entries.get('xl/sharedStrings.xml')?.size ?? 0) > SHARED_LIMIT)
    throw new EngagementError('too-large', 'the workbook holds too many texts to be kept in memory: export it as CSV');
  const texts: string[] = [];
  let current = '';
  let inText = false;
  let phonetic = false;
  for await (const token of partTokens(book, 'xl/sharedStrings.xml')) {
    if (token.kind === 'text') {
      if (inText && !phonetic) current += token.text;
    } else if (token.name === 'rPh') phonetic = token.kind === 'open';
    else if (token.name === 't') inText = token.kind === 'open';
    else if (token.name === 'si') {
      if (token.kind === 'close') texts.push(plain(current));
      current = '';
    }
  }
  return texts;
};

/** Numbers of the built-in formats that show a date (ECMA-376 18.8.30), the East Asian ones among them. */
const DATE_FORMATS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]);
const showsDate = (code: string): boolean => /[yd]|m(?!m?:?ss)/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, ''));

/** For each cell style, whether it shows a date. */
const dateStyles = async (book: Workbook): Promise<readonly boolean[]> => {
  const custom = new Map<number, string>();
  const styles: boolean[] = [];
  let inCells = false;
  for await (const token of partTokens(book, 'xl/styles.xml')) {
    if (token.kind === 'text') continue;
    if (token.name === 'cellXfs') inCells = token.kind === 'open';
    if (token.kind === 'close') continue;
    if (token.name === 'numFmt')
      custom.set(Number(attribute(token.tag, 'numFmtId')), unescape(attribute(token.tag, 'formatCode') ?? ''));
    if (token.name === 'xf' && inCells) {
      const id = Number(attribute(token.tag, 'numFmtId') ?? 0);
      const code = custom.get(id);
      styles.push(code === undefined ? DATE_FORMATS.has(id) : showsDate(code));
    }
  }
  return styles;
};

/** Name of the part that holds the sheet, and how the workbook counts days. */
const findSheet = async (book: Workbook, wanted: string | undefined): Promise<{ part: string; is1904: boolean }> => {
  const sheets: { name: string; rel: string }[] = [];
  let is1904 = false;
  for await (const token of partTokens(book, 'xl/workbook.xml')) {
    if (token.kind !== 'open') continue;
    if (token.name === 'workbookPr') is1904 = ['1', 'true'].includes(attribute(token.tag, 'date1904') ?? '');
    if (token.name === 'sheet')
      sheets.push({ name: unescape(attribute(token.tag, 'name') ?? ''), rel: attribute(token.tag, 'r:id') ?? '' });
  }
  const sheet = wanted === undefined ? sheets[0] : sheets.find(({ name }) => name === wanted);
  if (!sheet)
    throw new EngagementError(
      'bad-input',
      wanted === undefined
        ? 'the workbook has no sheet'
        : `the workbook has no sheet "${wanted}": see format.sheet in the mapping`,
    );
  for await (const token of partTokens(book, 'xl/_rels/workbook.xml.rels'))
    if (token.kind === 'open' && token.name === 'Relationship' && attribute(token.tag, 'Id') === sheet.rel) {
      const target = attribute(token.tag, 'Target') ?? '';
      return { part: target.startsWith('/') ? target.slice(1) : `xl/${target}`, is1904 };
    }
  throw new EngagementError('bad-input', 'the workbook does not say where its sheet is: save it again as .xlsx');
};

/** A day number as `2019-01-31`, with its time where it has one. Excel takes 1900 for a leap year: day 60 does not exist. */
const dateText = (serial: number, is1904: boolean): string => {
  const days = is1904 ? serial + 1_462 : serial < 60 ? serial + 1 : serial;
  const at = new Date(Math.round((days - 25_569) * 86_400) * 1_000);
  if (Number.isNaN(at.getTime())) return String(serial);
  const text = at.toISOString();
  return Number.isInteger(serial) ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ');
};

const columnOf = (reference: string): number => {
  let column = 0;
  for (const letter of /^[A-Z]+/.exec(reference)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
};

const COLUMN_LIMIT = 1_100;

/**
 * Reads a sheet of an .xlsx file row by row (ECMA-376). Dates become `YYYY-MM-DD`, with ` HH:mm:ss` where there is a time;
 * numbers are written with `decimal`; formulas give their last value. `line` is the row's number in the sheet; rows are as
 * wide as the first, since a sheet leaves empty cells out.
 * @throws EngagementError `bad-input`, `too-large` where it is no such file or beyond reason
 */
export async function* readSheet(
  file: RandomFile,
  { sheet, decimal }: { readonly sheet?: string | undefined; readonly decimal: '.' | ',' },
): AsyncGenerator<readonly RawRecord[]> {
  const entries = await readDirectory(file);
  const book: Workbook = { file, entries: new Map(entries.map((entry) => [entry.name, entry])) };
  const { part, is1904 } = await findSheet(book, sheet);
  const [texts, styles] = [await sharedTexts(book), await dateStyles(book)];

  const valueOf = (type: string, style: number, raw: string): string => {
    if (type === 's') return texts[Number(raw)] ?? '';
    if (type === 'b') return raw === '1' ? 'true' : raw === '0' ? 'false' : raw;
    if (type !== 'n' || raw === '') return plain(raw);
    const number = Number(raw);
    if (styles[style]) return dateText(number, is1904);
    const text = /e/i.test(String(number)) ? raw : String(number);
    return decimal === '.' ? text : text.replace('.', decimal);
  };

  let width: number | undefined;
  let line = 0;
  let cells: string[] = [];
  let cell = { column: 0, type: 'n', style: 0, raw: '' };
  let inValue = false;
  let records: RawRecord[] = [];
  for await (const token of partTokens(book, part)) {
    if (token.kind === 'text') {
      if (inValue) cell.raw += token.text;
    } else if (token.name === 'v' || token.name === 't') inValue = token.kind === 'open';
    else if (token.name === 'c' && token.kind === 'open') {
      const reference = attribute(token.tag, 'r');
      const column = reference === undefined ? cells.length : columnOf(reference);
      cell = {
        column,
        type: attribute(token.tag, 't') ?? 'n',
        style: Number(attribute(token.tag, 's') ?? -1),
        raw: '',
      };
    } else if (token.name === 'c') {
      if (cell.column >= COLUMN_LIMIT) continue;
      while (cells.length < cell.column) cells.push('');
      cells[cell.column] = valueOf(cell.type, cell.style, cell.raw);
    } else if (token.name === 'row' && token.kind === 'open') {
      line = Number(attribute(token.tag, 'r') ?? line + 1);
      cells = [];
    } else if (token.name === 'row') {
      if (cells.every((value) => value === '')) continue;
      width ??= cells.length;
      while (cells.length < width) cells.push('');
      while (cells.length > width && cells.at(-1) === '') cells.pop();
      records.push({ line, cells });
      if (records.length < 500) continue;
      yield records;
      records = [];
    }
  }
  if (records.length > 0) yield records;
}
