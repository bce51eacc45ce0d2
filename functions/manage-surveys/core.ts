import type { Hono } from 'hono';
import { type ApiOptions, createApiApp } from '../../shared/platform/api/app.ts';
import { type AnswerRoutesPorts, answerRoutes } from './routes/answers.ts';
import { type ResultsRoutesPorts, resultsRoutes } from './routes/results.ts';
import { type SurveyRoutesPorts, surveyRoutes } from './routes/surveys.ts';

/** A survey of 100,000 characters, most of them Chinese, as JSON. */
const MAX_BODY = 400_000;

/** The API of surveys: what is asked, answers that staff enter, results. */
export const createSurveysApi = (
  ports: SurveyRoutesPorts & AnswerRoutesPorts & ResultsRoutesPorts,
  { origin, log, newId }: Pick<ApiOptions, 'origin' | 'log' | 'newId'>,
): Hono =>
  createApiApp({
    routes: [...surveyRoutes(ports), ...answerRoutes(ports), ...resultsRoutes(ports)],
    descriptionPath: '/api/surveys/openapi.json',
    origin,
    maxBody: MAX_BODY,
    log,
    newId,
  });
