import { type Item, itemKey, type Key, type Page, type Table, type WriteOutcome } from '../platform/table.ts';
import type { CivilDate } from '../platform/time.ts';
import type { Task } from './task.ts';

/** The tasks of all people. */
export interface Tasks {
  /** Adds a task unless it was added before, open or done. */
  add(task: Task): Promise<WriteOutcome['kind']>;
  get(taskId: string): Promise<Task | undefined>;
  /** Marks a task done; nothing happens to one that is, or that nobody knows. */
  finish(taskId: string): Promise<void>;
  /** Tasks of a scope, the most urgent first. `next` is absent on the last page. */
  list(
    scope: string,
    state: Task['state'],
    page?: { readonly limit?: number; readonly after?: string },
  ): Promise<TaskPage>;
  /** Open tasks of a scope that were due before `today`, the oldest first. */
  overdue(scope: string, today: CivilDate, after?: string): Promise<TaskPage>;
  /** Those of the tasks of which staff were told that they are overdue. */
  toldOverdue(taskIds: readonly string[]): Promise<ReadonlySet<string>>;
  markToldOverdue(taskIds: readonly string[]): Promise<void>;
}

/** `next` is absent on the last page. */
interface TaskPage {
  readonly tasks: readonly Task[];
  readonly next?: string;
}

const keyOf = (taskId: string): Key => ({ pk: `TASK#${taskId}`, sk: 'TASK' });

const toldKeyOf = (taskId: string): Key => ({ pk: `TASK#${taskId}`, sk: 'OVERDUE' });

const pageOf = (page: Page): TaskPage => ({
  tasks: page.items.map((item) => item.task as Task),
  ...(page.next === undefined ? {} : { next: page.next }),
});

const toItem = (task: Task): Item => ({
  ...keyOf(task.taskId),
  entity: 'Task',
  schemaVersion: 1,
  state: task.state,
  task,
  byTaskPk: `${task.scope}#${task.state}`,
  byTaskSk: `${task.dueOn}#${task.taskId}`,
});

/** Tasks over the table, with the index byTask. */
export const createTasks = (table: Table): Tasks => {
  const get: Tasks['get'] = async (taskId) => {
    const item = await table.get(keyOf(taskId), { consistent: true });
    return item?.task as Task | undefined;
  };
  return {
    get,

    async add(task) {
      const outcome = await table.put(toItem(task), [{ path: ['pk'], absent: true }]);
      return outcome.kind;
    },

    async finish(taskId) {
      const task = await get(taskId);
      if (task?.state === 'open')
        await table.put(toItem({ ...task, state: 'done' }), [{ path: ['state'], is: 'open' }]);
    },

    async list(scope, state, { limit = 50, after } = {}) {
      return pageOf(
        await table.query({
          index: 'byTask',
          pk: `${scope}#${state}`,
          limit,
          ...(after === undefined ? {} : { after }),
        }),
      );
    },

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
