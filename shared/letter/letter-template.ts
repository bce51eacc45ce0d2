import type { SendClass } from '../customer/customer.ts';

/** Words around the body, by language; `templates/letter/words.json`. */
export interface LetterWords {
  /** ISO 3166-1 alpha-2: whose punctuation and glyph forms. */
  readonly region: string;
  readonly date: string;
  readonly policyNumber: string;
  readonly hotline: string;
  /** With `{page}` and `{pages}`. */
  readonly pageOf: string;
  readonly qrAlt: string;
  readonly typed: string;
  readonly code: string;
}

/** A letter in one language as `npm run build` leaves it. */
export interface LetterTemplate {
  readonly name: string;
  readonly locale: string;
  /** SHA-256 of body, words and layout, hex: the template's version in the history. */
  readonly hash: string;
  readonly sendClasses: readonly SendClass[];
  /** Liquid, plain text. */
  readonly subject: string;
  /** Liquid, with the marks of `letter-body.ts` where the source has lines and tables. */
  readonly body: string;
  readonly words: LetterWords;
}

export interface LetterTemplates {
  readonly sources: string;
  /** Typst source of the page, the same for all letters. */
  readonly layout: string;
  readonly templates: readonly LetterTemplate[];
  /** Characters the bundled fonts can print: first and last code point of each run, ascending. */
  readonly glyphs: readonly (readonly [number, number])[];
}
