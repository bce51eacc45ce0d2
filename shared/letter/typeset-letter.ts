import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { showDate } from '../content/formats.ts';
import { createLiquid, describeFailure, type Rendering } from '../content/liquid.ts';
import { variantOf } from '../content/locales.ts';
import type { MessageData } from '../content/message-data.ts';
import type { LetterTemplate, LetterVariant } from '../content/template.ts';
import type { SendClass } from '../customer/customer.ts';
import type { FailReason } from '../message/message.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import { MAX_ADDRESS_LINES } from './address-block.ts';
import { glyphs } from './glyphs.ts';
import { plainValue, readBody } from './letter-body.ts';
import { formatFor } from './letter-format.ts';
import { qrSvg } from './qr-code.ts';

/** One letter to one recipient. */
export interface LetterInput {
  /** As loaded; the same object for every letter of it, because what is prepared of it is remembered by the object. */
  readonly template: LetterTemplate;
  /** The language of the variant; the nearest one is taken where there is none (`variantOf`). */
  readonly locale: string;
  readonly data: MessageData;
  readonly sendClass: SendClass;
  /** As `addressBlock` writes it. */
  readonly address: readonly string[];
  /** The page behind the QR code, and the code to be typed, both ending in the same page. */
  readonly link: { readonly url: string; readonly code: string };
  readonly largePrint: boolean;
  /** The letter's date, in `zone`. The same instant gives the same bytes. */
  readonly at: Instant;
  readonly zone: ZoneId;
}

type TypesetLetter =
  | {
      readonly kind: 'typeset';
      readonly pdf: Uint8Array;
      readonly pages: number;
      readonly sha256: string;
      /** The template's version. */
      readonly template: string;
    }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

export interface Typesetter {
  /**
   * Sets a letter as PDF/UA-1 (tagged) with embedded subset fonts.
   * @returns `failed` with `missing-value`, or `not-printable` where the address does not fit its window, a character has
   *   no glyph, or the letter is longer than `MAX_PAGES`: nothing is ever cut (F28)
   */
  typeset(input: LetterInput): TypesetLetter;
}

/** Two sheets on both sides: what the envelope's postage is for. */
const MAX_PAGES = 4;

/** Beside the bundle and beside this source alike (both lie two folders deep); put there by `npm run build`. */
const FONTS = fileURLToPath(new URL('../../shared/letter/fonts/', import.meta.url));

/** Typst remembers every compilation; forgotten so often, a worker's memory stays flat. */
const LETTERS_PER_EVICTION = 20;
const EVICTION_AGE = 5;

const liquid = createLiquid(plainValue);

/** What a reader takes for one character, accents and all. */
const graphemes = new Intl.Segmenter();

/** A run of letters without a blank that is longer than its line would leave the paper: past `length` it may break,
 *  invisibly, anywhere. */
const breakable = (text: string, length: number): string =>
  text.replace(new RegExp(`[^\\s\\p{Cc}\\p{Script=Han}]{${length},}`, 'gu'), (run) =>
    Array.from(graphemes.segment(run), ({ segment }) => segment).join('\u200b'),
  );

/** Letters that fit into a line of the window and of the body in the widest case. */
const WINDOW_LINE = 20;
const BODY_LINE = 40;

const failed = (reason: FailReason, detail: string): TypesetLetter => ({ kind: 'failed', reason, detail });

/** The first character that the fonts cannot print, as `U+1F600`. */
const missingGlyph = (text: string): string | undefined => {
  for (const letter of text) {
    const code = letter.codePointAt(0) as number;
    if (code < 0x7f || code === 0x200b) continue;
    let low = 0;
    let high = glyphs.length - 1;
    let found = false;
    while (low <= high && !found) {
      const middle = (low + high) >> 1;
      const [first, last] = glyphs[middle] as readonly [number, number];
      if (code < first) high = middle - 1;
      else if (code > last) low = middle + 1;
      else found = true;
    }
    if (!found) return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return undefined;
};

interface Prepared {
  readonly variant: LetterVariant;
  readonly subject: Rendering;
  readonly body: Rendering;
}

/** All texts of a value, for the glyph check. */
const textsOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.values(value).map(textsOf).join('') : '';
};

