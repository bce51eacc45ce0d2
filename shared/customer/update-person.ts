import { EngagementError } from '../platform/errors.ts';
import type { PartyId } from '../platform/ids.ts';
import { sameContent } from '../platform/same-content.ts';
import type { Item, Key, Table } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import type { AddressBook } from './address-book.ts';
import type { ConsentEntry } from './consent.ts';
import { type ConsentLedger, consentItem } from './consent-ledger.ts';
import type { Gate, Profile } from './customer.ts';
import type { Gates } from './gate-store.ts';
import type { Person, Profiles } from './profile-store.ts';
import { consentChanges, isReachable, type JoinedRecord, mergeProfile, withRecord } from './record.ts';
import { recordConsent } from './record-consent.ts';
import { searchItem, searchKeys } from './search.ts';
import type { SourceRef } from './source-record-store.ts';
import type { UnclearRecords } from './unclear-store.ts';

/** What changing a person takes. */
export interface PersonPorts {
  /** For search rows and first consents, which are plain items beside the person. */
  readonly table: Pick<Table, 'writeMany'>;
  readonly profiles: Profiles;
  readonly gates: Pick<Gates, 'create' | 'createMany' | 'getMany' | 'setConsent' | 'setZone' | 'unsuppress'>;
  readonly addresses: AddressBook;
  readonly ledger: Pick<ConsentLedger, 'append'>;
  readonly unclear: UnclearRecords;
}

const ATTEMPTS = 20;

/** What others see of a profile; which records it was made of is not part of it. */
const visible = ({ records: _records, version: _version, ...rest }: Profile): object => rest;

/** Items that many persons' changes add up to, written together in full batches. */
export interface Writes {
  readonly puts: Item[];
  readonly deletes: Key[];
}

type ConsentChange = ReturnType<typeof consentChanges>[number];

const entryOf = (partyId: PartyId, { channel, purpose, state }: ConsentChange, source: string): ConsentEntry => ({
  partyId,
  channel,
  purpose,
  ...state,
  source,
  who: 'source-system',
});

/** The gate of a person made of one record: what the record says about consent, nothing shut, no contacts. */
const gateOf = (profile: Profile, record: JoinedRecord, now: Instant): Gate => ({
  partyId: profile.partyId,
  version: 1,
  consent: Object.fromEntries(
    (record.knownFrom <= now ? consentChanges({}, record.consents, record.asOf) : []).map(
      ({ channel, purpose, state }) => [`${channel}/${purpose}`, state],
    ),
  ),
  suppressed: {},
  situations: [],
  zone: profile.zone,
  recent: {},
});

/**
 * Whoever comes to a mailbox where mail was refused, refuses it too: the mailbox is what was asked to be left alone. After
 * the gates are there and linked to the address: an opt-out that comes meanwhile either finds them or is found (F43).
 */
const refuseAsOthers = async (ports: PersonPorts, profiles: readonly Profile[]): Promise<void> => {
  const refusals = await ports.addresses.refusalsAt(profiles.flatMap(({ email }) => email ?? []));
  for (const { partyId, email } of profiles)
    for (const { purpose, state } of (email === undefined ? undefined : refusals.get(email)) ?? [])
      await recordConsent(ports, entryOf(partyId, { channel: 'email', purpose, state }, 'same-address'));
};

/**
 * Makes persons of one record each, under ids that nobody knows yet. Everything of a person is there before its id is
 * published by the first key, so that nobody finds half of one; the search rows come after, by `makeFindable`, so that
 * nobody finds one that a crash left behind.
 */
export const createPersons = async (
  ports: PersonPorts,
  records: readonly { readonly partyId: PartyId; readonly record: JoinedRecord }[],
  now: Instant,
): Promise<void> => {
  const persons = records.map(({ partyId, record }) => ({
    profile: mergeProfile(partyId, [record], now, 1),
    joined: [record],
  }));
  await ports.addresses.linkMany(
    persons.flatMap(({ profile: { email, partyId } }) => (email === undefined ? [] : [{ address: email, partyId }])),
  );
  await ports.profiles.createMany(persons);
  await ports.gates.createMany(
    persons.map(({ profile, joined: [record] }) => gateOf(profile, record as JoinedRecord, now)),
  );
  await refuseAsOthers(
    ports,
    persons.map(({ profile }) => profile),
  );
  await ports.table.writeMany(
    persons.flatMap(({ profile, joined }) =>
      joined
        .filter(({ knownFrom }) => knownFrom <= now)
        .flatMap(({ consents, asOf, source }) =>
          consentChanges({}, consents, asOf).map((change) => consentItem(entryOf(profile.partyId, change, source))),
        ),
    ),
  );
};

/** Where rules find everybody: new persons are told to it. */
export interface NewPersons {
  /** Takes in those that it does not know yet. */
  createMany(
    persons: readonly { readonly profile: Profile; readonly gate: Gate | undefined }[],
    now: Instant,
  ): Promise<void>;
}

/** Writes the search rows of persons and lets audiences find them. Safe to repeat. */
export const makeFindable = async (
  {
    profiles,
    gates,
    table,
    audienceRows,
  }: Pick<PersonPorts, 'profiles' | 'gates' | 'table'> & { readonly audienceRows: NewPersons },
  ids: readonly PartyId[],
  now: Instant,
): Promise<void> => {
  if (ids.length === 0) return;
  const [persons, gatesOf] = await Promise.all([profiles.persons(ids), gates.getMany(ids)]);
  const found = [...persons.values()].map(({ profile }) => ({ profile, gate: gatesOf.get(profile.partyId) }));
  await table.writeMany(found.flatMap(({ profile }) => searchKeys(profile).map(searchItem)));
  await audienceRows.createMany(found, now);
};

