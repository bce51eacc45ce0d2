import type { AnswerValues } from '../../shared/survey/answer-store.ts';
import { type ChoiceView, otherFieldOf, type QuestionView } from '../../shared/survey/form-view.ts';

/** Fields of a posted page, each given any number of times. */
export type Entries = ReadonlyMap<string, readonly string[]>;

/** The field of one row of a matrix. No name of a question holds a dot. */
export const fieldOfRow = (question: string, row: string): string => `${question}.${row}`;

/** The page's own fields; no name of a question begins so. */
export const FIELDS = {
  /** What to do: a word of `acts`, or `lang:` and a language. */
  act: '_do',
  page: '_page',
  /** How often the draft had been saved when the page was made. */
  version: '_version',
  /** Names of the questions that were on the page. */
  asked: '_asked',
  /** Names the form as it was shown, so that a script need not fetch what has not changed. */
  form: '_form',
  /** Score of the mail's one click. */
  preselected: '_preset',
} as const;

const acts = ['next', 'back', 'save'] as const;
export type Act = (typeof acts)[number] | 'language';

/** What a posted page says of itself. */
export interface PageState {
  readonly act: Act;
  /** Of the act `language`. */
  readonly language?: string;
  readonly page?: string;
  readonly version: number;
  /** Absent where the sender does not say; then all questions are taken. */
  readonly asked?: ReadonlySet<string>;
  readonly form?: string;
  readonly preselected?: string;
}

const first = (entries: Entries, name: string): string | undefined => entries.get(name)?.[0];

/** Reads the page's own fields; what makes no sense is as if it were absent. */
export const readPageState = (entries: Entries): PageState => {
  const act = first(entries, FIELDS.act) ?? '';
  const language = act.startsWith('lang:') ? act.slice('lang:'.length) : undefined;
  const version = Number(first(entries, FIELDS.version));
  const asked = first(entries, FIELDS.asked);
  const optional = (name: string, value: string | undefined) => (value ? { [name]: value } : {});
  return {
    act: language === undefined ? (acts.find((known) => known === act) ?? 'next') : 'language',
    version: Number.isSafeInteger(version) && version >= 0 ? version : 0,
    ...optional('language', language),
    ...optional('page', first(entries, FIELDS.page)),
    ...(asked === undefined ? {} : { asked: new Set(asked.split(' ')) }),
    ...optional('form', first(entries, FIELDS.form)),
    ...optional('preselected', first(entries, FIELDS.preselected)),
  };
};

/** A form sends a line break as two characters, whatever was typed. */
const asTyped = (text: string): string => text.replaceAll('\r\n', '\n');

const otherOf = (choices: readonly ChoiceView[] = []): string | undefined => choices.find(({ other }) => other)?.value;

/** The fields of one question as SurveyJS data; nothing where it is not answered. */
const readQuestion = (question: QuestionView, entries: Entries): AnswerValues => {
  const { name, kind, choices } = question;
  const given = (entries.get(name) ?? []).filter((value) => value !== '');
  if (kind === 'matrix') {
    const rows = (question.rows ?? []).flatMap((row) => {
      const column = first(entries, fieldOfRow(name, row.name));
      return column ? [[row.name, column]] : [];
    });
    return rows.length === 0 ? {} : { [name]: Object.fromEntries(rows) };
  }
  if (kind === 'text' || kind === 'long-text') {
    const text = given[0];
    return text === undefined ? {} : { [name]: asTyped(text) };
  }
  const other = otherOf(choices);
  const words = other === undefined ? '' : asTyped(first(entries, otherFieldOf(name)) ?? '');
  // whoever writes beside the other choice means it, chosen or not
  const means = words !== '' && other !== undefined && (kind === 'multiple' || given.length === 0);
  const chosen = means && !given.includes(other) ? [...given, other] : given;
  if (chosen.length === 0) return {};
  const said = words !== '' && other !== undefined && chosen.includes(other) ? { [otherFieldOf(name)]: words } : {};
  return { [name]: kind === 'multiple' ? chosen : chosen[0], ...said };
};

/**
 * The answers after a page was posted: those of the questions that were on it are what was posted, the others stay.
 * @param questions every question of the survey, seen or not
 */
export const withEntries = (
  before: AnswerValues,
  questions: readonly QuestionView[],
  asked: ReadonlySet<string> | undefined,
  entries: Entries,
): AnswerValues => {
  const onPage = questions.filter(({ name }) => asked?.has(name) ?? true);
  const theirs = new Set(onPage.flatMap(({ name }) => [name, otherFieldOf(name)]));
  return Object.assign(
    Object.fromEntries(Object.entries(before).filter(([name]) => !theirs.has(name))),
    ...onPage.map((question) => readQuestion(question, entries)),
  );
};
