import type { Hono } from 'hono';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createLinks } from '../../shared/message/links.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { once } from '../../shared/platform/once.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { answerConsequences } from '../../shared/survey/answer-consequences.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createAskedAbout } from '../../shared/survey/asked-about.ts';
import { createAsked } from '../../shared/survey/asked-store.ts';
import { createEvidence } from '../../shared/survey/evidence-store.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { createSurveyModels } from '../../shared/survey/survey-model.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createSurveyApp } from './app.ts';

/** `serve-surveys`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  bus,
  secret,
  setting,
  ids,
  clock,
  log,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'bus' | 'secret' | 'setting' | 'ids' | 'clock' | 'log'>): Hono => {
  const readSecret = secret('LINK_SECRET_ARN');
  const origin = setting('PUBLIC_ORIGIN');
  const profiles = createProfiles(table);
  const traits = createTraits(table);
  const evidence = createEvidence(table);
  const surveys = createSurveys(table);
  const answers = createSurveyAnswers(table, bucket('MESSAGES_BUCKET'));
  return createSurveyApp({
    // keys are derived from the secret once, not for each page
    links: once(async () => createLinks(await readSecret(), origin)),
    profiles,
    surveys,
    models: createSurveyModels(),
    answers,
    evidence,
    askedAbout: createAskedAbout({ invitations: createInvitations(table), policies: createPolicies(table), traits }),
    answering: {
      answers,
      surveys,
      timeline: createTimeline(table),
      bus,
      asked: createAsked(table),
      ...answerConsequences({
        evidence,
        traits,
        changes: queue<ChangeMessage>('CHANGES_QUEUE_URL'),
        tasks: createTasks(table),
        profiles,
        dueWork: createDueWork(table),
        staff: createStaffEvents(bus),
        clock,
      }),
    },
    log,
    now: clock,
    newId: () => ids.next(),
  });
};