/** Takes back persons that turned out to be somebody else's before anything joined them. The empty gate stays: nothing
 *  leads to it. */
export const discardPersons = async (ports: PersonPorts, ids: readonly PartyId[]): Promise<void> => {
  const persons = await ports.profiles.persons(ids);
  await ports.profiles.removeMany(ids);
  for (const { profile } of persons.values())
    if (profile.email !== undefined) await ports.addresses.unlink(profile.email, profile.partyId);
};

/** Applies what the known records say about consent, and opens channels whose address is a new one. */
const updateGate = async (
  ports: PersonPorts,
  before: Profile | undefined,
  { profile, joined }: Person,
  now: Instant,
) => {
  let gate = (await ports.gates.getMany([profile.partyId])).get(profile.partyId);
  if (!gate) {
    await ports.gates.create(gateOf(profile, { ...(joined[0] as JoinedRecord), consents: [] }, now));
    gate = (await ports.gates.getMany([profile.partyId])).get(profile.partyId);
  }
  if (!gate)
    throw new EngagementError('conflict', `party ${profile.partyId} has no gate after its creation`, {
      retryable: true,
    });
  for (const { consents, asOf, source, knownFrom } of joined) {
    if (knownFrom > now) continue;
    for (const change of consentChanges(gate.consent, consents, asOf))
      await recordConsent(ports, entryOf(profile.partyId, change, source));
  }
  if (gate.zone !== profile.zone) await ports.gates.setZone(profile.partyId, profile.zone);
  // a complaint was about being written to at all: a new address does not undo it
  const isNew = before?.email !== undefined && profile.email !== undefined && before.email !== profile.email;
  if (isNew && gate.suppressed.email !== undefined && gate.suppressed.email !== 'complaint')
    await ports.gates.unsuppress(profile.partyId, 'email');
  const moved = before?.address !== undefined && !sameContent(before.address, profile.address);
  if (moved && gate.suppressed.post !== undefined) await ports.gates.unsuppress(profile.partyId, 'post');
};

/**
 * Search rows, address book, list of unclear records: what follows from a profile. Where the profile was as wanted
 * already, an earlier attempt may have stopped right after writing it: then all of it is written again.
 */
const updateAround = async (
  ports: PersonPorts,
  before: Profile | undefined,
  { profile, joined }: Person,
  again: boolean,
  writes: Writes,
) => {
  const wanted = searchKeys(profile).map(searchItem);
  const had = before ? searchKeys(before).map(searchItem) : [];
  const without = (items: readonly Item[], others: readonly Item[]): Item[] =>
    items.filter(({ pk, sk }) => !others.some((other) => other.pk === pk && other.sk === sk));
  writes.puts.push(...(again ? wanted : without(wanted, had)));
  writes.deletes.push(...without(had, wanted).map(({ pk, sk }) => ({ pk, sk })));
  if (before?.email !== undefined && before.email !== profile.email)
    await ports.addresses.unlink(before.email, profile.partyId);
  if (isReachable(profile) && (again || before === undefined || !isReachable(before)))
    await ports.unclear.resolveMany(joined.map(({ source, key }): SourceRef => ({ source, kind: 'person', key })));
};

/**
 * Puts records into a person and makes the projection again; without records, makes it again for what has become known
 * since. Two workers at the same person repeat until neither overwrites the other.
 * @param writes takes what must be written before the records count as taken over
 * @param isUnfinished whether another attempt began with these records and may have stopped on the way
 * @returns whether anything changed that a message could show or depend on
 */
export const updatePerson = async (
  ports: PersonPorts,
  partyId: PartyId,
  records: readonly JoinedRecord[],
  now: Instant,
  writes: Writes,
  {
    before: read,
    isUnfinished = false,
  }: { readonly before?: Person | undefined; readonly isUnfinished?: boolean } = {},
): Promise<'changed' | 'same'> => {
  let before = read ?? (await ports.profiles.persons([partyId])).get(partyId);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (!before && records.length === 0) return 'same';
    const joined = records.reduce((all, record) => withRecord(all, record, now), [...(before?.joined ?? [])]);
    const version = before?.profile.version ?? 0;
    const profile = mergeProfile(partyId, joined, now, version + 1);
    const same =
      before !== undefined &&
      sameContent({ ...profile, version }, before.profile) &&
      sameContent(joined, before.joined);
    if (profile.email !== undefined && profile.email !== before?.profile.email)
      await ports.addresses.link(profile.email, partyId);
    if (!same) {
      const outcome = await ports.profiles.putPerson({ profile, joined }, version);
      if (outcome.kind === 'refused') {
        before = (await ports.profiles.persons([partyId])).get(partyId);
        continue;
      }
    }
    await updateAround(ports, before?.profile, { profile, joined }, same || isUnfinished, writes);
    const joins = profile.email !== undefined && (isUnfinished || profile.email !== before?.profile.email);
    const shows = before === undefined || !sameContent(visible(before.profile), visible(profile));
    if (shows || records.length === 0 || records.some(({ consents }) => consents.length > 0))
      await updateGate(ports, before?.profile, { profile, joined }, now);
    if (joins) await refuseAsOthers(ports, [profile]);
    return shows ? 'changed' : 'same';
  }
  throw new EngagementError('conflict', `party ${partyId} changed ${ATTEMPTS} times meanwhile: try again`, {
    retryable: true,
  });
};

/** Makes a person's projection again, for records that have become known since. Safe to repeat. */
export const refreshPerson = async (
  ports: PersonPorts,
  partyId: PartyId,
  now: Instant,
): Promise<'changed' | 'same'> => {
  const writes: Writes = { puts: [], deletes: [] };
  const outcome = await updatePerson(ports, partyId, [], now, writes);
  await ports.table.writeMany(writes.puts, writes.deletes);
  return outcome;
};
