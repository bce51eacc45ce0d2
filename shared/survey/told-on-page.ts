import type { Profile } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { Timeline } from '../message/timeline-store.ts';
import type { DailyLimit } from '../platform/daily-limit.ts';
import { derivedId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';

/** What telling us something on the preference page needs from outside. */
export interface TellPorts {
  readonly gates: Pick<Gates, 'suppress'>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: Pick<Timeline, 'record'>;
  readonly changes: Queue<ChangeMessage>;
  readonly limit: DailyLimit;
}

/** Most notes that one person leaves in a day: a person reads each. */
const NOTES_A_DAY = 5;
/** Most characters of one. */
export const NOTE_CHARACTERS = 600;

const leaveTask = async (
  { tasks, timeline, changes }: Pick<TellPorts, 'tasks' | 'timeline' | 'changes'>,
  profile: Profile,
  { reason, text }: { readonly reason: 'told-on-page' | 'not-me'; readonly text?: string },
  now: Instant,
): Promise<void> => {
  const { partyId, scope, zone } = profile;
  const id = derivedId('told', partyId, reason, text ?? '', civilDateAt(now, zone));
  await tasks.add({
    taskId: taskIdOf('data-change', partyId, id),
    scope,
    kind: 'data-change',
    reason,
    state: 'open',
    dueOn: civilDateAt(now, zone),
    createdAt: now,
    partyId,
    // what was written stands in the timeline, under the person
    details: { answer: id },
  });
  await timeline.record({
    partyId,
    at: now,
    kind: 'reaction',
    id,
    policyIds: [],
    details: { page: 'preferences', said: reason, ...(text === undefined ? {} : { text }) },
  });
  await changes.send([{ kind: 'party', partyId, because: `page:${reason}` }]);
};

/** A customer says that an address or number changed: a person sees to it. @returns `too-many` where nobody could read
 *  that much */
export const tellOfChange = async (
  ports: TellPorts,
  profile: Profile,
  text: string,
  now: Instant,
): Promise<'told' | 'too-many'> => {
  if (!(await ports.limit.take(`told-${profile.partyId}`, NOTES_A_DAY, now))) return 'too-many';
  await leaveTask(ports, profile, { reason: 'told-on-page', text }, now);
  return 'told';
};

/** Whoever reads the mailbox is not this customer: nothing more goes there for them, of no class, until a person or a
 *  new address opens it. Others who share the mailbox are not concerned. */
export const tellNotMe = async (ports: TellPorts, profile: Profile, now: Instant): Promise<void> => {
  await ports.gates.suppress(profile.partyId, 'email', 'wrong-person');
  await leaveTask(ports, profile, { reason: 'not-me' }, now);
};
