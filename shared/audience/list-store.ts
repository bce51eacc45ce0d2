import { type PartyId, shardOf } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import { type Item, type Key, queryAll, type Table, type WriteOutcome } from '../platform/table.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import type { AudienceRows } from './audience-rows.ts';
import type { Label } from './field.ts';

/** An uploaded list (名单) of customers. */
export interface CustomerList {
  readonly id: string;
  readonly title: Label;
  /** Who answers for it: an opaque user id. */
  readonly owner: string;
  /** The last day, by the customer's calendar, on which the list counts. */
  readonly expiresOn: CivilDate;
  readonly updatedAt: Instant;
  /** Rises with every change; the condition of the next one. */
  readonly version: number;
}

/** The uploaded lists and who is on them. */
export interface Lists {
  get(id: string): Promise<CustomerList | undefined>;
  all(): Promise<readonly CustomerList[]>;
  put(list: CustomerList, expectedVersion: number): Promise<WriteOutcome['kind']>;
  /** Deletes the list: nobody is on it any more, whatever their rows still say; so its id is never given again. */
  remove(id: string, expectedVersion: number): Promise<WriteOutcome['kind']>;
  /** Puts people on a list; again is no change. Safe to repeat after a fault. */
  add(id: string, members: readonly PartyId[], now: Instant): Promise<void>;
  /** Takes people off a list. */
  drop(id: string, members: readonly PartyId[]): Promise<void>;
  /** How many are on it, counted now. */
  count(id: string): Promise<number>;
}

const PARTITION = 'LISTS';
const SHARDS = 16;
const WIDTH = 16;
const memberKey = (id: string, partyId: PartyId): Key => ({
  pk: `LIST#${id}#${shardOf(partyId, SHARDS)}`,
  sk: partyId,
});
/** Undefined for one that was deleted. */
const fromItem = (item: Item): CustomerList | undefined => item.list as CustomerList | undefined;

/** Lists over the table: `LISTS` / `<id>`, members `LIST#<id>#<0–15>` / `<partyId>`; each member's audience row says so too. */
export const createLists = (table: Table, rows: Pick<AudienceRows, 'setList'>): Lists => {
  const write = async (id: string, attributes: object, expectedVersion: number): Promise<WriteOutcome['kind']> => {
    const { kind } = await table.put(
      { pk: PARTITION, sk: id, entity: 'CustomerList', schemaVersion: 1, ...attributes },
      [expectedVersion === 0 ? { path: ['pk'], absent: true } : { path: ['version'], is: expectedVersion }],
    );
    return kind;
  };
  return {
    async get(id) {
      const item = await table.get({ pk: PARTITION, sk: id }, { consistent: true });
      return item && fromItem(item);
    },

    async all() {
      const found: CustomerList[] = [];
      for await (const item of queryAll(table, { pk: PARTITION })) {
        const list = fromItem(item);
        if (list) found.push(list);
      }
      return found;
    },

    put: (list, expectedVersion) => write(list.id, { version: list.version, list }, expectedVersion),

    remove: (id, expectedVersion) => write(id, { version: expectedVersion + 1 }, expectedVersion),

    async add(id, members, now) {
      const distinct = [...new Set(members)];
      await table.writeMany(
        distinct.map((partyId) => ({ ...memberKey(id, partyId), entity: 'ListMember', schemaVersion: 1, at: now })),
      );
      await inParallel(distinct, WIDTH, (partyId) => rows.setList(partyId, id, true));
    },

    async drop(id, members) {
      const distinct = [...new Set(members)];
      await inParallel(distinct, WIDTH, (partyId) => rows.setList(partyId, id, false));
      await table.writeMany(
        [],
        distinct.map((partyId) => memberKey(id, partyId)),
      );
    },

    async count(id) {
      const counts = await inParallel(
        Array.from({ length: SHARDS }, (_, shard) => shard),
        SHARDS,
        async (shard) => {
          let found = 0;
          let after: string | undefined;
          do {
            const page = await table.query({ pk: `LIST#${id}#${shard}`, ...(after === undefined ? {} : { after }) });
            found += page.items.length;
            after = page.next;
          } while (after !== undefined);
          return found;
        },
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
};
