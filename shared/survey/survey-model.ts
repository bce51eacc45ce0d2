import { EngagementError } from '../platform/errors.ts';
import type { FormView, QuestionView, SurveyLocale } from './form-view.ts';
import type { Survey } from './survey.ts';

/** Answers by question, typed or as texts of a form. */
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
      /** SurveyJS data, typed: question name → value; only of questions that could be seen. */
      readonly values: SurveyData;
      /** On the scale of the survey's metric; absent where the question of the score was not answered. */
      readonly score?: number;
      readonly low: boolean;
      /** Free texts exactly as written, by question name (`otherFieldOf` for words of the other choice). */
      readonly texts: Readonly<Record<string, string>>;
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

/** The language that texts are taken in: Chinese for anything that begins with `zh`, else English. */
export const surveyLocaleOf = (locale: string): SurveyLocale => (/^zh\b/i.test(locale) ? 'zh-CN' : 'en');

/** Models, made when first asked for and kept: one warm model a version. */
export const createSurveyModels = (): SurveyModels => ({
  of: () => {
    throw new EngagementError('misconfigured', 'survey models are not built yet: wait for the body of survey-model.ts');
  },
});
