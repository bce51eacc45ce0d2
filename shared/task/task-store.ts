import type { Item, Key, Table, WriteOutcome } from '../platform/table.ts';
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
  ): Promise<{ readonly tasks: readonly Task[]; readonly next?: string }>;
}

const keyOf = (taskId: string): Key => ({ pk: `TASK#${taskId}`, sk: 'TASK' });

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
      const page = await table.query({
        index: 'byTask',
        pk: `${scope}#${state}`,
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return {
        tasks: page.items.map((item) => item.task as Task),
        ...(page.next === undefined ? {} : { next: page.next }),
      };
    },
  };
};
