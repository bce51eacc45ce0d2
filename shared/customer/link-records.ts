import { EngagementError } from '../platform/errors.ts';
import type { Ids, PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Instant } from '../platform/time.ts';
import { matchKeysOf } from './match-key.ts';
import type { KeyHash, MatchKeys } from './match-key-store.ts';
import { type HashedKey, latestVersions, placeRecord, recordContent } from './place-record.ts';
import type { Person } from './profile-store.ts';
import { isReachable, type JoinedRecord, type JoinReason, type PersonData, type PersonRecord } from './record.ts';
import { type SourceRecord, type SourceRecords, type SourceRef, sourceKey } from './source-record-store.ts';
import type { Unclear } from './unclear-store.ts';
import {
  createPersons,
  discardPersons,
  makeFindable,
  type NewPersons,
  type PersonPorts,
  updatePerson,
  type Writes,
} from './update-person.ts';

export interface LinkPorts extends PersonPorts {
  readonly sources: SourceRecords;
  readonly keys: MatchKeys;
  readonly ids: Ids;
  readonly audienceRows: NewPersons;
  /** Hash of a text, the same in every process. */
  readonly hash: (text: string) => string;
}

/** A person's record as a file brings it. */
export interface IncomingRecord {
  readonly record: PersonRecord;
  /** Whether a policy names this person as its holder: somebody who must be reachable. */
  readonly isHolder: boolean;
  /** Whether what it leaves out stays as it was (a delta) rather than goes (a snapshot). */
  readonly isPartial: boolean;
  /** Only the number is known, from a row about something else: holds the place until the source's own row comes. */
  readonly isPlaceholder: boolean;
}

export interface LinkOutcome {
  /** The party of each record, by `personKey`. */
  readonly parties: ReadonlyMap<string, PartyId>;
  /** Records that were new or said something new, by `personKey`. */
  readonly taken: ReadonlySet<string>;
  /** Parties that others must look at again. */
  readonly changed: readonly PartyId[];
  /** Parties that must be looked at again once a record becomes known. */
  readonly waiting: readonly { readonly partyId: PartyId; readonly at: Instant }[];
}

const WIDTH = 16;
const ROUNDS = 8;

const refOf = ({ source, key }: { source: string; key: string }): SourceRef => ({ source, kind: 'person', key });
/** How `LinkOutcome.parties` names a record. */
export const personKey = (source: string, key: string): string => sourceKey(refOf({ source, key }));

/** A record on its way into a party. */
interface Plan {
  readonly incoming: IncomingRecord;
  readonly hash: string;
  readonly keys: readonly HashedKey[];
  /** Those that nobody had when it was planned. */
  readonly free: readonly HashedKey[];
  readonly former?: SourceRecord;
  partyId: PartyId;
  reason: JoinReason;
  /** Made for this record in this round; nobody knows it until a key is claimed. */
  isFresh: boolean;
  candidates: PartyId[];
}

const joinedOf = ({ incoming: { record, isPartial }, reason, former }: Plan, now: Instant): JoinedRecord => {
  const { source, key, scope, asOf, knownFrom, authority, data, consents } = record;
  const merged = isPartial ? { ...(former?.data as PersonData | undefined), ...data } : data;
  return { source, key, scope, asOf, knownFrom, authority, data: merged, consents, joinedBy: reason, joinedAt: now };
};

/**
 * Links persons' records to parties (ADR 0032) and keeps projection, gate, search rows and address book in step. Done
 * again with the same records it changes nothing; two workers at the same person end at the same party. The order of
 * writes carries that: person and gate first, under an id nobody knows; then the match keys, put if absent, strongest
 * first; then the joined person's projection; the source record last. Whatever a crash leaves undone is done again by
 * the next attempt, because the source record does not say yet that it was done.
 * @param origin `<importId>/<chunk>`: what an earlier attempt of it wrote is announced again
 */
export const linkRecords = async (
  ports: LinkPorts,
  incoming: readonly IncomingRecord[],
  { now, origin }: { readonly now: Instant; readonly origin: string },
): Promise<LinkOutcome> => {
  const run: Run = {
    now,
    origin,
    parties: new Map(),
    taken: new Set(),
    fresh: new Set(),
    changed: new Set(),
    waiting: new Map(),
  };
  let pending: IncomingRecord[] = latestVersions(incoming);
  for (let round = 0; pending.length > 0; round += 1) {
    if (round === ROUNDS)
      throw new EngagementError(
        'conflict',
        `${pending.length} records were changed by others ${ROUNDS} times: try again`,
        {
          retryable: true,
        },
      );
    const { plans, older } = await planRound(ports, pending, run);
    await ports.sources.keepOlder(older);
    pending = await carryOut(ports, plans, run);
  }
  await makeFindable(ports, [...run.fresh], now);
  return { parties: run.parties, taken: run.taken, changed: [...run.changed], waiting: [...run.waiting.values()] };
};

