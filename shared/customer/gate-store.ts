import { EngagementError } from '../platform/errors.ts';
import type { PartyId, SendId } from '../platform/ids.ts';
import { type Change, type Clause, type Item, itemKey, type Key, type Path, type Table } from '../platform/table.ts';
import { DAY, type Instant, type ZoneId } from '../platform/time.ts';
import type {
  Channel,
  ConsentState,
  Gate,
  Pace,
  Preferences,
  Purpose,
  RecentContact,
  SendClass,
  Situation,
  Suppression,
  Topic,
} from './customer.ts';
import { reservedEntries } from './recent-contacts.ts';

/** How long the gate remembers a contact: longer than any queue keeps a message and than any frequency cap looks back. */
export const RECENT_DAYS = 35;
/** The same for what counts against a pace of one message a quarter (90 days). */
const QUARTER_RECENT_DAYS = 95;

/** What became of an attempt to reserve. */
export type ReserveOutcome =
  /** Ours: every send id stands in the gate with our owner token, now or from an attempt whose reply was lost. */
  | { readonly kind: 'reserved' }
  /** Another owner holds one of the send ids: `contact` is its reservation. */
  | { readonly kind: 'taken'; readonly contact: RecentContact }
  /** The gate changed since it was read (an opt-out, another contact): read it again and decide again. */
  | { readonly kind: 'changed' };

/** The gates of all persons: the one place where contacts of a person are serialised. Reads are strong. */
export interface Gates {
  /** Gates by party; a party without one is missing from the map. */
  getMany(ids: readonly PartyId[]): Promise<Map<PartyId, Gate>>;
  /**
   * The ledger's act: one conditional write that holds only if the gate is as it was read and none of the send ids is
   * there yet. Forgets contacts older than 35 days on the way (95 where a quarterly pace counts them). Safe to call again with the same `contact.owner`.
   * @param sendIds all that one message serves (C5), the message's own id first
   */
  reserve(gate: Gate, sendIds: readonly SendId[], contact: RecentContact): Promise<ReserveOutcome>;
  /** Takes over a reservation whose outcome stayed unknown, from `formerOwner` only. Outcomes as of `reserve`. */
  takeOver(
    gate: Gate,
    sendIds: readonly SendId[],
    formerOwner: string,
    contact: RecentContact,
  ): Promise<ReserveOutcome>;
  /** Gives back own reservations of messages that were surely not sent (the provider was at its limit). */
  release(id: PartyId, sendIds: readonly SendId[], owner: string): Promise<void>;
  /** Notes that a message that was reserved did not reach the customer's mailbox: it is no contact. Its id stays taken.
   *  @param message the message's own id; where the gate does not know it (any more), nothing changes */
  markFailed(id: PartyId, message: SendId): Promise<void>;
  /** Sets a consent unless a later one stands. @returns whether the gate changed @throws `not-found` without a gate */
  setConsent(id: PartyId, channel: Channel, purpose: Purpose, state: ConsentState): Promise<boolean>;
  /** Shuts a channel; of several reasons the strongest stays, whichever came first. @returns whether the gate changed @throws `not-found` without a gate */
  suppress(id: PartyId, channel: Channel, why: Suppression): Promise<boolean>;
  /** Opens a channel again: a new address came, or a person cleared it. @returns whether the gate changed */
  unsuppress(id: PartyId, channel: Channel): Promise<boolean>;
  /** @returns whether the gate changed @throws `not-found` without a gate */
  setSituation(id: PartyId, situation: Situation, on: boolean): Promise<boolean>;
  /** Sets what the customer said on the preference page, whole. @returns whether the gate changed @throws `not-found` without a gate */
  setPreferences(id: PartyId, preferences: Preferences): Promise<boolean>;
  /** Sets the zone whose clock the quiet hours go by. @returns whether the gate changed @throws `not-found` without a gate */
  setZone(id: PartyId, zone: ZoneId): Promise<boolean>;
  /** Makes the gate of a new person; one that exists stays as it is. */
  create(gate: Gate): Promise<void>;
  /** Makes gates in batches, without a look at what is there: for ids that were just drawn and that nobody else knows. */
  createMany(gates: readonly Gate[]): Promise<void>;
}

/** What a person said goes first, a dead mailbox is a fact, soft bounces are a guess. */
const STRENGTH: Readonly<Record<Suppression, number>> = {
  'soft-bounces': 1,
  'returned-mail': 2,
  'hard-bounce': 2,
  'wrong-person': 3,
  complaint: 3,
};

const ATTEMPTS = 20;
const keyOf = (partyId: PartyId): Key => ({ pk: `C#${partyId}`, sk: 'GATE' });

/** A contact as stored: a tuple, because the gate must stay below 1 KB (one write unit) with half a dozen of them. */
type StoredContact = readonly [
  at: number,
  channel: Channel,
  sendClass: SendClass,
  owner: string,
  leaseSeconds: number,
  row: number | null,
  /** `f` failed, `p` paced */
  marks?: 'f' | 'p' | 'fp',
];

