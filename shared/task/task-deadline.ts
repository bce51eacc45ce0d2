import type { PartyId } from '../platform/ids.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { type TaskTimeline, taskEntry } from './task-entries.ts';
import type { Tasks } from './task-store.ts';

/** Due work of tasks, as `DueWork` places it. */
export interface Deadlines {
  place(
    items: readonly {
      readonly at: Instant;
      readonly kind: 'task-deadline';
      readonly id: string;
      readonly payload: DeadlinePayload;
    }[],
    now: Instant,
  ): Promise<void>;
}

/** What is looked at: whether a task was closed in time. */
export interface DeadlinePayload {
  readonly kind: 'close';
  readonly taskId: string;
  readonly partyId: PartyId;
}

export interface EscalatePorts {
  readonly tasks: Pick<Tasks, 'change'>;
  readonly timeline: TaskTimeline;
  readonly staff: StaffEvents;
}

/**
 * The deadline of a task is over: if it is open, it is escalated, once, and staff are told. Done again after a crash, the
 * event and the row in the timeline have the same ids.
 */
export const escalateTask = async (ports: EscalatePorts, taskId: string, now: Instant): Promise<void> => {
  const change = await ports.tasks.change(taskId, (task) =>
    task.state === 'open' && task.escalatedAt === undefined ? { ...task, escalatedAt: now } : undefined,
  );
  if (change.kind === 'absent' || change.task.escalatedAt === undefined || change.task.state === 'done') return;
  const { task } = change;
  const { kind, scope, deadline, assignee, escalatedAt = now } = task;
  const entry = taskEntry(task, 'escalated', escalatedAt, {});
  if (entry !== undefined) await ports.timeline.record(entry);
  await ports.staff.tell({
    type: 'TaskEscalated',
    at: escalatedAt,
    details: {
      taskId,
      kind,
      scope,
      ...(deadline === undefined ? {} : { deadline: formatInstant(deadline) }),
      ...(assignee === undefined ? {} : { assignee }),
    },
  });
};
