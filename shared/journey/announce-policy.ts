import type { Bus, BusEvent } from '../platform/bus.ts';
import { derivedId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import { taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { JourneyMessage } from './contract.ts';
import type { EnterPorts } from './enter.ts';
import { policyNews } from './journey-entries.ts';
import { newsOf } from './occasions.ts';

/** Where news of policies is told. */
export interface AnnouncePorts {
  readonly bus: Bus;
  readonly timeline: EnterPorts['timeline'];
  readonly tasks: Pick<Tasks, 'add'>;
  /** The changes queue: news goes to the journeys that wait for it. */
  readonly changes: Pick<Queue<JourneyMessage>, 'send'>;
}

/** Events for the world outside about what is new. The id is derived: a copy after a crash is recognised. */
const busEvents = (policy: Policy, previous: Policy | undefined): readonly BusEvent[] => {
  const { policyId, renewal, ending, endingLearntAt } = policy;
  const event = (detailType: string, at: Instant, occasion: string, detail: Record<string, string>): BusEvent => ({
    source: 'perennial.policies',
    detailType,
    at,
    detail: {
      schemaVersion: 1,
      eventId: derivedId(detailType, policyId, occasion),
      occurredAt: formatInstant(at),
      policyId,
      ...detail,
    },
  });
  if (renewal && previous?.renewal?.termStartsOn !== renewal.termStartsOn) {
    const { termStartsOn, by } = renewal;
    return [event('PolicyRenewed', renewal.recognisedAt, termStartsOn, { termStartsOn, by })];
  }
  if (!ending || endingLearntAt === undefined || previous?.ending?.on === ending.on) return [];
  const type = ending.kind === 'lapsed' ? 'PolicyLapsed' : 'PolicyCancelled';
  return [event(type, endingLearntAt, ending.on, { effectiveOn: ending.on })];
};

/** The same for the journeys that wait for it or end with it; those that begin with it are begun by the projection. */
const journeyMessages = (policy: Policy, events: readonly BusEvent[]): JourneyMessage[] => {
  const news = newsOf(policy);
  const { partyId, policyId } = policy;
  if (events.length === 0 || partyId === undefined || !news) return [];
  const { type, properties, occasion } = news;
  const key = `${policyId}#${type}#${occasion.occurrence}`;
  return [
    {
      kind: 'event',
      partyId,
      policyId,
      event: { id: key, type, key, occurredAt: occasion.at, receivedAt: occasion.at, properties, hops: 0 },
      because: 'policy-news',
    },
  ];
};

/** Tells people and systems what is new, before the projection is written: a crash in between tells it again under the
 *  same ids, the other order would tell it never. */
export const announce = async (
  { bus, timeline, tasks, changes }: AnnouncePorts,
  policy: Policy,
  previous: Policy | undefined,
  now: Instant,
): Promise<void> => {
  await timeline.recordAll(policyNews(policy, previous, now));
  const events = busEvents(policy, previous);
  if (events.length > 0) await bus.publish(events);
  const messages = journeyMessages(policy, events);
  if (messages.length > 0) await changes.send(messages);
  if (policy.contradiction !== undefined && policy.contradiction !== previous?.contradiction)
    await tasks.add({
      taskId: taskIdOf('contradiction', policy.policyId, policy.contradiction),
      scope: policy.scope,
      kind: 'contradiction',
      reason: policy.contradiction,
      state: 'open',
      dueOn: civilDateAt(now, policy.zone),
      createdAt: now,
      ...(policy.partyId === undefined ? {} : { partyId: policy.partyId }),
      policyId: policy.policyId,
    });
};
