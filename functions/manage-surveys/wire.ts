import type { Hono } from 'hono';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { SCOPES } from '../../shared/history/organisation.ts';
import { topics } from '../../shared/insight/topics.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { answeringOver } from '../../shared/survey/answering.ts';
import { createAskedAbout } from '../../shared/survey/asked-about.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { createSurveyModels } from '../../shared/survey/survey-model.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createCloseCall } from './close-call.ts';
import { createSurveysApi } from './core.ts';
import { createFindInvitation } from './find-invitation.ts';

/** `manage-surveys`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  bus,
  setting,
  ids,
  clock,
  log,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'bus' | 'setting' | 'ids' | 'clock' | 'log'>): Hono => {
  const profiles = createProfiles(table);
  const policies = createPolicies(table);
  const traits = createTraits(table);
  const answering = answeringOver({ table, bucket, queue, bus, clock });
  const { answers, asked, surveys, timeline } = answering;
  const models = createSurveyModels();
  const invitations = createInvitations(table);
  const tasks = createTasks(table);
  const dueWork = createDueWork(table);
  return createSurveysApi(
    {
      surveys,
      models,
      profiles,
      policies,
      timeline,
      answers,
      invitations,
      tasks,
      topics,
      asked,
      findInvitation: createFindInvitation(invitations, asked),
      closeCall: createCloseCall({ tasks, timeline, bus, dueWork, gates: createGates(table) }),
      askedAbout: (given) => createAskedAbout({ invitations, policies, traits }, given === 'phone' ? 'phone' : 'post'),
      answering,
      questionsOf: async (id, version) => {
        const survey = await surveys.load(id, version);
        return survey === undefined ? [] : models.of(survey).outline('zh-CN');
      },
      scopes: SCOPES,
      now: clock,
    },
    { origin: setting('PUBLIC_ORIGIN'), log, newId: () => ids.next() },
  );
};
