import type { PartyId } from '../platform/ids.ts';
import { type Item, itemKey, type Key, type Table, type WriteOutcome } from '../platform/table.ts';
import type { Profile } from './customer.ts';
import type { JoinedRecord } from './record.ts';

/** A person's projection with the records it was made of, so that it can be made again when one of them changes. */
export interface Person {
  readonly profile: Profile;
  readonly joined: readonly JoinedRecord[];
}

/** The projections of all persons: `C#<partyId>` / `PROFILE`. */
export interface Profiles {
  get(id: PartyId): Promise<Profile | undefined>;
  /** Those that exist, by party. */
  getMany(ids: readonly PartyId[]): Promise<Map<PartyId, Profile>>;
  /** Replaces the projection and leaves its records alone. Refused where another writer was first: read again.
   *  @param expectedVersion the version read; 0 where there was none */
  put(profile: Profile, expectedVersion: number): Promise<WriteOutcome>;
  /** With their records, read strongly. */
  persons(ids: readonly PartyId[]): Promise<Map<PartyId, Person>>;
  /** Writes projection and records. Refusal as of `put`. */
  putPerson(person: Person, expectedVersion: number): Promise<WriteOutcome>;
  /** Writes persons without a look at what is there: for ids that were just drawn and that nobody else knows yet. */
  createMany(persons: readonly Person[]): Promise<void>;
  /** Takes back what `createMany` wrote. */
  removeMany(ids: readonly PartyId[]): Promise<void>;
}

const keyOf = (id: PartyId): Key => ({ pk: `C#${id}`, sk: 'PROFILE' });

const toItem = ({ profile, joined }: Person): Item => ({
  ...keyOf(profile.partyId),
  entity: 'Profile',
  schemaVersion: 1,
  v: profile.version,
  profile,
  joined,
});

const toPerson = (item: Item): Person => ({
  profile: item.profile as Profile,
  joined: (item.joined as readonly JoinedRecord[] | undefined) ?? [],
});

/** Profiles over the table. */
export const createProfiles = (table: Table): Profiles => {
  const expecting = (version: number) =>
    version === 0 ? [{ path: ['pk'] as const, absent: true as const }] : [{ path: ['v'] as const, is: version }];
  const read = async (ids: readonly PartyId[], consistent: boolean): Promise<Map<PartyId, Person>> => {
    const items = await table.getMany(ids.map(keyOf), { consistent });
    const found = new Map<PartyId, Person>();
    for (const id of ids) {
      const item = items.get(itemKey(keyOf(id)));
      if (item) found.set(id, toPerson(item));
    }
    return found;
  };
  return {
    async get(id) {
      const item = await table.get(keyOf(id));
      return item && toPerson(item).profile;
    },

    async getMany(ids) {
      return new Map([...(await read(ids, false))].map(([id, { profile }]) => [id, profile]));
    },

    persons: (ids) => read(ids, true),

    put: (profile, expectedVersion) =>
      table.update(
        keyOf(profile.partyId),
        {
          set: Object.entries({ entity: 'Profile', schemaVersion: 1, v: profile.version, profile }).map(
            ([name, value]) => ({ path: [name] as const, value }),
          ),
        },
        expecting(expectedVersion),
      ),

    putPerson: (person, expectedVersion) => table.put(toItem(person), expecting(expectedVersion)),

    createMany: (persons) => table.writeMany(persons.map(toItem)),

    removeMany: (ids) => table.writeMany([], ids.map(keyOf)),
  };
};
