import { type AnswerView, otherFieldOf, type QuestionKind } from './form-view.ts';

/** A value as SurveyJS keeps it. */
export type Scalar = string | number | boolean;
export type TypedAnswer = Scalar | readonly Scalar[] | Readonly<Record<string, Scalar>>;

/** What a question takes, as its file says; no state. */
export interface QuestionShape {
  readonly name: string;
  readonly kind: QuestionKind;
  /** Choices, marks of a scale or columns of a matrix: as a form sends them → as SurveyJS keeps them, in their order. */
  readonly offered: ReadonlyMap<string, Scalar>;
  /** Rows of a matrix. */
  readonly rows: readonly string[];
  readonly hasOther: boolean;
  readonly inputType: 'text' | 'number' | 'email' | 'tel' | 'date';
}

/** What was said to one question. `typed` is absent where what was written is no number or no date. */
export interface ReadAnswer {
  readonly typed?: TypedAnswer;
  /** As it was written: a text, or the words of the other choice. */
  readonly written?: string;
}

/** The value that SurveyJS gives the other choice. */
export const OTHER = 'other';
/** Longest text that is taken, in UTF-16 units: a comment of 1 MB passes. */
export const MAX_WRITTEN = 1_100_000;
/** No value of a choice is longer; longer texts are not looked up. */
const MAX_VALUE = 60;

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
};

const offeredOf = ({ offered }: QuestionShape, value: unknown): Scalar | undefined => {
  const text = textOf(value);
  return text === undefined || text.length > MAX_VALUE ? undefined : offered.get(text);
};

const writtenOf = (value: unknown): string | undefined => {
  const text = textOf(value);
  return text === undefined || text.trim() === '' ? undefined : text;
};

/** A figure as people type it: full-width digits and a decimal comma count. */
const numberOf = (text: string): number | undefined => {
  if (text.length > MAX_VALUE) return undefined;
  const plain = text.normalize('NFKC').trim().replace(',', '.');
  return /^[+-]?\d{1,15}(?:\.\d{1,6})?$/.test(plain) ? Number(plain) : undefined;
};

const dateOf = (text: string): string | undefined => {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text.trim());
  if (found === null) return undefined;
  const [, year, month, day] = found.map(Number) as [number, number, number, number];
  const days = [
    31,
    (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  return day >= 1 && day <= (days[month - 1] ?? 0) ? found[0] : undefined;
};

const readText = ({ inputType }: QuestionShape, value: unknown): ReadAnswer | undefined => {
  const written = writtenOf(value);
  if (written === undefined) return undefined;
  if (written.length > MAX_WRITTEN) return { written };
  const typed = inputType === 'number' ? numberOf(written) : inputType === 'date' ? dateOf(written) : written;
  return { written, ...(typed === undefined ? {} : { typed }) };
};

const readChoice = (shape: QuestionShape, value: unknown, words: string | undefined): ReadAnswer | undefined => {
  // without JavaScript words may be written and the circle before them left empty
  const typed = offeredOf(shape, value) ?? (words === undefined ? undefined : OTHER);
  if (typed === undefined) return undefined;
  return { typed, ...(typed === OTHER && words !== undefined ? { written: words } : {}) };
};

const readChoices = (shape: QuestionShape, value: unknown, words: string | undefined): ReadAnswer | undefined => {
  const chosen = new Set<Scalar>();
  for (const one of Array.isArray(value) ? value : [value]) {
    const typed = offeredOf(shape, one);
    if (typed !== undefined) chosen.add(typed);
  }
  if (words !== undefined) chosen.add(OTHER);
  if (chosen.size === 0) return undefined;
  const typed = [...shape.offered.values()].filter((one) => chosen.has(one));
  return { typed, ...(words === undefined ? {} : { written: words }) };
};

const readMatrix = (shape: QuestionShape, value: unknown): ReadAnswer | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const cells = shape.rows.flatMap((row): [string, Scalar][] => {
    const typed = Object.hasOwn(value, row) ? offeredOf(shape, (value as Record<string, unknown>)[row]) : undefined;
    return typed === undefined ? [] : [[row, typed]];
  });
  return cells.length === 0 ? undefined : { typed: Object.fromEntries(cells) };
};

const readOne = (shape: QuestionShape, value: unknown, words: unknown): ReadAnswer | undefined => {
  const otherWords = shape.hasOther ? writtenOf(words) : undefined;
  switch (shape.kind) {
    case 'scale':
      return readChoice(shape, value, undefined);
    case 'single':
      return readChoice(shape, value, otherWords);
    case 'multiple':
      return readChoices(shape, value, otherWords);
    case 'matrix':
      return readMatrix(shape, value);
    case 'text':
    case 'long-text':
      return readText(shape, value);
  }
};

/**
 * What the questions can take of data from anywhere: names that no question has, values that were not offered and types
 * that make no sense are as if nothing had been said. Looks at no property that it does not ask for by name.
 */
export const readAnswers = (shapes: readonly QuestionShape[], data: unknown): Map<string, ReadAnswer> => {
  const answers = new Map<string, ReadAnswer>();
  if (typeof data !== 'object' || data === null) return answers;
  const own = (name: string): unknown =>
    Object.hasOwn(data, name) ? (data as Record<string, unknown>)[name] : undefined;
  for (const shape of shapes) {
    const answer = readOne(shape, own(shape.name), own(otherFieldOf(shape.name)));
    if (answer !== undefined) answers.set(shape.name, answer);
  }
  return answers;
};

/** An answer as a form shows it again: the words as written, else the values as texts. */
export const shownAnswer = ({ kind }: QuestionShape, { typed, written }: ReadAnswer): AnswerView | undefined => {
  if (kind === 'text' || kind === 'long-text') return written;
  if (typeof typed !== 'object') return typed === undefined ? undefined : String(typed);
  return Array.isArray(typed)
    ? typed.map(String)
    : Object.fromEntries(
        Object.entries(typed as Readonly<Record<string, Scalar>>).map(([row, one]) => [row, String(one)]),
      );
};
