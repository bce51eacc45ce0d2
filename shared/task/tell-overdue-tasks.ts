import type { StaffEvents } from '../platform/staff-events.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import type { Tasks } from './task-store.ts';

export interface OverduePorts {
  readonly tasks: Pick<Tasks, 'overdue' | 'toldOverdue' | 'markToldOverdue'>;
  readonly staff: StaffEvents;
}

/**
 * Tells staff of open tasks whose day is over, each task once. The mark is written after the event: a crash between the
 * two tells again, with the same event id.
 * @param scopes the branches, as paths in the organisation tree
 * @param today tasks due before this day are overdue
 * @returns how many were told of
 */
export const tellOverdueTasks = async (
  { tasks, staff }: OverduePorts,
  scopes: readonly string[],
  today: CivilDate,
  now: Instant,
): Promise<number> => {
  let told = 0;
  for (const scope of scopes) {
    let after: string | undefined;
    do {
      const page = await tasks.overdue(scope, today, after);
      const known = await tasks.toldOverdue(page.tasks.map(({ taskId }) => taskId));
      const fresh = page.tasks.filter(({ taskId }) => !known.has(taskId));
      if (fresh.length > 0) {
        await staff.tell(
          ...fresh.map(({ taskId, kind, dueOn }) => ({
            type: 'TaskOverdue' as const,
            at: now,
            details: { taskId, kind, scope, dueOn },
          })),
        );
        await tasks.markToldOverdue(fresh.map(({ taskId }) => taskId));
      }
      told += fresh.length;
      after = page.next;
    } while (after !== undefined);
  }
  return told;
};
