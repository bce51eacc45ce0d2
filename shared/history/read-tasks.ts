import type { Profiles } from '../customer/profile-store.ts';
import { formatInstant } from '../platform/time.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { Task } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { TasksAnswer, TaskView } from './contract.ts';
import { nameOf } from './listed.ts';

export interface ReadTasksPorts {
  readonly tasks: Pick<Tasks, 'list'>;
  readonly profiles: Pick<Profiles, 'getMany'>;
  readonly policies: Pick<Policies, 'getMany'>;
}

/** Tasks as people see them: with whom and what they are about. */
export const viewTasks = async (
  { profiles, policies }: Omit<ReadTasksPorts, 'tasks'>,
  tasks: readonly Task[],
): Promise<TaskView[]> => {
  const [people, contracts] = await Promise.all([
    profiles.getMany([...new Set(tasks.flatMap(({ partyId }) => partyId ?? []))]),
    policies.getMany([...new Set(tasks.flatMap(({ policyId }) => policyId ?? []))]),
  ]);
  return tasks.map((task): TaskView => {
    const person = task.partyId && people.get(task.partyId);
    const policy = task.policyId && contracts.get(task.policyId);
    const slot = task.details?.slot;
    return {
      taskId: task.taskId,
      kind: task.kind,
      reason: task.reason,
      state: task.state,
      dueOn: task.dueOn,
      createdAt: formatInstant(task.createdAt),
      ...(task.partyId === undefined ? {} : { customerId: task.partyId }),
      ...(person ? { customerName: nameOf(person) } : {}),
      ...(task.policyId === undefined ? {} : { policyId: task.policyId }),
      ...(policy ? { policyNo: policy.policyNo } : {}),
      ...(typeof slot === 'string' ? { slot } : {}),
    };
  });
};

/** A page of the tasks of a scope, the most urgent first. */
export const readTasks = async (
  ports: ReadTasksPorts,
  scope: string,
  state: Task['state'],
  page: { readonly limit: number; readonly after?: string },
): Promise<TasksAnswer> => {
  const { tasks, next } = await ports.tasks.list(scope, state, page);
  return { items: await viewTasks(ports, tasks), ...(next === undefined ? {} : { next }) };
};
