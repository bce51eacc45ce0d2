import type { Profile } from '../customer/customer.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Tasks } from './task-store.ts';

/**
 * Tasks that go to the account manager recorded on their customer, whoever asks for them; without one they lie in the
 * branch's queue. A task keeps the assignee that it was made with.
 */
export const toManagers = (
  tasks: Tasks,
  profiles: { get(id: PartyId): Promise<Pick<Profile, 'manager'> | undefined> },
): Tasks => ({
  ...tasks,
  async add(task) {
    const manager =
      task.assignee ?? (task.partyId === undefined ? undefined : (await profiles.get(task.partyId))?.manager);
    return tasks.add(manager === undefined ? task : { ...task, assignee: manager });
  },
});
