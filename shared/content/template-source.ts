import type { Report } from './finding.ts';

/** A template as a person writes it, in one language: what stands between the two `---` lines, and the rest. */
export interface SourceFile {
  readonly locale: string;
  readonly text: string;
}

/** The source read: the values of the head with their lines, the body with its first line. */
export interface ReadSource {
  readonly head: Readonly<Record<string, string>>;
  readonly lineOf: (key: string) => number | undefined;
  readonly body: string;
  /** Line of the file that the body begins with. */
  readonly bodyLine: number;
}

/** Bytes of one source file at most: four times what Gmail shows of a mail (F28). */
export const MAX_SOURCE = 256 * 1024;

/** Marks that turn the direction of text, by which a reader is shown another text than a reviewer (F27, "Trojan source"). */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
/** Controls but tab and line breaks, and what is no character. */
const CONTROL = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u;

const codePoint = (mark: string): string =>
  `U+${mark.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}`;

const badCharacters = (lines: readonly string[], locale: string, report: Report): void => {
  lines.forEach((line, n) => {
    const [bad] = BIDI.exec(line) ?? CONTROL.exec(line) ?? [];
    const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(line)?.[0];
    const mark = bad ?? lone;
    if (mark !== undefined) {
      const message = `the invisible character ${codePoint(mark)} is not allowed: delete it`;
      report({ level: 'error', code: 'bad-character', message, place: { locale, part: 'source', line: n + 1 } });
    }
  });
};

/**
 * Reads `key: value` lines between `---` and `---` at the top.
 * @param known keys that may occur
 * @returns undefined where there is no head or no body; what is wrong is reported with its line
 */
export const readSource = (
  { locale, text: given }: SourceFile,
  known: readonly string[],
  report: Report,
): ReadSource | undefined => {
  const fail = (code: 'head' | 'no-body' | 'too-large', message: string, line?: number): void =>
    report({
      level: 'error',
      code,
      message,
      place: { locale, part: 'source', ...(line === undefined ? {} : { line }) },
    });
  const bytes = Buffer.byteLength(given);
  if (bytes > MAX_SOURCE) {
    fail('too-large', `the source has ${bytes} bytes, at most ${MAX_SOURCE} are taken`);
    return undefined;
  }
  const lines = given.replaceAll('\r\n', '\n').split('\n');
  badCharacters(lines, locale, report);
  const end = lines.indexOf('---', 1);
  if (lines[0] !== '---' || end === -1) {
    fail('head', 'begins with no head: write `---`, the keys, and `---`', 1);
    return undefined;
  }
  const head: Record<string, string> = {};
  const places = new Map<string, number>();
  lines.slice(1, end).forEach((line, n) => {
    const [, key, value] = /^([a-z]+):(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) fail('head', `head line "${line}" is not \`key: value\``, n + 2);
    else if (!known.includes(key)) fail('head', `head key "${key}" is unknown: use one of ${known.join(', ')}`, n + 2);
    else if (places.has(key)) fail('head', `head key "${key}" occurs twice`, n + 2);
    else {
      head[key] = value.trim();
      places.set(key, n + 2);
    }
  });
  const body = lines.slice(end + 1).join('\n');
  if (body.trim() === '') {
    fail('no-body', 'there is nothing below the head: write the message', end + 2);
    return undefined;
  }
  return { head, lineOf: (key) => places.get(key), body, bodyLine: end + 2 };
};

/** `a, b` as a list. */
export const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