/** One call's occasion and what it has found so far. */
interface Run {
  readonly now: Instant;
  readonly origin: string;
  readonly parties: Map<string, PartyId>;
  readonly taken: Set<string>;
  /** Persons whose search rows are not written yet, or may not be. */
  readonly fresh: Set<PartyId>;
  readonly changed: Set<PartyId>;
  readonly waiting: Map<string, { partyId: PartyId; at: Instant }>;
}

const settle = (run: Run, { record }: IncomingRecord, partyId: PartyId): void => {
  run.parties.set(sourceKey(refOf(record)), partyId);
  if (record.knownFrom > run.now) run.waiting.set(`${partyId} ${record.knownFrom}`, { partyId, at: record.knownFrom });
};

/** Reads what is known of the records and decides where each belongs; records that say nothing new end here. */
const planRound = async (
  ports: LinkPorts,
  pending: readonly IncomingRecord[],
  run: Run,
): Promise<{ plans: Plan[]; older: SourceRecord[] }> => {
  const refs = pending.flatMap(({ record }) => [refOf(record), ...record.sameAs.map(refOf)]);
  const formers = await ports.sources.getMany(refs);
  const candidates: Pick<Plan, 'incoming' | 'hash' | 'keys' | 'former'>[] = [];
  const older: SourceRecord[] = [];
  for (const incoming of pending) {
    const { record, isPlaceholder } = incoming;
    const hash = isPlaceholder ? '' : ports.hash(recordContent(record));
    const former = formers.get(sourceKey(refOf(record)));
    if (former?.partyId !== undefined && (isPlaceholder || former.hash === hash)) {
      settle(run, incoming, former.partyId);
      if (former.origin === run.origin) {
        run.changed.add(former.partyId);
        run.fresh.add(former.partyId);
        run.taken.add(sourceKey(former.ref));
      }
      continue;
    }
    if (former?.partyId !== undefined && former.asOf > record.asOf) {
      settle(run, incoming, former.partyId);
      older.push({ ...former, hash, asOf: record.asOf, origin: run.origin, data: record.data });
      continue;
    }
    const keys = matchKeysOf(record).map((key) => ({ kind: key.kind, hash: ports.keys.hash(key) }));
    candidates.push({ incoming, hash, keys, ...(former ? { former } : {}) });
  }
  const holders = await ports.keys.getMany(candidates.flatMap(({ keys }) => keys.map(({ hash }) => hash)));
  return { plans: candidates.map((candidate) => planOne(ports, candidate, formers, holders)), older };
};

const planOne = (
  ports: LinkPorts,
  candidate: Pick<Plan, 'incoming' | 'hash' | 'keys' | 'former'>,
  formers: ReadonlyMap<string, SourceRecord>,
  holders: Map<KeyHash, PartyId>,
): Plan => {
  const { incoming, keys, former } = candidate;
  const free = keys.filter(({ hash }) => !holders.has(hash));
  const plan = (partyId: PartyId, reason: JoinReason, isFresh: boolean, candidates: PartyId[] = []): Plan => {
    // later records of this batch find what this one will claim
    if (candidates.length === 0) for (const { hash } of free) holders.set(hash, partyId);
    return { ...candidate, free, partyId, reason, isFresh, candidates };
  };
  if (former?.partyId !== undefined) {
    const own = former.partyId;
    const others = keys.flatMap(({ hash }) => holders.get(hash) ?? []).filter((held) => held !== own);
    return plan(own, 'first', false, [...new Set(others)]);
  }
  const stated = incoming.record.sameAs.flatMap((ref) => formers.get(sourceKey(refOf(ref)))?.partyId ?? []);
  const placement = placeRecord(keys, stated, holders);
  if (placement.kind === 'join') return plan(placement.partyId, placement.reason, false);
  const fresh = ports.ids.next() as PartyId;
  return plan(fresh, 'first', true, placement.kind === 'unclear' ? [...placement.candidates] : []);
};

/** Claims the keys of one plan, strongest first. Who loses the first of a fresh person joins the winner instead. */
const claimKeys = async (ports: LinkPorts, plan: Plan, aliases: Map<PartyId, PartyId>): Promise<void> => {
  if (plan.candidates.length > 0) return;
  let claimed = false;
  for (const { kind, hash } of plan.free) {
    const holder = await ports.keys.claim(hash, plan.partyId);
    if (holder === plan.partyId) {
      claimed = true;
    } else if (plan.isFresh && !claimed) {
      aliases.set(plan.partyId, holder);
      Object.assign(plan, { partyId: holder, reason: kind, isFresh: false });
    } else {
      plan.candidates.push(holder);
    }
  }
};

