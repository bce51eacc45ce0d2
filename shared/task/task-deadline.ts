import * as z from 'zod';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId } from '../platform/ids.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { type LowAnswer, type LowScorePorts, openLowScoreTask } from './open-low-score-task.ts';
import { type TaskTimeline, taskEntry } from './task-entries.ts';
import type { Tasks } from './task-store.ts';

const partyId = z
  .string()
  .min(1)
  .transform((id) => id as PartyId);

/** Payload of due work of kind `task-deadline`. */
const deadlinePayload = z.discriminatedUnion('kind', [
  /** The time to close the task is over. */
  z.strictObject({ kind: z.literal('close'), taskId: z.string().min(1), partyId }),
  /** A low answer was about to be stored: if it was, its task must be there by now. */
  z.strictObject({
    kind: z.literal('open'),
    invitationId: z.string().min(1),
    withinHours: z.int().min(1),
    partyId,
  }),
]);
export type DeadlinePayload = z.output<typeof deadlinePayload>;

export interface DeadlinePorts extends LowScorePorts {
  readonly tasks: Pick<Tasks, 'add' | 'get' | 'change'>;
  readonly timeline: TaskTimeline;
  readonly staff: StaffEvents;
  /** The answer of an invitation; undefined where none was stored. */
  readonly answerOf: (invitationId: string) => Promise<LowAnswer | undefined>;
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
    if (data.kind === 'close') await escalate(ports, data.taskId, now);
    else {
      const answer = await ports.answerOf(data.invitationId);
      if (answer !== undefined) await openLowScoreTask(ports, answer, data.withinHours, now);
    }
  }
};
