import { createProfiles } from '../customer/profile-store.ts';
import { createTraits } from '../customer/traits-store.ts';
import { createDueWork } from '../journey/due-work.ts';
import { createTimeline } from '../message/timeline-store.ts';
import type { Parts } from '../platform/parts.ts';
import { createStaffEvents } from '../platform/staff-events.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { createTasks } from '../task/task-store.ts';
import { answerConsequences } from './answer-consequences.ts';
import { createSurveyAnswers } from './answer-store.ts';
import { createAsked } from './asked-store.ts';
import { createEvidence } from './evidence-store.ts';
import { createSurveys } from './survey-store.ts';

/** What `answerSurvey` and `finishAnswer` need, over a function's parts; its queue is CHANGES_QUEUE_URL, its bucket
 *  MESSAGES_BUCKET. */
export const answeringOver = ({
  table,
  bucket,
  queue,
  bus,
  clock,
}: Pick<Parts, 'table' | 'bucket' | 'queue' | 'bus' | 'clock'>) => ({
  answers: createSurveyAnswers(table, bucket('MESSAGES_BUCKET')),
  surveys: createSurveys(table),
  timeline: createTimeline(table),
  bus,
  asked: createAsked(table),
  ...answerConsequences({
    evidence: createEvidence(table),
    traits: createTraits(table),
    changes: queue<ChangeMessage>('CHANGES_QUEUE_URL'),
    tasks: createTasks(table),
    profiles: createProfiles(table),
    dueWork: createDueWork(table),
    staff: createStaffEvents(bus),
    clock,
  }),
});
