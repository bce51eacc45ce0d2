import type { Bus } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { tellClosed } from './close-task.ts';
import { deadlinePayload } from './deadlines.ts';
import { type TaskTimeline, taskEntry } from './task-entries.ts';
import type { Tasks } from './task-store.ts';

export interface DeadlinePorts {
  readonly tasks: Pick<Tasks, 'get' | 'change'>;
  readonly timeline: TaskTimeline;
  readonly bus: Pick<Bus, 'publish'>;
  readonly staff: StaffEvents;
}

/**
 * The deadline of a task is over: if it is open, it is escalated, once, and staff are told. Done again after a crash, the
 * event and the row in the timeline have the same ids.
 */
const escalate = async (ports: DeadlinePorts, taskId: string, now: Instant): Promise<void> => {
  const change = await ports.tasks.change(taskId, (task) =>
    task.state === 'open' && task.escalatedAt === undefined ? { ...task, escalatedAt: now } : undefined,
  );
  if (change.kind === 'absent') return;
  const { task } = change;
  const { kind, scope, deadline, assignee, escalatedAt } = task;
  // closed in time
  if (escalatedAt === undefined) return;
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

/**
 * Works through due work of tasks. Done twice is done once.
 * @throws EngagementError `bad-input` for a payload that is none
 */
export const workDeadlines = async (
  ports: DeadlinePorts,
  payloads: readonly unknown[],
  now: Instant,
): Promise<void> => {
  for (const payload of payloads) {
    const { success, data } = deadlinePayload.safeParse(payload);
    if (!success)
      throw new EngagementError('bad-input', 'due work of a task does not fit its contract: see who placed it');
    switch (data.kind) {
      case 'close':
        await escalate(ports, data.taskId, now);
        break;
      case 'closed': {
        const task = await ports.tasks.get(data.taskId);
        if (task !== undefined) await tellClosed(ports, task);
        break;
      }
    }
  }
};
