import { type PageModel, type Question, QuestionCheckboxModel, QuestionTextBase } from 'survey-core';
import { CORE_LOCALES, makeCoreModel, surveyLocaleOf } from './core-form.ts';
import { type FormView, otherFieldOf, type PageView, type QuestionView, type SurveyLocale } from './form-view.ts';
import { offersNow, questionView, shapeOf } from './question-view.ts';
import { MAX_WRITTEN, OTHER, type QuestionShape, type ReadAnswer, readAnswers, type Scalar } from './read-answers.ts';
import type { Survey } from './survey.ts';
import { say } from './survey-words.ts';

/** Answers by question, typed or as texts of a form; those of a matrix as an object, column by row. */
export type SurveyData = Readonly<Record<string, unknown>>;

/** Answers of one customer and what is known of them. */
export interface SurveyState {
  readonly data: SurveyData;
  readonly locale: string;
  /** Facts that are known already; the questions that ask for them are hidden. */
  readonly knownFacts?: readonly string[];
}

/** What is wrong with one question's answer, in the language of the page. */
export interface QuestionError {
  readonly question: string;
  readonly message: string;
}

export type SurveyCheck =
  | {
      readonly kind: 'complete';
      /** SurveyJS data, typed, only of questions that could be seen; texts exactly as they were written. */
      readonly values: SurveyData;
      /** On the scale of the survey's metric; absent where the question of the score was not answered. */
      readonly score?: number;
      readonly low: boolean;
    }
  | { readonly kind: 'wrong'; readonly errors: readonly QuestionError[] };

/** One version of a survey, ready to be asked. */
export interface SurveyModel {
  /** The form as it stands with these answers. Values that make no sense are shown as not answered. */
  view(state: SurveyState): FormView;
  /** Checks whole answers; what cannot be seen is dropped. */
  check(data: SurveyData, locale: string, knownFacts?: readonly string[]): SurveyCheck;
  /** Every question, seen or not, in the order of the file: for results and for people who look at answers. */
  outline(locale: string): readonly QuestionView[];
}

/** Models by survey version. */
export interface SurveyModels {
  of(survey: Survey): SurveyModel;
}

/** Versions that are kept warm; a function is seldom asked for more. */
const MAX_MODELS = 64;

/** A question of the model, and what it takes. */
interface Asked {
  readonly question: Question;
  readonly shape: QuestionShape;
  /** The fact that its answer tells. */
  readonly fact: string | undefined;
}

type Answers = ReadonlyMap<string, ReadAnswer>;

/** What is left of an answer where a condition takes some choices away; undefined where nothing is. */
const stillOffered = (question: Question, answer: ReadAnswer): ReadAnswer | undefined => {
  const { typed } = answer;
  if (typed === undefined) return answer;
  if (!Array.isArray(typed))
    return typeof typed === 'object' || offersNow(question, typed as Scalar) ? answer : undefined;
  const left = typed.filter((one: Scalar) => offersNow(question, one));
  if (left.length === typed.length) return answer;
  return left.length === 0 ? undefined : { ...answer, typed: left };
};

const choseOther = ({ typed }: ReadAnswer): boolean => (Array.isArray(typed) ? typed.includes(OTHER) : typed === OTHER);

/** SurveyJS data: what is typed, and the words of the other choice. */
const dataOf = (asked: readonly Asked[], answers: Answers): Record<string, unknown> => {
  const data: Record<string, unknown> = {};
  for (const { shape } of asked) {
    const answer = answers.get(shape.name);
    if (answer?.typed === undefined) continue;
    data[shape.name] = answer.typed;
    if (shape.hasOther && choseOther(answer) && answer.written !== undefined)
      data[otherFieldOf(shape.name)] = answer.written;
  }
  return data;
};

/** What survey-core leaves to its own inputs, which would not have let it be written. */
const ownError = ({ question, shape }: Asked, answer: ReadAnswer, locale: SurveyLocale): string | undefined => {
  const { typed, written } = answer;
  if (written !== undefined && written.length > MAX_WRITTEN) return say(locale, 'textMaxLength', MAX_WRITTEN);
  if (typed === undefined) return say(locale, shape.inputType === 'number' ? 'numericError' : 'dateError');
  if (question instanceof QuestionTextBase && question.maxLength > 0) {
    // a browser sends a line break as two characters and counts one
    const length = String(written).replaceAll('\r\n', '\n').length;
    if (length > question.maxLength) return say(locale, 'textMaxLength', question.maxLength);
  }
  if (question instanceof QuestionCheckboxModel && Array.isArray(typed)) {
    const most = question.maxSelectedChoices;
    if (most > 0 && typed.length > most) return say(locale, 'maxSelectError', most);
  }
  return undefined;
};

