/**
 * Quoted-printable (RFC 2045, 6.7) in pieces that can be joined in any order: every piece begins at the start of a
 * line and leaves the next one at the start of a line, by a soft break where its text does not end in a line break.
 * So static text is encoded once, when a template is compiled, and only values when a mail is rendered.
 */

/** Longest line without its soft break: 75 characters and `=` make the 76 that are allowed. */
const LINE = 75;
const SOFT_BREAK = '=\r\n';

const encoder = new TextEncoder();

/** Every byte as it is written: printable ASCII but `=` as itself, all else as `=XX`. */
const written: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x20 && byte <= 0x7e && byte !== 0x3d) || byte === 0x09
    ? String.fromCharCode(byte)
    : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** Letters, digits and harmless marks that need no encoding, in one line: most values. */
const isPlain = (text: string): boolean =>
  text.length <= LINE && /^[\w ,:;@/?&+#%!*()'"<>-][\w .,:;@/?&+#%!*()'"<>-]*$/.test(text);

/** Short texts that were encoded lately: dates, product lines and amounts come again from mail to mail. */
const recent = new Map<string, string>();
const RECENT_TEXTS = 2_000;
const RECENT_LENGTH = 200;

/**
 * Encodes one piece. Line breaks of any kind become CRLF; a dot never begins a line, because it would end a mail on
 * its way through SMTP; blanks never end one.
 * @returns ASCII whose lines are at most 76 characters long; empty for empty text
 */
export const encodePiece = (text: string): string => {
  if (text === '') return '';
  if (isPlain(text)) return text + SOFT_BREAK;
  if (text.length > RECENT_LENGTH) return encodeBytes(text);
  let encoded = recent.get(text);
  if (encoded === undefined) {
    if (recent.size >= RECENT_TEXTS) recent.clear();
    encoded = encodeBytes(text);
    recent.set(text, encoded);
  }
  return encoded;
};

const encodeBytes = (text: string): string => {
  const bytes = encoder.encode(text);
  let out = '';
  let column = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === CR || byte === LF) {
      if (byte === CR && bytes[at + 1] === LF) at += 1;
      // Blanks before a break would be stripped on the way: a soft break keeps them.
      const last = out[out.length - 1];
      out += column > 0 && (last === ' ' || last === '\t') ? `${SOFT_BREAK}\r\n` : '\r\n';
      column = 0;
      continue;
    }
    let word = written[byte] as string;
    if (column + word.length > LINE) {
      out += SOFT_BREAK;
      column = 0;
    }
    if (column === 0 && byte === DOT) word = '=2E';
    out += word;
    column += word.length;
  }
  return column === 0 ? out : out + SOFT_BREAK;
};
