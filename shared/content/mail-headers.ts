/** Header fields of a mail: one line each whatever a value holds (reliability.md S20), ASCII on the wire (RFC 2047). */

/** Longest text that stays beside its field name on the first line. */
const FIRST_LINE = 60;
/** Bytes of UTF-8 in one encoded word: 52 characters of base64, 12 around them and `Reply-To: ` stay below the 76 that
 *  a line with encoded words may have. */
const WORD_BYTES = 39;

const encoder = new TextEncoder();

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** One line of visible text: whatever separates or ends lines, and other controls, becomes one blank. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();

/** Encoded words (RFC 2047, B), each whole characters, folded so that no line is too long. */
const encodedWords = (text: string): string => {
  const words: string[] = [];
  let chunk = '';
  let size = 0;
  for (const letter of text) {
    const bytes = encoder.encode(letter).length;
    if (size + bytes > WORD_BYTES) {
      words.push(chunk);
      chunk = '';
      size = 0;
    }
    chunk += letter;
    size += bytes;
  }
  words.push(chunk);
  return words.map((word) => `=?UTF-8?B?${base64(encoder.encode(word))}?=`).join('\r\n ');
};

const isShortAscii = (text: string): boolean =>
  text.length <= FIRST_LINE && /^[\x20-\x7e]*$/.test(text) && !text.includes('=?');

/** A free text such as a subject. */
export const encodeText = (text: string): string => {
  const line = oneLine(text);
  return isShortAscii(line) ? line : encodedWords(line);
};

/** A display name: a quoted string where it is short ASCII, encoded words else. */
const encodeName = (name: string): string => {
  const line = oneLine(name);
  const quoted = `"${line.replace(/["\\]/g, '\\$&')}"`;
  return isShortAscii(quoted) ? quoted : encodedWords(line);
};

/**
 * An address as SES takes it, its domain in ASCII.
 * @returns undefined where `address` is no address, which includes every way to smuggle a second header or recipient in
 */
export const cleanAddress = (address: string): string | undefined => {
  const match = /^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@([^\s@,;:<>()[\]"\\]{1,255})$/.exec(address);
  if (match === null || address.length > 254) return undefined;
  const [, local = '', domain = ''] = match;
  const ascii = URL.parse(`http://${domain}/`)?.hostname ?? '';
  if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/.test(ascii)) return undefined;
  return local.startsWith('.') || local.endsWith('.') || local.includes('..') ? undefined : `${local}@${ascii}`;
};

/** `"Evermere" <service@example.com>`, folded before the address; `address` must have passed `cleanAddress`. */
export const mailbox = (name: string | undefined, address: string): string =>
  name === undefined || oneLine(name) === '' ? address : `${encodeName(name)}\r\n <${address}>`;

/** `Thu, 31 Jan 2019 09:00:00 +0000` (RFC 5322). */
export const mailDate = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');

/** A link that can stand in `<…>` of a header. */
export const isHeaderUrl = (url: string): boolean =>
  /^https?:\/\/[\x21-\x7e]+$/.test(url) && !/[<>,"]/.test(url) && url.length < 900;
