import { wire as wireManageSurveys } from '../../functions/manage-surveys/wire.ts';
import { taskRoutes } from '../../functions/serve-api/routes/tasks.ts';
import { codeRoutes } from '../../functions/serve-public/code-routes.ts';
import { wire as wireServeSurveys } from '../../functions/serve-surveys/wire.ts';
import type { MemorySystem } from '../../infra/local/simulate/memory-system.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { SCOPES } from '../../shared/history/organisation.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createGuesses } from '../../shared/message/guesses.ts';
import { createLinks } from '../../shared/message/links.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createPagesApp } from '../../shared/page/app.ts';
import { createApiApp } from '../../shared/platform/api/app.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';

/** Somebody of the head office who calls customers and reads results, as the gateway tells of them. */
const STAFF = {
  requestContext: { authorizer: { jwt: { claims: { sub: 'staff-1', 'cognito:groups': '[marketing manager]' } } } },
};

/** The doors that customers and staff come in by, over a system in memory. */
export const createSurveyApps = async ({ parts, table, now }: MemorySystem) => {
  const origin = parts.setting('PUBLIC_ORIGIN');
  const secret = await parts.secret('LINK_SECRET_ARN')();
  const profiles = createProfiles(table);
  const common = { log: parts.log, now, newId: () => parts.ids.next() };

  const pages = wireServeSurveys(parts);
  const surveys = wireManageSurveys(parts);
  const site = {
    ...common,
    profiles,
    links: async () => createLinks(secret, origin),
    codes: async () => createShortCodes(table, secret),
    guesses: async () => createGuesses(table, secret),
  };
  const codes = createPagesApp(site, { '/k/:code': 'GET, HEAD' }, (app) => codeRoutes(app, site));
  const tasks = createApiApp({
    ...common,
    origin,
    descriptionPath: '/api/openapi.json',
    routes: taskRoutes({
      ...common,
      profiles,
      tasks: createTasks(table),
      policies: createPolicies(table),
      enrolments: createEnrolments(table),
      gates: createGates(table),
      timeline: createTimeline(table),
      answers: createSurveyAnswers(table, parts.bucket('MESSAGES_BUCKET')),
      renewalAnswers: createRenewalAnswers(table),
      surveys: createSurveys(table),
      bus: parts.bus,
      dueWork: createDueWork(table),
      scopes: SCOPES,
    }),
  });

  const ask = async (app: typeof pages, path: string, body?: object) => {
    const init =
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.request(origin + path, init, STAFF);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  return {
    origin,
    descriptionPath: '/api/openapi.json',
    /** A customer's request for a page. */
    open: async (path: string, init: RequestInit = {}): Promise<Response> =>
      (path.startsWith('/k/') ? codes : pages).request(new URL(path, origin).href, init),
    /** A request of staff to the API of surveys, or of tasks. */
    ask: (path: string, body?: object) => ask(path.startsWith('/api/tasks') ? tasks : surveys, path, body),
  };
};
