import { type LogAttemptPorts, logAttempt } from '../../shared/message/log-attempt.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { type CloseTaskPorts, closeTask } from '../../shared/task/close-task.ts';
import type { Tasks } from '../../shared/task/task-store.ts';

export interface CloseCallPorts extends LogAttemptPorts, Pick<CloseTaskPorts, 'bus' | 'dueWork'> {
  readonly tasks: Pick<Tasks, 'get' | 'change'>;
  readonly timeline: CloseTaskPorts['timeline'] & LogAttemptPorts['timeline'];
}

/** A call of the list that needs no calling any more. */
export interface AnsweredCall {
  readonly taskId: string;
  readonly survey: string;
  readonly partyId: PartyId;
  /** When the customer was reached by telephone; absent where the answer came on another way. */
  readonly reachedAt?: Instant;
  /** User id of who enters the answer. */
  readonly by: string;
}

export type CloseCall = (call: AnsweredCall, now: Instant) => Promise<void>;

/**
 * Takes a call off the list once its survey is answered: the call that was made is logged and counts against the contact
 * budget, the task is closed. Done twice is done once; a task that is no such call stays as it is.
 */
export const createCloseCall =
  (ports: CloseCallPorts): CloseCall =>
  async ({ taskId, survey, partyId, reachedAt, by }, now) => {
    const task = await ports.tasks.get(taskId);
    if (task?.kind !== 'survey-call' || task.partyId !== partyId || task.details?.survey !== survey) return;
    if (reachedAt !== undefined)
      await logAttempt(ports, { taskId, channel: 'phone', outcome: 'reached', at: reachedAt, by }, now);
    await closeTask(ports, { taskId, outcome: reachedAt === undefined ? 'no-action' : 'reached', by }, now);
  };
