import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { Bus, BusEvent } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId, type PolicyId } from '../platform/ids.ts';
import { civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import type { PolicyFact } from '../policy/facts.ts';
import type { PolicyFacts } from '../policy/facts-store.ts';
import type { Holdings } from '../policy/holding-store.ts';
import type { Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import { nextKnownFrom, type Projection, projectPolicy, saysTheSame } from '../policy/project-policy.ts';
import { taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { DueWork } from './due-work.ts';
import { policyNews, type TimelineWriter } from './journey-entries.ts';
import { type PolicyToReconcile, type ReconcilePorts, reconcile } from './reconcile.ts';
import { recheckRow } from './step-row.ts';

/** Everything that following a change needs from outside. */
export interface FollowPorts extends ReconcilePorts {
  readonly facts: Pick<PolicyFacts, 'read' | 'adopt'>;
  readonly policies: Pick<Policies, 'getMany' | 'put'>;
  readonly holdings: Pick<Holdings, 'add'>;
  readonly bus: Bus;
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: TimelineWriter;
  readonly definitions: Definitions;
  /** The campaigns in force. */
  readonly programmes: readonly PinnedDefinition[];
}

/** How many policies changed, and what that did to journeys. */
export interface FollowCounts {
  readonly changed: number;
  readonly enrolled: number;
  readonly exited: number;
  readonly moved: number;
}

/** How often a projection is made again because another worker wrote one in between. */
const ATTEMPTS = 5;

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
  return [
    ...(renewal && previous?.renewal?.termStartsOn !== renewal.termStartsOn
      ? [
          event('PolicyRenewed', renewal.recognisedAt, renewal.termStartsOn, {
            termStartsOn: renewal.termStartsOn,
            by: renewal.by,
          }),
        ]
      : []),
    ...(ending?.kind === 'lapsed' && endingLearntAt !== undefined && previous?.ending?.on !== ending.on
      ? [event('PolicyLapsed', endingLearntAt, ending.on, { effectiveOn: ending.on })]
      : []),
  ];
};

/** Tells people and systems what is new, before the projection is written: a crash in between tells it again under the
 *  same ids, the other order would tell it never. */
const announce = async (
  { bus, timeline, tasks }: Pick<FollowPorts, 'bus' | 'timeline' | 'tasks'>,
  policy: Policy,
  previous: Policy | undefined,
  now: Instant,
): Promise<void> => {
  for (const entry of policyNews(policy, previous, now)) await timeline.record(entry);
  const events = busEvents(policy, previous);
  if (events.length > 0) await bus.publish(events);
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

interface Known {
  readonly facts: readonly PolicyFact[];
  readonly projection: Projection | undefined;
}

/** Projects policies; those that are new adopt the facts that waited for them. */
const project = async (
  store: FollowPorts['facts'],
  ids: readonly PolicyId[],
  before: ReadonlyMap<PolicyId, Policy>,
  now: Instant,
): Promise<readonly Known[]> => {
  const read = async (policyId: PolicyId): Promise<Known> => {
    const facts = await store.read(policyId);
    return { facts, projection: projectPolicy(facts, now, before.get(policyId)) };
  };
  const known = await Promise.all(ids.map(read));
  const fresh = known.flatMap(({ projection }) =>
    projection && !before.has(projection.policy.policyId) ? [projection.policy] : [],
  );
  const adopted = fresh.length > 0 ? await store.adopt(fresh) : new Set<PolicyId>();
  return Promise.all(ids.map(async (id, n) => (adopted.has(id) ? read(id) : (known[n] as Known))));
};

interface Followed extends PolicyToReconcile {
  readonly changed: boolean;
  readonly knownNext: Instant | undefined;
}

/** Puts policies that are new to a person on that person's list, before their projection says whose they are. */
const noteHoldings = async (
  holdings: FollowPorts['holdings'],
  known: readonly Known[],
  before: ReadonlyMap<PolicyId, Policy>,
): Promise<void> => {
  const added = known.flatMap(({ projection }) => {
    const { policyId, partyId } = projection?.policy ?? {};
    return policyId === undefined || partyId === undefined || before.get(policyId)?.partyId === partyId
      ? []
      : [{ policyId, partyId }];
  });
  if (added.length > 0) await holdings.add(added);
};

/** Brings the projections up to date. @returns those to reconcile, and the ids that another worker wrote in between */
const update = async (ids: readonly PolicyId[], ports: FollowPorts, now: Instant) => {
  const before = await ports.policies.getMany(ids, { consistent: true });
  const known = await project(ports.facts, ids, before, now);
  await noteHoldings(ports.holdings, known, before);
  const outcomes = await Promise.all(
    ids.map(async (policyId, n): Promise<Followed | 'again' | { readonly waitUntil: Instant } | undefined> => {
      const previous = before.get(policyId);
      const { facts, projection } = known[n] as Known;
      const knownNext = nextKnownFrom(facts, now);
      if (!projection) return knownNext === undefined ? undefined : { waitUntil: knownNext };
      const { policy, terms } = projection;
      const changed = !previous || !saysTheSame(policy, previous);
      if (changed) {
        await announce(ports, policy, previous, now);
        if ((await ports.policies.put(policy, previous?.version ?? 0)) === 'refused') return 'again';
      }
      return {
        policy: changed ? policy : previous,
        terms,
        isNew: previous === undefined,
        formerParty: previous?.partyId,
        changed,
        knownNext,
      };
    }),
  );
  const followed: Followed[] = [];
  const again: PolicyId[] = [];
  const waiting: { policyId: PolicyId; at: Instant }[] = [];
  outcomes.forEach((outcome, n) => {
    const policyId = ids[n] as PolicyId;
    if (outcome === 'again') again.push(policyId);
    else if (outcome && 'waitUntil' in outcome) waiting.push({ policyId, at: outcome.waitUntil });
    else if (outcome) followed.push(outcome);
  });
  return { followed, again, waiting };
};

/**
 * Follows a change of policies: projects what is known now, tells what is new, and brings their journeys in line: enrol,
 * move, exit. Looks at the present state only, so that copies and any order of messages end alike, and a run that was
 * cut off is finished by the next (ADR 0043).
 * @throws EngagementError `conflict` (retryable) where other workers kept writing the same policies
 */
export const followPolicies = async (
  policyIds: readonly PolicyId[],
  ports: FollowPorts,
  now: Instant,
): Promise<FollowCounts> => {
  const counts = { changed: 0, enrolled: 0, exited: 0, moved: 0 };
  let ids: readonly PolicyId[] = [...new Set(policyIds)];
  for (let attempt = 1; ids.length > 0; attempt += 1) {
    if (attempt > ATTEMPTS)
      throw new EngagementError('conflict', `${ids.length} policies kept changing meanwhile: try again`, {
        retryable: true,
      });
    const { followed, again, waiting } = await update(ids, ports, now);
    const { looksAgain, ...done } = await reconcile(followed, ports, now);
    const rechecks = followed.flatMap(({ policy, knownNext }) => {
      const at = [knownNext, looksAgain.get(policy.policyId)].filter((each) => each !== undefined);
      return at.length === 0 ? [] : [recheckRow(policy.policyId, Math.min(...at) as Instant)];
    });
    const later = waiting.map(({ policyId, at }) => recheckRow(policyId, at));
    await ports.dueWork.place([...rechecks, ...later], now);
    counts.changed += followed.filter(({ changed }) => changed).length;
    counts.enrolled += done.enrolled;
    counts.exited += done.exited;
    counts.moved += done.moved;
    ids = again;
  }
  return counts;
};
