/** What is wrong with a survey, where (`form.pages[0].elements[1].title`), and what to do about it. */
export interface SurveyProblem {
  readonly path: string;
  readonly message: string;
}
