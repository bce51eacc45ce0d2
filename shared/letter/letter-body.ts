/**
 * A letter's body between Liquid and Typst. The source's structure (paragraphs, rows, items) is written as control
 * characters when the template is compiled, and control characters are taken out of values, so that no value can add
 * a row or a paragraph: what looks like markup in a name is printed as it is.
 */

/** One block of a letter, ready to be set. */
export type LetterPart =
  | { readonly kind: 'paragraph'; readonly lines: readonly string[] }
  | {
      readonly kind: 'facts';
      readonly rows: readonly { readonly cells: readonly [string, string]; readonly strong: boolean }[];
    }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** The QR code and the short code, with these words. */
  | { readonly kind: 'answer'; readonly caption: string };

const BLOCK = '\u001d';
const LINE = '\u001e';
const CELL = '\u001f';

/**
 * Marks up the body of a letter source, line by line: `| label | value |` is a row, `|!` a strong one, `- ` an item of a
 * list, `@answer words` the QR code; an empty line ends a paragraph, any other line is a line of it. Lines that hold
 * nothing but Liquid tags leave no trace.
 */
export const markBody = (source: string): string =>
  source
    .split('\n')
    .map((raw) => {
      const line = raw.trim();
      if (line === '') return `${BLOCK}P`;
      if (/^(\{%[^%]*%\}\s*)+$/.test(line)) return line;
      const row = /^\|(!?)\s*(.*?)\s*\|\s*(.*?)\s*\|$/.exec(line);
      if (row) return `${BLOCK}${row[1] === '!' ? 'S' : 'R'}${row[2]}${CELL}${row[3]}`;
      if (line.startsWith('- ')) return `${BLOCK}L${line.slice(2).trim()}`;
      if (line.startsWith('@answer ')) return `${BLOCK}A${line.slice('@answer '.length).trim()}`;
      return `${LINE}${line}`;
    })
    .join('');

/** A value as it may stand in a body: one line, no control characters. */
export const plainValue = (value: string): string => value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Reads a rendered body. Neighbouring rows make one table, neighbouring items one list. */
export const readBody = (rendered: string): readonly LetterPart[] => {
  const parts: LetterPart[] = [];
  let lines: string[] = [];
  let rows: { cells: readonly [string, string]; strong: boolean }[] = [];
  let items: string[] = [];
  const close = (but: 'paragraph' | 'facts' | 'list' | undefined): void => {
    if (but !== 'paragraph' && lines.length > 0) parts.push({ kind: 'paragraph', lines });
    if (but !== 'paragraph') lines = [];
    if (but !== 'facts' && rows.length > 0) parts.push({ kind: 'facts', rows });
    if (but !== 'facts') rows = [];
    if (but !== 'list' && items.length > 0) parts.push({ kind: 'list', items });
    if (but !== 'list') items = [];
  };
  for (const piece of rendered.split(new RegExp(`(?=[${BLOCK}${LINE}])`))) {
    const isBlock = piece.startsWith(BLOCK);
    const kind = isBlock ? piece[1] : 'line';
    const text = piece.slice(isBlock ? 2 : 1);
    switch (kind) {
      case 'line':
        close('paragraph');
        if (text.trim() !== '') lines.push(text.trim());
        break;
      case 'R':
      case 'S': {
        close('facts');
        const [label = '', value = ''] = text.split(CELL);
        rows.push({ cells: [label.trim(), value.trim()], strong: kind === 'S' });
        break;
      }
      case 'L':
        close('list');
        items.push(text.trim());
        break;
      case 'A':
        close(undefined);
        parts.push({ kind: 'answer', caption: text.trim() });
        break;
      default:
        close(undefined);
    }
  }
  close(undefined);
  return parts;
};
