import { EngagementError } from '../platform/errors.ts';
import {
  type IndexName,
  type Item,
  itemKey,
  type Key,
  type Page,
  type Query,
  type Table,
  type WriteOutcome,
} from '../platform/table.ts';
import type { CivilDate } from '../platform/time.ts';
import type { Task } from './task.ts';

/** What became of a change. `unchanged`: the task stood so that nothing was to be changed; here is how. */
export type TaskChange =
  | { readonly kind: 'changed'; readonly task: Task }
  | { readonly kind: 'unchanged'; readonly task: Task }
  | { readonly kind: 'absent' };

interface PageOf {
  readonly limit?: number;
  readonly after?: string;
}

/** The tasks of all people. */
export interface Tasks {
  /** Adds a task unless it was added before, open or done. */
  add(task: Task): Promise<WriteOutcome['kind']>;
  /** Read strongly. */
  get(taskId: string): Promise<Task | undefined>;
  /**
   * Changes a task as it stands: of several at once each sees what the one before it made.
   * @param change may be asked again, when somebody was faster; undefined leaves the task as it is
   * @throws EngagementError `conflict` (retryable) while the task keeps changing
   */
  change(taskId: string, change: (task: Task) => Task | undefined): Promise<TaskChange>;
  /** Tasks of a scope, the most urgent first. `next` is absent on the last page. */
  list(scope: string, state: Task['state'], page?: PageOf): Promise<TaskPage>;
  /** Tasks of one person of staff, the most urgent first. */
  mine(assignee: string, state: Task['state'], page?: PageOf): Promise<TaskPage>;
  /** Open tasks of a scope that are nobody's yet, the most urgent first. */
  queue(scope: string, page?: PageOf): Promise<TaskPage>;
  /** Open tasks of a scope that were due before `today`, the oldest first. */
  overdue(scope: string, today: CivilDate, after?: string): Promise<TaskPage>;
  /** Those of the tasks of which staff were told that they are overdue. */
  toldOverdue(taskIds: readonly string[]): Promise<ReadonlySet<string>>;
  markToldOverdue(taskIds: readonly string[]): Promise<void>;
}

/** `next` is absent on the last page. */
export interface TaskPage {
  readonly tasks: readonly Task[];
  readonly next?: string;
}

const ATTEMPTS = 8;

const keyOf = (taskId: string): Key => ({ pk: `TASK#${taskId}`, sk: 'TASK' });

const toldKeyOf = (taskId: string): Key => ({ pk: `TASK#${taskId}`, sk: 'OVERDUE' });

/** Whose tasks an entry of the index byOwner is among; user ids hold no slash. */
const ownerOf = ({ assignee, scope }: Pick<Task, 'assignee' | 'scope'>): string => assignee ?? `queue/${scope}`;

const pageOf = (page: Page): TaskPage => ({
  tasks: page.items.map((item) => item.task as Task),
  ...(page.next === undefined ? {} : { next: page.next }),
});

const toItem = (task: Task, version: number): Item => ({
  ...keyOf(task.taskId),
  entity: 'Task',
  schemaVersion: 1,
  v: version,
  task,
  byTaskPk: `${task.scope}#${task.state}`,
  byTaskSk: `${task.dueOn}#${task.taskId}`,
  byOwnerPk: `${ownerOf(task)}#${task.state}`,
  byOwnerSk: `${task.dueOn}#${task.taskId}`,
});

/** Tasks over the table, with the indexes byTask and byOwner. */
export const createTasks = (table: Table): Tasks => {
  const read = async (index: IndexName, pk: string, { limit = 50, after }: PageOf = {}): Promise<TaskPage> => {
    const query: Query = { index, pk, limit, ...(after === undefined ? {} : { after }) };
    return pageOf(await table.query(query));
  };

  return {
    async get(taskId) {
      const item = await table.get(keyOf(taskId), { consistent: true });
      return item?.task as Task | undefined;
    },

    async add(task) {
      const outcome = await table.put(toItem(task, 1), [{ path: ['pk'], absent: true }]);
      return outcome.kind;
    },

    async change(taskId, change) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const item = await table.get(keyOf(taskId), { consistent: true });
        if (item === undefined) return { kind: 'absent' };
        const before = item.task as Task;
        const after = change(before);
        if (after === undefined) return { kind: 'unchanged', task: before };
        const version = item.v as number;
        const outcome = await table.put(toItem(after, version + 1), [{ path: ['v'], is: version }]);
        if (outcome.kind === 'written') return { kind: 'changed', task: after };
      }
      throw new EngagementError('conflict', `task ${taskId} changed ${ATTEMPTS} times meanwhile: try again`, {
        retryable: true,
      });
    },

    list: (scope, state, page) => read('byTask', `${scope}#${state}`, page),
    mine: (assignee, state, page) => read('byOwner', `${assignee}#${state}`, page),
    queue: (scope, page) => read('byOwner', `queue/${scope}#open`, page),

    async overdue(scope, today, after) {
      return pageOf(
        await table.query({
          index: 'byTask',
          pk: `${scope}#open`,
          // a key of this day is longer than the day, so it is not among them
          from: '0',
          to: today,
          limit: 100,
          ...(after === undefined ? {} : { after }),
        }),
      );
    },

    async toldOverdue(taskIds) {
      const found = await table.getMany(taskIds.map(toldKeyOf));
      return new Set(taskIds.filter((taskId) => found.has(itemKey(toldKeyOf(taskId)))));
    },

    async markToldOverdue(taskIds) {
      await table.writeMany(
        taskIds.map((taskId) => ({ ...toldKeyOf(taskId), entity: 'OverdueMark', schemaVersion: 1 })),
      );
    },
  };
};