const toStored = (contact: RecentContact): StoredContact => {
  const { at, channel, sendClass, owner, leaseUntil, row, failed, paced } = contact;
  const own = [at, channel, sendClass, owner, Math.ceil((leaseUntil - at) / 1_000)] as const;
  const elsewhere = row === undefined || row === at ? null : row;
  const marks = `${failed ? 'f' : ''}${paced ? 'p' : ''}` as '' | NonNullable<StoredContact[6]>;
  return marks === '' ? [...own, elsewhere] : [...own, elsewhere, marks];
};

/** What a send id stands for: its own contact, or the id of the message that it was merged into, whose contact it shares. */
type StoredEntry = StoredContact | string;

const fromStored = ([at, channel, sendClass, owner, leaseSeconds, row, marks]: StoredContact): RecentContact => ({
  at: at as Instant,
  channel,
  sendClass,
  owner,
  leaseUntil: (at + leaseSeconds * 1_000) as Instant,
  ...(row === null ? {} : { row: row as Instant }),
  ...(marks?.includes('f') ? { failed: true } : {}),
  ...(marks?.includes('p') ? { paced: true } : {}),
});

const toEntry = (contact: RecentContact): StoredEntry => contact.message ?? toStored(contact);

/** A reference to a message that is not there any more stands for nothing. */
const fromEntries = (stored: Readonly<Record<string, StoredEntry>>): Record<string, RecentContact> =>
  Object.fromEntries(
    Object.entries(stored).flatMap(([id, entry]): [string, RecentContact][] => {
      if (typeof entry !== 'string') return [[id, fromStored(entry)]];
      const main = stored[entry];
      return main === undefined || typeof main === 'string'
        ? []
        : [[id, { ...fromStored(main), message: entry as SendId }]];
    }),
  );

/** A consent as stored, a tuple for the same reason. */
type StoredConsent = readonly [given: boolean, wording: string, at: number];

const toConsent = ({ given, wording, at }: ConsentState): StoredConsent => [given, wording, at];

/** Preferences as stored, a tuple for the same reason: refused topics, pace, instant until which all is quiet. */
type StoredPreferences = readonly [refused: string, pace: Pace | null, until: number | null];

const toPreferences = ({ refusedTopics, pace, pausedUntil }: Preferences): StoredPreferences => [
  [...refusedTopics].sort().join(' '),
  pace ?? null,
  pausedUntil ?? null,
];

const fromPreferences = ([refused, pace, until]: StoredPreferences): Preferences => ({
  refusedTopics: refused.split(' ').filter((topic) => topic !== '') as Topic[],
  ...(pace === null ? {} : { pace }),
  ...(until === null ? {} : { pausedUntil: until as Instant }),
});

const mapValues = <From, To>(map: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));

const toItem = (gate: Gate): Item => ({
  ...keyOf(gate.partyId),
  entity: 'Gate',
  schemaVersion: 1,
  v: gate.version,
  zone: gate.zone,
  consent: mapValues(gate.consent as Record<string, ConsentState>, toConsent),
  shut: gate.suppressed,
  sit: Object.fromEntries(gate.situations.map((situation) => [situation, true])),
  ...(gate.preferences === undefined ? {} : { pref: toPreferences(gate.preferences) }),
  recent: mapValues(gate.recent, toEntry),
});

const fromItem = (partyId: PartyId, item: Item): Gate => ({
  partyId,
  version: item.v as number,
  zone: item.zone as ZoneId,
  consent: mapValues(item.consent as Record<string, StoredConsent>, ([given, wording, at]) => ({
    given,
    wording,
    at: at as Instant,
  })),
  suppressed: item.shut as Gate['suppressed'],
  situations: Object.keys(item.sit as object).sort() as Situation[],
  ...(item.pref === undefined ? {} : { preferences: fromPreferences(item.pref as StoredPreferences) }),
  recent: fromEntries(item.recent as Record<string, StoredEntry>),
});

/** How many days a contact is remembered. */
const daysKept = (gate: Gate, { paced }: RecentContact): number =>
  paced && gate.preferences?.pace === 'quarterly' ? QUARTER_RECENT_DAYS : RECENT_DAYS;