/** Does what was planned, in the order that makes it safe to stop anywhere. @returns what others were faster at */
const carryOut = async (ports: LinkPorts, plans: readonly Plan[], run: Run): Promise<IncomingRecord[]> => {
  const { now, origin } = run;
  const fresh = plans.filter(({ isFresh }) => isFresh);
  await createPersons(
    ports,
    fresh.map((plan) => ({ partyId: plan.partyId, record: joinedOf(plan, now) })),
    now,
  );

  const aliases = new Map<PartyId, PartyId>();
  // a fresh person's keys first: who loses them is no longer fresh and joins with the others below
  await inParallel(fresh, WIDTH, (plan) => claimKeys(ports, plan, aliases));
  if (aliases.size > 0) await discardPersons(ports, [...aliases.keys()]);
  const settled = plans.filter(({ isFresh }) => !isFresh);
  for (const plan of settled) plan.partyId = aliases.get(plan.partyId) ?? plan.partyId;
  await inParallel(settled, WIDTH, (plan) => claimKeys(ports, plan, aliases));

  const writes: Writes = { puts: [], deletes: [] };
  const byParty = Map.groupBy(settled, ({ partyId }) => partyId);
  const persons = await ports.profiles.persons([...byParty.keys()]);
  await inParallel([...byParty], WIDTH, async ([partyId, members]) => {
    const records = members.map((plan) => joinedOf(plan, now));
    const before = persons.get(partyId);
    // in the person, and yet not taken over by its source's number
    const isUnfinished = members.some((plan) => plan.former === undefined && isPartOf(plan, before));
    const outcome = await updatePerson(ports, partyId, records, now, writes, { before, isUnfinished });
    if (outcome === 'changed') run.changed.add(partyId);
  });
  await ports.table.writeMany(writes.puts, writes.deletes);
  await ports.unclear.writeMany(unclearOf(plans, persons, now));

  const lost: IncomingRecord[] = [];
  await inParallel(plans, WIDTH, async (plan) => {
    const { incoming, hash, former, partyId } = plan;
    const ref = refOf(incoming.record);
    const data = joinedOf(plan, now).data;
    const record: SourceRecord = { ref, hash, asOf: incoming.record.asOf, origin, partyId, data };
    const outcome = former ? await ports.sources.replace(record, former) : await ports.sources.claim(record);
    if (outcome.kind === 'refused') {
      lost.push(incoming);
      await yieldParty(ports, plan);
    } else {
      settle(run, incoming, partyId);
      run.taken.add(sourceKey(ref));
    }
    // whoever took the record over, this one made the person
    if (!plan.isFresh) return;
    run.fresh.add(partyId);
    // a holder is looked at with the policy; nobody would look at anybody else
    if (!incoming.isHolder) run.changed.add(partyId);
  });
  return lost;
};

/** Another worker took the same record over with another party: the keys of ours, if nobody else has it, go to theirs. */
const yieldParty = async (ports: LinkPorts, plan: Plan): Promise<void> => {
  if (!plan.isFresh) return;
  const ref = refOf(plan.incoming.record);
  const winner = (await ports.sources.getMany([ref])).get(sourceKey(ref))?.partyId;
  if (winner === undefined || winner === plan.partyId) return;
  for (const { hash } of plan.keys) await ports.keys.hand(hash, plan.partyId, winner);
  const others = (await ports.profiles.persons([plan.partyId])).get(plan.partyId)?.joined.length ?? 0;
  if (others === 1) await discardPersons(ports, [plan.partyId]);
};

const isPartOf = ({ incoming: { record } }: Plan, person: Person | undefined): boolean =>
  person?.joined.some(({ source, key }) => source === record.source && key === record.key) ?? false;

/** True where the party is made of this record and no other. */
const standsAlone = ({ incoming: { record }, isFresh }: Plan, person: Person | undefined): boolean =>
  isFresh || (person?.joined.every(({ source, key }) => source === record.source && key === record.key) ?? false);

const unclearOf = (plans: readonly Plan[], persons: ReadonlyMap<PartyId, Person>, now: Instant): Unclear[] =>
  plans.flatMap((plan): Unclear[] => {
    const { incoming, partyId, candidates } = plan;
    const entry = { ref: refOf(incoming.record), partyId, candidates, at: now };
    if (candidates.length > 0) return [{ ...entry, reason: 'two-parties' }];
    if (!incoming.isHolder || isReachable(incoming.record.data)) return [];
    return standsAlone(plan, persons.get(partyId)) ? [{ ...entry, reason: 'no-contact-data' }] : [];
  });
