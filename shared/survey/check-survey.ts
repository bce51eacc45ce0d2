import { type SurveyFile, surveyFileSchema } from './survey.ts';

/** What is wrong, where (`form.pages[0].elements[1].title`), and what to do about it. */
export interface SurveyProblem {
  readonly path: string;
  readonly message: string;
}

export type SurveyChecking =
  | { readonly kind: 'valid'; readonly file: SurveyFile }
  | { readonly kind: 'refused'; readonly problems: readonly SurveyProblem[] };

/** Checks a survey file as a whole: its shape, its form, its languages and what refers to what. */
export const checkSurvey = (raw: unknown): SurveyChecking => {
  const parsed = surveyFileSchema.safeParse(raw);
  if (parsed.success) return { kind: 'valid', file: parsed.data };
  return {
    kind: 'refused',
    problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  };
};
