import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { Task } from './task.ts';

/** A row about a task in the history of the customer whom it concerns. */
export interface TaskEntry {
  readonly partyId: PartyId;
  readonly at: Instant;
  readonly kind: 'task';
  readonly id: string;
  readonly policyIds: readonly PolicyId[];
  readonly campaign?: string;
  readonly step?: string;
  readonly reason: 'closed' | 'escalated';
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** The history, as far as tasks write to it. */
export interface TaskTimeline {
  /** Adds the row unless it is there. */
  record(entry: TaskEntry): Promise<unknown>;
  get(key: Pick<TaskEntry, 'partyId' | 'at' | 'kind' | 'id'>): Promise<unknown>;
}

/** The row that says what became of a task; undefined for a task that concerns no customer. */
export const taskEntry = (
  task: Task,
  reason: TaskEntry['reason'],
  at: Instant,
  details: TaskEntry['details'],
): TaskEntry | undefined =>
  task.partyId === undefined
    ? undefined
    : {
        partyId: task.partyId,
        at,
        kind: 'task',
        id: `${task.taskId}-${reason}`,
        policyIds: task.policyId === undefined ? [] : [task.policyId],
        ...(task.campaign === undefined ? {} : { campaign: task.campaign }),
        ...(task.step === undefined ? {} : { step: task.step }),
        reason,
        details: { task: task.kind, ...details },
      };