/** Gates over the table. */
export const createGates = (table: Table): Gates => {
  const read = async (partyId: PartyId): Promise<Gate | undefined> => {
    const item = await table.get(keyOf(partyId), { consistent: true });
    return item && fromItem(partyId, item);
  };

  /** One write on the version read; a refusal may hide our own earlier success, so the gate is asked who holds it. */
  const write = async (
    gate: Gate,
    sendIds: readonly SendId[],
    contact: RecentContact,
    clauses: readonly Clause[],
    formerOwner?: string,
  ): Promise<ReserveOutcome> => {
    const mine = new Set<string>(sendIds);
    const old = Object.entries(gate.recent)
      .filter(([id, known]) => known.at < contact.at - daysKept(gate, known) * DAY && !mine.has(id))
      .map(([id]): Path => ['recent', id]);
    const outcome = await table.update(
      keyOf(gate.partyId),
      {
        set: reservedEntries(sendIds, contact).map(([id, entry]) => ({
          path: ['recent', id] as const,
          value: toEntry(entry),
        })),
        remove: old,
        add: [{ path: ['v'], by: 1 }],
      },
      [{ path: ['v'], is: gate.version }, ...clauses],
    );
    if (outcome.kind === 'written') return { kind: 'reserved' };
    const now = await read(gate.partyId);
    const held = sendIds.map((id) => now?.recent[id]);
    if (held.every((found) => found?.owner === contact.owner)) return { kind: 'reserved' };
    const foreign = held.find((found) => found && found.owner !== contact.owner && found.owner !== formerOwner);
    return foreign ? { kind: 'taken', contact: foreign } : { kind: 'changed' };
  };

  /** Reads, decides and writes on the version read until no one comes in between. */
  const change = async (id: PartyId, decide: (gate: Gate) => Change | undefined): Promise<boolean> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const gate = await read(id);
      if (!gate) throw new EngagementError('not-found', `party ${id} has no gate: create it with the profile`);
      const wanted = decide(gate);
      if (!wanted) return false;
      const add = [{ path: ['v'] as const, by: 1 }];
      const outcome = await table.update(keyOf(id), { ...wanted, add }, [{ path: ['v'], is: gate.version }]);
      if (outcome.kind === 'written') return true;
    }
    throw new EngagementError('conflict', `gate of party ${id} changed ${ATTEMPTS} times meanwhile: try again`, {
      retryable: true,
    });
  };

  return {
    async getMany(ids) {
      const items = await table.getMany(ids.map(keyOf), { consistent: true });
      const found = new Map<PartyId, Gate>();
      for (const id of ids) {
        const item = items.get(itemKey(keyOf(id)));
        if (item) found.set(id, fromItem(id, item));
      }
      return found;
    },

    reserve: (gate, sendIds, contact) =>
      write(
        gate,
        sendIds,
        contact,
        sendIds.map((id) => ({ path: ['recent', id], absent: true })),
      ),

    async takeOver(gate, sendIds, formerOwner, contact) {
      // lists cannot be compared in a condition; the version pins what was read
      const foreign = sendIds.map((id) => gate.recent[id]).find((held) => held && held.owner !== formerOwner);
      if (foreign) return foreign.owner === contact.owner ? { kind: 'reserved' } : { kind: 'taken', contact: foreign };
      return write(gate, sendIds, contact, [], formerOwner);
    },

    async release(id, sendIds, owner) {
      await change(id, (gate) => {
        const own = sendIds.filter((sendId) => gate.recent[sendId]?.owner === owner);
        return own.length === 0 ? undefined : { remove: own.map((sendId): Path => ['recent', sendId]) };
      });
    },

    async markFailed(id, message) {
      if ((await read(id))?.recent[message] === undefined) return;
      await change(id, (gate) => {
        const contact = gate.recent[message];
        return contact === undefined || contact.message !== undefined || contact.failed
          ? undefined
          : { set: [{ path: ['recent', message], value: toStored({ ...contact, failed: true }) }] };
      });
    },

    setConsent: (id, channel, purpose, state) =>
      change(id, (gate) => {
        const known = gate.consent[`${channel}/${purpose}`];
        // of two said at the same instant the refusal stands, whichever comes first
        const later = known && (known.at > state.at || (known.at === state.at && !known.given));
        const same = known && known.at === state.at && known.given === state.given && known.wording === state.wording;
        return later || same
          ? undefined
          : { set: [{ path: ['consent', `${channel}/${purpose}`], value: toConsent(state) }] };
      }),

    suppress: (id, channel, why) =>
      change(id, (gate) => {
        const known = gate.suppressed[channel];
        if (known && STRENGTH[known] >= STRENGTH[why]) return undefined;
        return { set: [{ path: ['shut', channel], value: why }] };
      }),

    unsuppress: (id, channel) =>
      change(id, (gate) => (gate.suppressed[channel] ? { remove: [['shut', channel]] } : undefined)),

    setSituation: (id, situation, on) =>
      change(id, (gate) => {
        if (gate.situations.includes(situation) === on) return undefined;
        return on ? { set: [{ path: ['sit', situation], value: true }] } : { remove: [['sit', situation]] };
      }),

    setPreferences: (id, preferences) =>
      change(id, (gate) => {
        const wanted = toPreferences(preferences);
        const known = gate.preferences && toPreferences(gate.preferences);
        return known && wanted.every((part, n) => part === known[n])
          ? undefined
          : { set: [{ path: ['pref'], value: wanted }] };
      }),

    setZone: (id, zone) =>
      change(id, (gate) => (gate.zone === zone ? undefined : { set: [{ path: ['zone'], value: zone }] })),

    async create(gate) {
      await table.put(toItem(gate), [{ path: ['pk'], absent: true }]);
    },

    createMany: (gates) => table.writeMany(gates.map(toItem)),
  };
};