const withoutScheme = (url: string): string => url.replace(/^https?:\/\//, '');

/** What the layout is given: all of it text and numbers. */
const layoutData = ({ variant, subject, body }: Prepared, input: LetterInput) => {
  const { words, locale } = variant;
  const { sender, policies } = input.data;
  return {
    lang: locale.split('-')[0],
    region: words.region,
    format: formatFor(input.largePrint),
    subject: breakable(subject(input.data), BODY_LINE),
    sender: { company: sender.company, legalName: sender.legalName },
    returnLine: `${sender.company} · ${sender.address}`,
    address: input.address.map((line) => breakable(line, WINDOW_LINE)),
    info: [
      [words.date, showDate(civilDateAt(input.at, input.zone), locale)],
      ...(policies.length === 0 ? [] : [[words.policyNumber, policies.map(({ number }) => number).join(' ')]]),
      [words.hotline, sender.hotline],
    ],
    parts: readBody(breakable(body(input.data), BODY_LINE)),
    qr: {
      alt: words.qrAlt,
      typed: words.typed,
      address: breakable(withoutScheme(input.link.url), BODY_LINE),
      codeLabel: words.code,
      code: input.link.code,
    },
    pageOf: words.pageOf,
    footer: [
      `${sender.legalName} · ${sender.address}`,
      `${sender.hotline} · ${sender.email} · ${withoutScheme(sender.website)}`,
    ],
  };
};

/**
 * A typesetter. It holds one Typst compiler with the fonts loaded; letters are set one after the other, each by its own
 * `sys.inputs` only.
 */
export const createTypesetter = (): Typesetter => {
  const compiler = NodeCompiler.create({ workspace: FONTS, fontArgs: [{ fontPaths: [FONTS] }] });
  const prepared = new WeakMap<LetterVariant, Prepared>();
  let letters = 0;

  const prepare = (variant: LetterVariant): Prepared => {
    let known = prepared.get(variant);
    if (known === undefined) {
      known = { variant, subject: liquid.compile(variant.subject), body: liquid.compile(variant.body) };
      prepared.set(variant, known);
    }
    return known;
  };

  const print = (layout: string, data: object, at: Instant): { pdf: Uint8Array; pages: number } | { fault: string } => {
    letters += 1;
    if (letters % LETTERS_PER_EVICTION === 0) compiler.evictCache(EVICTION_AGE);
    const result = compiler.compile({ mainFileContent: layout, inputs: { letter: JSON.stringify(data) } });
    const document = result.result;
    if (result.hasError() || document === null) {
      const [first] = (result.takeDiagnostics()?.shortDiagnostics ?? []) as readonly { message?: string }[];
      return { fault: first?.message ?? 'typst gave no reason' };
    }
    const pages = document.numOfPages;
    if (pages > MAX_PAGES) return { fault: `${pages} pages, at most ${MAX_PAGES} can be posted` };
    return { pages, pdf: compiler.pdf(document, { pdfStandard: 'ua-1', creationTimestamp: Math.floor(at / 1_000) }) };
  };

  return {
    typeset: (letter) => {
      const { template } = letter;
      if (!template.classes.includes(letter.sendClass)) {
        return failed('rendering-failure', `letter ${template.name} may not be sent as ${letter.sendClass}`);
      }
      if (letter.address.length > MAX_ADDRESS_LINES) {
        return failed(
          'not-printable',
          `address has ${letter.address.length} lines, the window holds ${MAX_ADDRESS_LINES}`,
        );
      }
      try {
        const data = layoutData(prepare(variantOf(template, letter.locale)), letter);
        const missing = missingGlyph(textsOf(data));
        if (missing !== undefined) return failed('not-printable', `no font has a glyph for ${missing}`);
        const printed = print(template.layout, { ...data, qr: { ...data.qr, svg: qrSvg(letter.link.url) } }, letter.at);
        if ('fault' in printed) return failed('not-printable', printed.fault);
        const sha256 = createHash('sha256').update(printed.pdf).digest('hex');
        return { kind: 'typeset', ...printed, sha256, template: template.version };
      } catch (error) {
        const failure = describeFailure(error);
        if (failure === undefined) throw error;
        return failure.kind === 'missing-value'
          ? failed('missing-value', failure.variable)
          : failed('rendering-failure', failure.detail);
      }
    },
  };
};
