import { claimFactsOf, customerFactsOf, policyFactsOf } from '../audience/rule-facts.ts';
import type { ClaimFacts, EventProperties, JourneyFacts, RuleSubject, SubjectPart } from '../audience/rule-subject.ts';
import type { Gate, Profile, SendClass } from '../customer/customer.ts';
import type { TraitValues } from '../customer/traits-store.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import type { PolicyFact } from '../policy/facts.ts';
import type { Policy } from '../policy/policy.ts';
import type { Enrolment } from './enrolment.ts';
import { type HistoryReader, historyFactsOf } from './history-facts.ts';
import { reachOf } from './reach.ts';

/** Of whom which parts are wanted. */
export interface WantedSubject {
  readonly partyId: PartyId;
  /** Of a journey about a policy. */
  readonly policyId?: PolicyId | undefined;
  readonly enrolment?: Enrolment | undefined;
  /** Whose messages `reach` is about; service where absent. */
  readonly sendClass?: SendClass | undefined;
  /** Of an event that is being filtered; of an enrolment its own. */
  readonly event?: EventProperties | undefined;
  readonly parts: ReadonlySet<SubjectPart>;
}

/** Where the parts of subjects are read. */
export interface SubjectPorts {
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly gates: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Gate>> };
  readonly traits: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, TraitValues>> };
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  readonly holdings: { of(partyId: PartyId): Promise<readonly PolicyId[]> };
  readonly facts: { read(policyId: PolicyId): Promise<readonly PolicyFact[]> };
  readonly timeline: HistoryReader;
  /** The uploaded lists that persons are on. */
  readonly lists: { of(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, readonly string[]>> };
}

/** Persons whose policies, claims or history are read at a time: each takes calls of its own. */
const WIDTH = 8;
const UTC = 'UTC' as ZoneId;

/** Reads for each of some keys once, several at a time. */
const readEach = async <Id, Found>(
  ids: readonly Id[],
  read: (id: Id) => Promise<Found>,
): Promise<ReadonlyMap<Id, Found>> => {
  const distinct = [...new Set(ids)];
  const found = await inParallel(distinct, WIDTH, read);
  return new Map(distinct.map((id, n) => [id, found[n] as Found]));
};

const journeyFactsOf = ({ reaction, failed = [], enteredAt, zone }: Enrolment): JourneyFacts => ({
  reacted: reaction !== undefined,
  failed,
  enteredOn: civilDateAt(enteredAt, zone),
});

/**
 * What rules may ask about some customers, reading only the parts that are wanted, each in one batched read for all of
 * them. What journey and event say is known without a read and always there. Gates are read strongly, so that a consent
 * taken back before is seen; the rest may be a moment old.
 * @returns one subject per wanted one, in the same order; a part that nobody knows anything of is left out
 */
export const readSubjects = async (
  wanted: readonly WantedSubject[],
  ports: SubjectPorts,
  now: Instant,
): Promise<readonly RuleSubject[]> => {
  const asking = (...parts: readonly SubjectPart[]): readonly WantedSubject[] =>
    wanted.filter((one) => parts.some((part) => one.parts.has(part)));
  const partiesAsking = (...parts: readonly SubjectPart[]): readonly PartyId[] => [
    ...new Set(asking(...parts).map(({ partyId }) => partyId)),
  ];
  const forSome = async <Id, Found>(
    ids: readonly Id[],
    read: (ids: readonly Id[]) => Promise<ReadonlyMap<Id, Found>>,
  ): Promise<ReadonlyMap<Id, Found>> => (ids.length === 0 ? new Map() : read(ids));

  // as far as it is known before anything is read: of a day, that is near enough
  const zones = new Map(wanted.map(({ partyId, enrolment }) => [partyId, enrolment?.zone]));
  const [profiles, gates, traits, lists, held, history] = await Promise.all([
    forSome(partiesAsking('customer', 'reach'), (ids) => ports.profiles.getMany(ids)),
    forSome(partiesAsking('customer', 'reach'), (ids) => ports.gates.getMany(ids)),
    forSome(partiesAsking('customer'), (ids) => ports.traits.getMany(ids)),
    forSome(partiesAsking('lists'), (ids) => ports.lists.of(ids)),
    readEach(partiesAsking('policies', 'claims'), (id) => ports.holdings.of(id)),
    readEach(partiesAsking('history'), (id) => historyFactsOf(ports.timeline, id, zones.get(id) ?? UTC)),
  ]);
  const own = asking('policy').flatMap(({ policyId }) => policyId ?? []);
  const [policies, claims] = await Promise.all([
    forSome([...new Set([...own, ...partiesAsking('policies').flatMap((id) => held.get(id) ?? [])])], (ids) =>
      ports.policies.getMany(ids),
    ),
    readEach(
      partiesAsking('claims').flatMap((id) => held.get(id) ?? []),
      async (id): Promise<readonly ClaimFacts[]> => claimFactsOf(await ports.facts.read(id), now),
    ),
  ]);

  return wanted.map(({ partyId, policyId, enrolment, sendClass = 'service', event = enrolment?.event, parts }) => {
    const [profile, gate] = [profiles.get(partyId), gates.get(partyId)];
    const holding = held.get(partyId) ?? [];
    const policy = policyId && policies.get(policyId);
    const zone = profile?.zone ?? enrolment?.zone ?? gate?.zone ?? policy?.zone ?? UTC;
    return {
      now,
      today: civilDateAt(now, zone),
      ...(parts.has('customer') && profile && { customer: customerFactsOf(profile, gate, traits.get(partyId) ?? {}) }),
      ...(parts.has('policies') && {
        policies: holding.flatMap((id) => {
          const one = policies.get(id);
          // a holding is a hint: the policy says whose it is now
          return one?.partyId === partyId ? [policyFactsOf(one)] : [];
        }),
      }),
      ...(parts.has('claims') && { claims: holding.flatMap((id) => claims.get(id) ?? []) }),
      ...(parts.has('lists') && { lists: lists.get(partyId) ?? [] }),
      ...(parts.has('history') && { history: history.get(partyId) ?? [] }),
      ...(parts.has('policy') && policy && { policy: policyFactsOf(policy) }),
      ...(parts.has('reach') && { reach: reachOf(profile, gate, sendClass) }),
      ...(enrolment && { journey: journeyFactsOf(enrolment) }),
      ...(event && { event }),
    };
  });
};
