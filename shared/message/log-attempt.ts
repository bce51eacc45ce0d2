import type { Gates } from '../customer/gate-store.ts';
import { derivedId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { AttemptOutcome, Task } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import { contactIdOf, type LoggedContact, logContact } from './log-contact.ts';
import type { Timeline } from './timeline-store.ts';

export interface LogAttemptPorts {
  readonly tasks: Pick<Tasks, 'get' | 'change'>;
  readonly gates: Pick<Gates, 'getMany' | 'reserve'>;
  readonly timeline: Pick<Timeline, 'record'>;
}

/** A call or a visit that was made for a task. */
export interface TaskContact extends Pick<LoggedContact, 'channel' | 'at' | 'by' | 'note'> {
  readonly taskId: string;
  readonly outcome: AttemptOutcome;
}

export type LogAttemptOutcome =
  | { readonly kind: 'logged'; readonly task: Task }
  /** The task is closed: nothing was logged. */
  | { readonly kind: 'closed-before'; readonly task: Task }
  | { readonly kind: 'absent' };

/**
 * Notes a call or a visit with the task it was made for, as a contact of the customer: it stands in the timeline and counts
 * against the contact budget, whether the customer was reached or not. The same one noted again changes nothing.
 * @throws EngagementError as `logContact`
 */
export const logAttempt = async (
  ports: LogAttemptPorts,
  { taskId, channel, outcome, at, by, note }: TaskContact,
  now: Instant,
): Promise<LogAttemptOutcome> => {
  const found = await ports.tasks.get(taskId);
  if (found === undefined) return { kind: 'absent' };
  if (found.state === 'done') return { kind: 'closed-before', task: found };
  const { partyId, kind } = found;
  if (partyId !== undefined) {
    const said = note === undefined ? {} : { note };
    await logContact(ports, { partyId, channel, at, by, outcome, task: kind, ...said }, now);
  }
  const id = partyId === undefined ? derivedId('attempt', taskId, channel, at) : contactIdOf(partyId, channel, at);
  const change = await ports.tasks.change(taskId, (task) => {
    const { attempts = [] } = task;
    const known = attempts.some((attempt) => attempt.id === id);
    return known ? undefined : { ...task, attempts: [...attempts, { id, at, channel, outcome, by }] };
  });
  return change.kind === 'absent' ? change : { kind: 'logged', task: change.task };
};
