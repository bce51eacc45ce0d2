import type { Bus, BusEvent } from '../platform/bus.ts';
import { derivedId } from '../platform/ids.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { JOURNEYS } from '../policy/customer-event.ts';
import { type Deadlines, LOOK_AFTER } from './deadlines.ts';
import { closingOutcomes, type Task, type TaskOutcome } from './task.ts';
import { type TaskTimeline, taskEntry } from './task-entries.ts';
import type { Tasks } from './task-store.ts';

export interface CloseTaskPorts {
  readonly tasks: Pick<Tasks, 'change'>;
  readonly timeline: TaskTimeline;
  readonly bus: Pick<Bus, 'publish'>;
  readonly dueWork: Deadlines;
}

/** How somebody closes a task. */
export interface TaskClosing {
  readonly taskId: string;
  readonly outcome: TaskOutcome;
  /** What was done or said, for people to read. Personal data: it stays in the timeline. */
  readonly note?: string;
  /** User id of who closes it. */
  readonly by: string;
}

export type CloseTaskOutcome =
  | { readonly kind: 'closed'; readonly task: Task }
  /** Somebody closed it before, with `task.outcome`. */
  | { readonly kind: 'closed-before'; readonly task: Task }
  /** This outcome does not close a task of its kind. */
  | { readonly kind: 'still-open'; readonly task: Task }
  | { readonly kind: 'absent' };

/** `TaskClosed` on the bus: journeys begin with it, wake by it and end with it. */
const closedEvent = (task: Task): readonly BusEvent[] => {
  const { taskId, partyId, policyId, kind, reason, outcome, closedAt, details } = task;
  if (partyId === undefined || outcome === undefined || closedAt === undefined) return [];
  const detail = {
    schemaVersion: 1,
    eventId: derivedId('task-closed', taskId),
    key: taskId,
    occurredAt: formatInstant(closedAt),
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    properties: {
      kind,
      outcome,
      reason,
      ...(typeof details?.survey === 'string' ? { survey: details.survey } : {}),
    },
  };
  return [{ source: JOURNEYS, detailType: 'TaskClosed', detail, at: closedAt }];
};

/**
 * Tells of a closed task what was not told yet: the event first, then the row in the timeline, by whose being there it is
 * known that all was told. Nothing happens to an open task.
 */
export const tellClosed = async (
  { timeline, bus }: Pick<CloseTaskPorts, 'timeline' | 'bus'>,
  task: Task,
  note?: string,
): Promise<void> => {
  const { outcome, closedAt, closedBy } = task;
  if (outcome === undefined || closedAt === undefined || closedBy === undefined) return;
  const entry = taskEntry(task, 'closed', closedAt, { outcome, by: closedBy, ...(note ? { note } : {}) });
  if (entry === undefined || (await timeline.get(entry)) !== undefined) return;
  await bus.publish(closedEvent(task));
  await timeline.record(entry);
};

/**
 * Closes a task: the one way to do so. One conditional write decides who closes it; event and timeline follow. Somebody
 * looks half a minute later whether they did, and the same person may press the button once more: both tell of it only
 * where that is missing.
 */
export const closeTask = async (
  ports: CloseTaskPorts,
  { taskId, outcome, note, by }: TaskClosing,
  now: Instant,
): Promise<CloseTaskOutcome> => {
  const at = (now + LOOK_AFTER) as Instant;
  await ports.dueWork.place([{ at, kind: 'task-deadline', id: taskId, payload: { kind: 'closed', taskId } }], now);
  const change = await ports.tasks.change(taskId, (task) =>
    task.state === 'open' && closingOutcomes(task.kind).includes(outcome)
      ? { ...task, state: 'done', outcome, closedAt: now, closedBy: by }
      : undefined,
  );
  if (change.kind === 'absent') return change;
  const { task } = change;
  if (task.state === 'open') return { kind: 'still-open', task };
  if (task.closedBy !== by || task.outcome !== outcome) return { kind: 'closed-before', task };
  await tellClosed(ports, task, note);
  return { kind: 'closed', task };
};