const errorOf = (asked: Asked, answer: ReadAnswer | undefined, locale: SurveyLocale): string | undefined => {
  const own = answer && ownError(asked, answer, locale);
  if (own !== undefined) return own;
  asked.question.validate(true);
  return asked.question.errors[0]?.getText();
};

/** One warm model of survey-core: set, looked at, and emptied again, so that between two calls it holds nobody's answers. */
const createSurveyModel = ({ file }: Survey): SurveyModel => {
  const core = makeCoreModel(file.form);
  const facts = new Map(file.facts.map(({ question, fact }) => [question, fact]));
  const all: readonly Asked[] = core
    .getAllQuestions()
    .map((question) => ({ question, shape: shapeOf(question), fact: facts.get(question.name) }));

  /**
   * Leaves the answers that stand, in the order of the questions, as a person goes through them: what was said on a branch
   * that was left since is dropped before it can open another one.
   */
  const settle = (asked: readonly Asked[], answers: Map<string, ReadAnswer>): void => {
    for (;;) {
      core.data = dataOf(asked, answers);
      const fallen = asked.find(({ question, shape: { name } }) => {
        const answer = answers.get(name);
        if (answer === undefined) return false;
        const left = question.isVisibleInSurvey && !question.isReadOnly ? stillOffered(question, answer) : undefined;
        if (left === answer) return false;
        if (left === undefined) answers.delete(name);
        else answers.set(name, left);
        return true;
      });
      if (fallen === undefined) return;
    }
  };

  const withAnswers = <Result>(
    { data, locale, knownFacts = [] }: SurveyState,
    look: (asked: readonly Asked[], answers: Answers, locale: SurveyLocale) => Result,
  ): Result => {
    const language = surveyLocaleOf(locale);
    const asked = all.filter(({ fact }) => fact === undefined || !knownFacts.includes(fact));
    const answers = readAnswers(
      asked.map(({ shape }) => shape),
      data,
    );
    try {
      if (core.locale !== CORE_LOCALES[language]) core.locale = CORE_LOCALES[language];
      settle(asked, answers);
      return look(
        asked.filter(({ question }) => question.isVisibleInSurvey),
        answers,
        language,
      );
    } finally {
      core.data = {};
      for (const { question } of all) question.clearErrors();
    }
  };

  const pageView = (page: PageModel, seen: readonly Asked[], answers: Answers): PageView => ({
    name: page.name,
    ...(page.title === '' ? {} : { title: page.title }),
    ...(page.description === '' ? {} : { description: page.description }),
    questions: seen
      .filter(({ question }) => question.page === page)
      .map(({ question, shape }) => questionView(question, shape, answers.get(shape.name))),
  });

  return {
    view: (state) =>
      withAnswers(state, (seen, answers, locale) => ({
        title: core.title === '' ? file.title[locale] : core.title,
        ...(core.description === '' ? {} : { description: core.description }),
        pages: core.pages
          .map((page: PageModel) => pageView(page, seen, answers))
          .filter(({ questions }: PageView) => questions.length > 0),
        ...(file.form.completedHtml === undefined ? {} : { thanks: core.locCompletedHtml.pureText }),
      })),

    check: (data, locale, knownFacts = []) =>
      withAnswers({ data, locale, knownFacts }, (seen, answers, language) => {
        const errors = seen.flatMap((asked) => {
          const message = errorOf(asked, answers.get(asked.shape.name), language);
          return message === undefined ? [] : [{ question: asked.shape.name, message }];
        });
        if (errors.length > 0) return { kind: 'wrong', errors };
        const values = dataOf(seen, answers);
        const score = file.score && values[file.score.question];
        return {
          kind: 'complete',
          values,
          ...(typeof score === 'number' ? { score } : {}),
          low: typeof score === 'number' && file.low !== undefined && score <= file.low.atMost,
        };
      }),

    outline: (locale) =>
      withAnswers({ data: {}, locale }, () =>
        all.map(({ question, shape }) => questionView(question, shape, undefined, true)),
      ),
  };
};

/** Models, made when first asked for and kept: making one costs milliseconds, reusing it does not (ADR 0100). */
export const createSurveyModels = (): SurveyModels => {
  const kept = new Map<string, SurveyModel>();
  return {
    of: (survey) => {
      const known = kept.get(survey.version);
      if (known !== undefined) return known;
      const model = createSurveyModel(survey);
      const [oldest] = kept.keys();
      if (kept.size >= MAX_MODELS && oldest !== undefined) kept.delete(oldest);
      kept.set(survey.version, model);
      return model;
    },
  };
};
