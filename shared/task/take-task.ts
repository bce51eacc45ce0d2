import type { Task } from './task.ts';
import type { Tasks } from './task-store.ts';

export type TakeTaskOutcome =
  | { readonly kind: 'taken'; readonly task: Task }
  /** Somebody else has it, or it is closed. */
  | { readonly kind: 'gone'; readonly task: Task }
  | { readonly kind: 'absent' };

/** Makes a task of the branch's queue somebody's own; of several who reach for it, one gets it. */
export const takeTask = async (
  { tasks }: { readonly tasks: Pick<Tasks, 'change'> },
  taskId: string,
  by: string,
): Promise<TakeTaskOutcome> => {
  const change = await tasks.change(taskId, (task) =>
    task.state === 'open' && task.assignee === undefined ? { ...task, assignee: by } : undefined,
  );
  if (change.kind === 'absent') return change;
  const { task } = change;
  return { kind: task.state === 'open' && task.assignee === by ? 'taken' : 'gone', task };
};

/** Gives an open task to another, or back to the branch's queue. Nothing happens to a closed one. */
export const assignTask = async (
  { tasks }: { readonly tasks: Pick<Tasks, 'change'> },
  taskId: string,
  assignee: string | undefined,
): Promise<TakeTaskOutcome> => {
  const change = await tasks.change(taskId, (task) => {
    if (task.state === 'done' || task.assignee === assignee) return undefined;
    const { assignee: _former, ...rest } = task;
    return assignee === undefined ? rest : { ...rest, assignee };
  });
  if (change.kind === 'absent') return change;
  return { kind: change.task.state === 'open' ? 'taken' : 'gone', task: change.task };
};
