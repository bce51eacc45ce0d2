import type * as z from 'zod';
import { roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';
import { checkSurvey } from '../../../shared/survey/check-survey.ts';
import { LIBRARIAN } from '../../../shared/survey/library.ts';
import * as contract from '../../../shared/survey/manage-contract.ts';
import { type Survey, type Surveys, surveyVersionOf } from '../../../shared/survey/survey.ts';
import type { SurveyModels } from '../../../shared/survey/survey-model.ts';
import type { SurveyProblem } from '../../../shared/survey/survey-problem.ts';

export interface SurveyRoutesPorts {
  readonly surveys: Surveys;
  readonly models: SurveyModels;
  readonly now: () => Instant;
}

/** Who writes surveys. */
const WRITERS = ['marketing', 'engineer'] as const;

const listed = ({ id, version, file, savedAt, savedBy }: Survey): contract.SurveyListed => ({
  id,
  title: file.title,
  version,
  ...(file.score === undefined ? {} : { metric: file.score.metric }),
  questions: file.form.pages.reduce((sum, { elements }) => sum + elements.length, 0),
  repeatAfterDays: file.repeatAfterDays,
  shipped: savedBy === LIBRARIAN,
  ...(savedBy === LIBRARIAN ? {} : { savedAt: formatInstant(savedAt), savedBy }),
});

const shown = (survey: Survey | undefined): Reply<z.input<typeof contract.surveyAnswer>> =>
  survey === undefined ? { kind: 'not-found' } : { kind: 'ok', body: { ...listed(survey), file: survey.file } };

const refused = (problems: readonly SurveyProblem[]): Reply<never> => ({
  kind: 'refused',
  status: 400,
  code: 'bad-survey',
  message: 'the survey cannot be used: see "problems"',
  problems: problems.map((problem) => ({ ...problem })),
});

const conflict: Reply<never> = {
  kind: 'refused',
  status: 409,
  code: 'conflict',
  message: 'body.version: somebody saved it meanwhile: read it again, put your changes in, and save',
};

/** Listing, reading, checking, saving and trying surveys. */
export const surveyRoutes = ({ surveys, models, now }: SurveyRoutesPorts): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/surveys',
    summary: 'Every survey: those of the library and those that were saved',
    roles,
    answer: contract.surveysAnswer,
    handle: async () => ({ kind: 'ok', body: { items: (await surveys.list()).map(listed) } }),
  }),

  route({
    method: 'post',
    path: '/api/surveys/check',
    summary: 'What is wrong with a survey, without saving it',
    roles: WRITERS,
    body: contract.checkRequest,
    answer: contract.checkAnswer,
    handle: async ({ body: { file } }) => {
      const checked = checkSurvey(file);
      return {
        kind: 'ok',
        body:
          checked.kind === 'valid'
            ? { good: true, version: surveyVersionOf(checked.file), problems: [] }
            : { good: false, problems: [...checked.problems] },
      };
    },
  }),

  route({
    method: 'get',
    path: '/api/surveys/{id}',
    summary: 'A survey in its current version',
    roles,
    params: contract.idParams,
    answer: contract.surveyAnswer,
    handle: async ({ params: { id } }) => shown(await surveys.current(id)),
  }),

  route({
    method: 'get',
    path: '/api/surveys/{id}/versions/{version}',
    summary: 'A survey as answers were given to it',
    roles,
    params: contract.versionParams,
    answer: contract.surveyAnswer,
    handle: async ({ params: { id, version } }) => shown(await surveys.load(id, version)),
  }),

  route({
    method: 'put',
    path: '/api/surveys/{id}',
    summary: 'Save a survey: checked, a new version; campaigns that run keep the one they were approved with',
    roles: WRITERS,
    params: contract.idParams,
    body: contract.saveRequest,
    answer: contract.savedAnswer,
    handle: async ({ params: { id }, body: { file, version: expected }, reader }) => {
      const checked = checkSurvey(file);
      if (checked.kind === 'refused') return refused(checked.problems);
      if (checked.file.id !== id)
        return refused([
          { path: 'id', message: `is "${checked.file.id}", the address says "${id}": make them the same` },
        ]);
      const version = surveyVersionOf(checked.file);
      const survey: Survey = { id, version, file: checked.file, savedAt: now(), savedBy: reader.id };
      if ((await surveys.save(survey, expected)).kind === 'refused') return conflict;
      return { kind: 'ok', body: { version } };
    },
  }),

  route({
    method: 'post',
    path: '/api/surveys/{id}/preview',
    summary: 'The form as a customer would see it with some answers, and what sending it would be told',
    roles,
    params: contract.idParams,
    body: contract.previewRequest,
    answer: contract.previewAnswer,
    handle: async ({ params: { id }, body: { file, version, locale, data, knownFacts }, reader }) => {
      let survey: Survey | undefined;
      if (file === undefined) survey = await (version === undefined ? surveys.current(id) : surveys.load(id, version));
      else {
        const checked = checkSurvey(file);
        if (checked.kind === 'refused') return refused(checked.problems);
        const draft = surveyVersionOf(checked.file);
        survey = { id, version: draft, file: checked.file, savedAt: now(), savedBy: reader.id };
      }
      if (survey === undefined) return { kind: 'not-found' };
      const model = models.of(survey);
      const check = model.check(data, locale, knownFacts);
      const form = model.view({ data, locale, knownFacts });
      return {
        kind: 'ok',
        // the shapes are those of the schema, which knows no read-only lists
        body: {
          form: form as z.input<typeof contract.previewAnswer>['form'],
          ...(check.kind === 'wrong'
            ? { complete: false, errors: [...check.errors] }
            : {
                complete: true,
                errors: [],
                low: check.low,
                ...(check.score === undefined ? {} : { score: check.score }),
              }),
        },
      };
    },
  }),
];
