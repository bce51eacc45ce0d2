import type { SendClass } from '../customer/customer.ts';

/**
 * Templates as they are rendered: compiled, checked, all languages together. A version is a hash of its content and never
 * changes, so an enrolment that was approved with it gets it for as long as the journey runs (reliability.md F34).
 */
export type TemplateKind = 'mail' | 'letter' | 'text';

/** A mail in one language: nothing to look up and nothing to convert any more. */
export interface MailVariant {
  readonly locale: string;
  /** SHA-256 of everything below, hex. */
  readonly hash: string;
  /** Liquid, plain text. */
  readonly subject: string;
  /** Liquid in HTML. */
  readonly html: string;
  /** Liquid, plain text, made from the HTML. */
  readonly text: string;
}

/** Words around a letter's body, by language; `templates/letter/words.json`. */
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

/** A letter in one language. */
export interface LetterVariant {
  readonly locale: string;
  /** SHA-256 of everything below, hex. */
  readonly hash: string;
  /** Liquid, plain text. */
  readonly subject: string;
  /** Liquid, with the marks of `letter-body.ts` where the source has lines and tables. */
  readonly body: string;
  readonly words: LetterWords;
}

/** A short text in one language, for the insurer's gateway. */
export interface TextVariant {
  readonly locale: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  /** Liquid, plain text. */
  readonly text: string;
}

/** What a definition must know of a template before it may name it. */
export interface TemplateFacts {
  readonly name: string;
  /** Names the content of all languages, letter layout included; 26 characters. */
  readonly version: string;
  readonly kind: TemplateKind;
  /** Classes it may be sent as. One with an offer block is marketing only (M1). */
  readonly classes: readonly SendClass[];
  readonly offer: boolean;
  /** What whoever sends it must give beyond what is known of everybody: `policy`, `links.survey`, `event.amount` … */
  readonly needs: readonly string[];
}

export interface MailTemplate extends TemplateFacts {
  readonly kind: 'mail';
  readonly variants: readonly MailVariant[];
}
export interface LetterTemplate extends TemplateFacts {
  readonly kind: 'letter';
  /** Typst source of the page. */
  readonly layout: string;
  readonly variants: readonly LetterVariant[];
}
export interface TextTemplate extends TemplateFacts {
  readonly kind: 'text';
  readonly variants: readonly TextVariant[];
}

/** One version of a template in all its languages. */
export type TemplateVersion = MailTemplate | LetterTemplate | TextTemplate;

/** `templates/generated/index.json`: what ships with this build, by name. */
export type TemplateIndex = Readonly<
  Record<
    string,
    Omit<TemplateFacts, 'name'> & {
      readonly locales: readonly string[];
      /** Who saved which version, latest last; absent where it ships as it is. */
      readonly saves?: readonly { readonly version: string; readonly by: string }[];
    }
  >
>;

/** Where templates come from: shipped with the build, or saved by marketing. */
export interface Templates {
  /** The version that a new campaign would get, or undefined where there is no such template. */
  current(name: string): Promise<string | undefined>;
  /**
   * A version, compiled. Each is read once per process: it cannot change.
   * @throws EngagementError `not-found` where there is no such version
   */
  load(name: string, version: string): Promise<TemplateVersion>;
}
