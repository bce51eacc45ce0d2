import type { AudienceRows } from '../audience/audience-rows.ts';
import type { AudienceFollower } from '../audience/follow-audiences.ts';
import { claimFactsOf, policyFactsOf } from '../audience/rule-facts.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { PolicyFact } from '../policy/facts.ts';
import type { PolicyFacts } from '../policy/facts-store.ts';
import type { Holdings } from '../policy/holding-store.ts';
import type { Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import { nextKnownFrom, type Projection, projectPolicy, saysTheSame } from '../policy/project-policy.ts';
import { type AnnouncePorts, announce } from './announce-policy.ts';
import type { DueWork } from './due-work.ts';
import { isToldByPerson } from './occasions.ts';
import { type PeoplePorts, readPeople } from './people.ts';
import { nextEntry, type PolicyToReconcile, type ReconcilePorts, reconcilePolicies } from './reconcile.ts';
import { partyRecheckRow, recheckRow } from './step-row.ts';

/** Everything that following a change needs from outside. */
export interface FollowPorts extends ReconcilePorts, PeoplePorts, AnnouncePorts {
  readonly facts: Pick<PolicyFacts, 'read' | 'adopt'>;
  readonly policies: Pick<Policies, 'getMany' | 'put'>;
  readonly holdings: Pick<Holdings, 'add'>;
  readonly dueWork: Pick<DueWork, 'place'>;
  /** The audiences' copy of what rules can ask, kept with every change. */
  readonly audienceRows: Pick<AudienceRows, 'setPolicies' | 'dropPolicy'>;
  /** Who entered or left a watched audience by that. */
  readonly audienceFollower: AudienceFollower;
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

/** Has persons looked at again who hold a policy from now on, when a journey about themselves may begin. */
const lookAtHolders = async (
  parties: readonly PartyId[],
  ports: Pick<FollowPorts, 'campaigns' | 'profiles' | 'dueWork' | 'letterDueIn'>,
  now: Instant,
): Promise<void> => {
  const live = (await ports.campaigns.entering()).filter(({ definition }) => isToldByPerson(definition));
  if (live.length === 0) return;
  const profiles = await ports.profiles.getMany([...new Set(parties)]);
  const rows = [...profiles.values()].flatMap((profile) => {
    const at = nextEntry(live, profile, now, ports.letterDueIn);
    return at === undefined ? [] : [partyRecheckRow(profile.partyId, at)];
  });
  await ports.dueWork.place(rows, now);
};

/** Puts policies that are new to a person on that person's list, before their projection says whose they are.
 *  @returns those persons */
const noteHoldings = async (
  holdings: FollowPorts['holdings'],
  known: readonly Known[],
  before: ReadonlyMap<PolicyId, Policy>,
): Promise<readonly PartyId[]> => {
  const added = known.flatMap(({ projection }) => {
    const { policyId, partyId } = projection?.policy ?? {};
    return policyId === undefined || partyId === undefined || before.get(policyId)?.partyId === partyId
      ? []
      : [{ policyId, partyId }];
  });
  if (added.length > 0) await holdings.add(added);
  return added.map(({ partyId }) => partyId);
};

/** Keeps the audiences' copy of what rules can ask of policies. */
const noteForAudiences = async (
  audienceRows: FollowPorts['audienceRows'],
  followed: readonly Followed[],
  now: Instant,
): Promise<void> => {
  const entries = followed.flatMap(({ policy, claims }) =>
    policy.partyId === undefined ? [] : [{ partyId: policy.partyId, policy: policyFactsOf(policy), claims }],
  );
  if (entries.length > 0) await audienceRows.setPolicies(entries, now);
  for (const { policy, formerParty } of followed)
    if (formerParty !== undefined && formerParty !== policy.partyId)
      await audienceRows.dropPolicy(formerParty, policy.policyId);
};

/** Brings the projections up to date. @returns those to reconcile, and the ids that another worker wrote in between */
const update = async (ids: readonly PolicyId[], ports: FollowPorts, now: Instant) => {
  const before = await ports.policies.getMany(ids, { consistent: true });
  const known = await project(ports.facts, ids, before, now);
  const holders = await noteHoldings(ports.holdings, known, before);
  if (holders.length > 0) await lookAtHolders(holders, ports, now);
  const outcomes = await Promise.all(
    ids.map(async (policyId, n): Promise<Followed | 'again' | { readonly waitUntil: Instant } | undefined> => {
      const previous = before.get(policyId);
      const { facts, projection } = known[n] as Known;
      const knownNext = nextKnownFrom(facts, now);
      if (!projection) return knownNext === undefined ? undefined : { waitUntil: knownNext };
      const { policy } = projection;
      const changed = !previous || !saysTheSame(policy, previous);
      if (changed) {
        await announce(ports, policy, previous, now);
        if ((await ports.policies.put(policy, previous?.version ?? 0)) === 'refused') return 'again';
      }
      return {
        policy: changed ? policy : previous,
        claims: claimFactsOf(facts, now),
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
    const parties = [
      ...new Set(
        followed.flatMap(({ policy: { partyId }, formerParty }) =>
          [partyId, formerParty].filter((id) => id !== undefined),
        ),
      ),
    ];
    const people = await readPeople(parties, ports);
    const done = await reconcilePolicies(followed, people, ports, now);
    const begins = Map.groupBy(done.later, ({ about }) => about.policyId);
    const rechecks = followed.flatMap(({ policy, knownNext }) => {
      const at = [knownNext, ...(begins.get(policy.policyId) ?? []).map((each) => each.at)];
      const known = at.filter((each) => each !== undefined);
      return known.length === 0 ? [] : [recheckRow(policy.policyId, Math.min(...known) as Instant)];
    });
    const unprojected = waiting.map(({ policyId, at }) => recheckRow(policyId, at));
    await ports.dueWork.place([...done.rows, ...rechecks, ...unprojected], now);
    await noteForAudiences(ports.audienceRows, followed, now);
    await ports.audienceFollower.follow(parties, now);
    counts.changed += followed.filter(({ changed }) => changed).length;
    counts.enrolled += done.enrolled;
    counts.exited += done.exited;
    counts.moved += done.moved;
    ids = again;
  }
  return counts;
};
