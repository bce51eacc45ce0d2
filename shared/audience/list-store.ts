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
  /** Forgets the list: nobody is on it any more, whatever their rows still say. */
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
const fromItem = (item: Item): CustomerList => item.list as CustomerList;

/** Lists over the table: `LISTS` / `<id>`, members `LIST#<id>#<0–15>` / `<partyId>`; each member's audience row says so too. */
export const createLists = (table: Table, rows: Pick<AudienceRows, 'setList'>): Lists => ({
  async get(id) {
    const item = await table.get({ pk: PARTITION, sk: id }, { consistent: true });
    return item && fromItem(item);
  },

  async all() {
    const found: CustomerList[] = [];
    for await (const item of queryAll(table, { pk: PARTITION })) found.push(fromItem(item));
    return found;
  },

  async put(list, expectedVersion) {
    const { kind } = await table.put(
      { pk: PARTITION, sk: list.id, entity: 'CustomerList', schemaVersion: 1, version: list.version, list },
      [expectedVersion === 0 ? { path: ['pk'], absent: true } : { path: ['version'], is: expectedVersion }],
    );
    return kind;
  },

  async remove(id, expectedVersion) {
    return (await table.remove({ pk: PARTITION, sk: id }, [{ path: ['version'], is: expectedVersion }])).kind;
  },

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
});
