import { resultsRoutes } from '../../functions/manage-surveys/routes/results.ts';
import { topics } from '../../shared/insight/topics.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import type { InvitationRow, SurveyAnswer } from '../../shared/survey/answer.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import type { QuestionView } from '../../shared/survey/form-view.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import type { Surveys } from '../../shared/survey/survey.ts';
import { createApiRig } from '../support/api.ts';
import { START, surveyOf } from './rows.ts';

const question = (name: string, kind: QuestionView['kind'], more: Partial<QuestionView> = {}): QuestionView => ({
  name,
  kind,
  title: name,
  required: false,
  enabled: true,
  ...more,
});

/** Questions by version: the older one asked something that the newer one does not. */
const questions: Readonly<Record<string, readonly QuestionView[]>> = {
  v1: [question('score', 'scale'), question('old', 'single'), question('phone', 'text', { inputType: 'tel' })],
  v2: [
    question('score', 'scale'),
    question('why', 'long-text'),
    question('liked', 'multiple'),
    question('mail', 'text', { inputType: 'email' }),
  ],
};

/** The routes of results over a table in memory, and a way to put rows there. */
export const createResultsRoutes = (clock: () => Instant) => {
  const table = createMemoryTable();
  const answers = createSurveyAnswers(table, createMemoryObjects());
  const invitations = createInvitations(table);
  const surveys: Pick<Surveys, 'current' | 'load'> = {
    current: async (id) => (id === 'renewal' ? surveyOf() : undefined),
    load: async (_, version) => surveyOf('nps', version),
  };
  return {
    routes: resultsRoutes({
      surveys,
      answers,
      invitations,
      topics,
      questionsOf: async (_, version) => questions[version] ?? [],
      now: clock,
    }),
    add: async (rows: readonly { readonly invitation?: InvitationRow; readonly answer?: SurveyAnswer }[]) => {
      for (const { invitation, answer } of rows) {
        if (invitation) await invitations.invite(invitation);
        if (answer) await answers.add(answer);
      }
    },
  };
};

/** The API with these routes. */
export const createResultsRig = () => {
  let now = (START + 60 * DAY) as Instant;
  let jump = 0;
  const { routes, add } = createResultsRoutes(() => {
    now = (now + jump) as Instant;
    return now;
  });
  return {
    ...createApiRig({ routes }),
    add,
    /** Every look at the clock takes so long. */
    slowDown: (milliseconds: number) => {
      jump = milliseconds;
    },
  };
};
