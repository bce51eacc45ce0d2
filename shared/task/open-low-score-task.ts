import type { Profile } from '../customer/customer.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import { civilDateAt, formatInstant, HOUR, type Instant } from '../platform/time.ts';
import type { Deadlines } from './deadlines.ts';
import { type Task, taskIdOf } from './task.ts';
import type { Tasks } from './task-store.ts';

export interface LowScorePorts {
  readonly tasks: Pick<Tasks, 'add' | 'get'>;
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly dueWork: Deadlines;
  readonly staff: StaffEvents;
}

/** An answer with a low score, as far as its task needs it. */
export interface LowAnswer {
  readonly id: string;
  readonly at: Instant;
  readonly invitationId: string;
  readonly survey: string;
  readonly version: string;
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
  readonly campaign?: string;
  readonly occurrence?: string;
  readonly step?: string;
  readonly metric?: string;
  readonly score?: number;
  readonly low: boolean;
  readonly facets: { readonly scope: string };
}

const lowScoreTaskIdOf = ({ partyId, id }: Pick<LowAnswer, 'partyId' | 'id'>): string =>
  taskIdOf('low-score', partyId, id);

/** The task that a low answer asks for. */
const taskOf = (answer: LowAnswer, withinHours: number, profile: Profile | undefined): Task => {
  const { at, partyId, metric, score } = answer;
  const deadline = (at + withinHours * HOUR) as Instant;
  return {
    taskId: lowScoreTaskIdOf(answer),
    scope: profile?.scope ?? answer.facets.scope,
    kind: 'low-score',
    reason: metric === undefined ? 'low-answer' : `low-${metric}`,
    state: 'open',
    // without a profile the zone is not known: the day by UTC
    dueOn: civilDateAt(deadline, profile?.zone ?? ('UTC' as Profile['zone'])),
    deadline,
    createdAt: at,
    ...(profile?.manager === undefined ? {} : { assignee: profile.manager }),
    partyId,
    ...(answer.policyId === undefined ? {} : { policyId: answer.policyId }),
    ...(answer.campaign === undefined ? {} : { campaign: answer.campaign }),
    ...(answer.occurrence === undefined ? {} : { occurrence: answer.occurrence }),
    ...(answer.step === undefined ? {} : { step: answer.step }),
    details: {
      // what was written is read through the answer
      invitation: answer.invitationId,
      survey: answer.survey,
      surveyVersion: answer.version,
      ...(metric === undefined ? {} : { metric }),
      ...(score === undefined ? {} : { score }),
    },
  };
};

/**
 * Opens the task that a low answer asks for: for the account manager recorded on the customer, else in the branch's queue,
 * to be closed within `withinHours` of the answer. Nothing happens for an answer that is not low.
 *
 * The deadline is placed first, then staff are told, then the task is there: cut off anywhere and done again, there is one
 * deadline, one event id, one task.
 * @param withinHours the survey's `low.withinHours`
 */
export const openLowScoreTask = async (
  ports: LowScorePorts,
  answer: LowAnswer,
  withinHours: number,
  now: Instant,
): Promise<void> => {
  if (!answer.low) return;
  // it is written last: where it is, the rest was done
  if ((await ports.tasks.get(lowScoreTaskIdOf(answer))) !== undefined) return;
  const task = taskOf(answer, withinHours, await ports.profiles.get(answer.partyId));
  const { taskId, scope, deadline = now, assignee } = task;
  await ports.dueWork.place(
    [
      {
        at: deadline,
        kind: 'task-deadline',
        id: taskId,
        payload: { kind: 'close', taskId, partyId: answer.partyId },
      },
    ],
    now,
  );
  await ports.staff.tell({
    type: 'LowScore',
    at: answer.at,
    details: {
      taskId,
      scope,
      survey: answer.survey,
      ...(answer.metric === undefined ? {} : { metric: answer.metric }),
      ...(answer.score === undefined ? {} : { score: answer.score }),
      ...(assignee === undefined ? {} : { assignee }),
      deadline: formatInstant(deadline),
    },
  });
  await ports.tasks.add(task);
};
