/** Where something is wrong: a line of the source that a person edits. */
export interface Place {
  readonly locale?: string;
  /** `head`, `body`, `block offer`, `layout`; or `html`, `text`, `subject` where the source has no line for it. */
  readonly part: string;
  /** Of the part's file, from 1. */
  readonly line?: number;
}

/** What is wrong, for programs; the message is for people. */
export type FindingCode =
  | 'head'
  | 'class'
  | 'locale'
  | 'no-body'
  | 'too-large'
  | 'bad-character'
  | 'markup'
  | 'mjml'
  | 'liquid'
  | 'block'
  | 'unknown-field'
  | 'missing-default'
  | 'link'
  | 'image'
  | 'fetch'
  | 'unsafe'
  | 'clipped'
  | 'no-address'
  | 'no-unsubscribe'
  | 'ad-mark'
  | 'offer'
  | 'phrase'
  | 'dark-mode'
  | 'no-code';

/** One thing that is wrong with a template: an error refuses it, a warning is shown. */
export interface Finding {
  readonly level: 'error' | 'warning';
  readonly code: FindingCode;
  /** What is wrong and what to do, in words. */
  readonly message: string;
  readonly place: Place;
}

/** Takes what a check found. */
export type Report = (finding: Finding) => void;

/** True where something refuses the template. */
export const hasErrors = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');

/** `en body:12: unknown field …` */
export const findingText = ({ place, message }: Finding): string =>
  `${place.locale === undefined ? '' : `${place.locale} `}${place.part}${place.line === undefined ? '' : `:${place.line}`}: ${message}`;
