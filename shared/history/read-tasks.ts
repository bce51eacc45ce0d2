import type { Profiles } from '../customer/profile-store.ts';
import { formatInstant } from '../platform/time.ts';
import type { Policies } from '../policy/policy-store.ts';
import { closingOutcomes, type Task } from '../task/task.ts';
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
      ...(task.assignee === undefined ? {} : { assignee: task.assignee }),
      ...(task.deadline === undefined ? {} : { deadline: formatInstant(task.deadline) }),
      ...(task.escalatedAt === undefined ? {} : { escalatedAt: formatInstant(task.escalatedAt) }),
      outcomes: [...closingOutcomes(task.kind)],
      ...(task.outcome === undefined ? {} : { outcome: task.outcome }),
      ...(task.closedAt === undefined ? {} : { closedAt: formatInstant(task.closedAt) }),
      ...(task.closedBy === undefined ? {} : { closedBy: task.closedBy }),
    };
  });
};

/** Tasks of some scopes, the most urgent first. Of one scope, page after page; of several, the first page of all. */
export const readTasks = async (
  ports: ReadTasksPorts,
  scopes: readonly string[],
  state: Task['state'],
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<TasksAnswer> => {
  const { limit, after } = page;
  const one = scopes.length === 1;
  const lists = await Promise.all(
    scopes.map((scope) => ports.tasks.list(scope, state, { limit, ...(one && after !== undefined ? { after } : {}) })),
  );
  const tasks = lists
    .flatMap((list) => list.tasks)
    .sort((a, b) => (`${a.dueOn}#${a.taskId}` < `${b.dueOn}#${b.taskId}` ? -1 : 1))
    .slice(0, limit);
  const next = one ? lists[0]?.next : undefined;
  return { items: await viewTasks(ports, tasks), ...(next === undefined ? {} : { next }) };
};
