import type { PartyId } from '../platform/ids.ts';
import { shardOf } from '../platform/ids.ts';
import {
  type Change,
  type Condition,
  type Item,
  itemKey,
  type Key,
  type Table,
  type WriteOutcome,
} from '../platform/table.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import { type MessageState, rankOf, type TimelineEntry } from './message.ts';

/** The states that people look after: each has its list (index byTrouble). */
const TROUBLES = ['held', 'skipped', 'failed', 'unknown'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Names one row. */
export type TimelineKey = Pick<TimelineEntry, 'partyId' | 'at' | 'kind' | 'id'>;

/** `behind`: the row had gone as far already. `absent`: there is no such row yet. */
export type AdvanceOutcome = 'advanced' | 'behind' | 'absent';

/** What may be added to a row while it stands or advances; never its identity or state. */
export type TimelineChange = Partial<
  Pick<TimelineEntry, 'policyIds' | 'reason' | 'details' | 'proof' | 'trace' | 'order'>
>;

interface TimelinePage {
  readonly entries: readonly TimelineEntry[];
  /** Opaque mark of the next page; absent on the last one. */
  readonly next?: string;
}

/** The engagement history: rows are added and advance, none is removed (N5). */
export interface Timeline {
  /** Adds the row unless one with its key exists. */
  record(entry: TimelineEntry): Promise<WriteOutcome['kind']>;
  /** Writes rows in batches, over whatever stands there: only for rows that say the same each time they are written, and
   *  that nothing can have advanced (ADR 0083). */
  recordAll(entries: readonly TimelineEntry[]): Promise<void>;
  /** Strongly consistent. */
  get(key: TimelineKey): Promise<TimelineEntry | undefined>;
  /** Many rows at half the price, possibly a moment old, by id. */
  getMany(keys: readonly TimelineKey[]): Promise<Map<string, TimelineEntry>>;
  /** Moves a row on, forward only (`rankOf`), so that any order and number of calls ends in the same state. */
  advance(key: TimelineKey, state: MessageState, change?: TimelineChange): Promise<AdvanceOutcome>;
  /** Adds to a row without moving it; nothing happens where there is none. Details are joined with those there. */
  complete(key: TimelineKey, change: TimelineChange): Promise<void>;
  /** Adds details to a row that lacks the one called `mark`, in one conditional write, so that of any number of copies one
   *  adds them. @returns whether this call did */
  noteOnce(key: TimelineKey, mark: string, details: NonNullable<TimelineChange['details']>): Promise<boolean>;
  /** A person's history, newest first. */
  list(partyId: PartyId, page?: { readonly limit?: number; readonly after?: string }): Promise<TimelinePage>;
  /** What was not sent, of all persons, newest first. */
  trouble(outcome: Trouble, page?: { readonly limit?: number; readonly after?: string }): Promise<TimelinePage>;
}

/** The trouble lists are spread over this many partitions, because a bad day writes to one of them only. */
const SHARDS = 4;
const PAGE = 50;

const keyOf = ({ partyId, at, kind, id }: TimelineKey): Key => ({
  pk: `C#${partyId}`,
  sk: `T#${formatInstant(at)}#${kind}#${id}`,
});

const isTrouble = (state: MessageState | undefined): state is Trouble =>
  (TROUBLES as readonly (string | undefined)[]).includes(state);

const troubleKeys = (key: TimelineKey, state: MessageState | undefined): Record<string, string> =>
  isTrouble(state)
    ? {
        byTroublePk: `${state}#${shardOf(key.id, SHARDS)}`,
        byTroubleSk: `${formatInstant(key.at)}#${key.id}`,
      }
    : {};

/** Entry fields stored under their own names; the rest of the item is keys. */
const FIELDS = [
  'policyIds',
  'campaign',
  'step',
  'channel',
  'sendClass',
  'state',
  'reason',
  'details',
  'proof',
  'trace',
  'order',
] as const;

const toItem = (entry: TimelineEntry): Item => ({
  ...keyOf(entry),
  entity: 'TimelineEntry',
  schemaVersion: 1,
  rank: entry.state === undefined ? 0 : rankOf(entry.state, entry.reason),
  ...Object.fromEntries(FIELDS.map((name) => [name, entry[name]]).filter(([, value]) => value !== undefined)),
  // a map of its own, so that later details find their parent
  details: entry.details ?? {},
  ...troubleKeys(entry, entry.state),
});

/** The row of an item of entity `TimelineEntry`. */
export const entryOf = (item: Item): TimelineEntry => {
  const [, at = '', kind, ...id] = item.sk.split('#');
  const fields = Object.fromEntries(
    FIELDS.map((name) => [name, item[name]]).filter(([, value]) => value !== undefined),
  );
  return {
    partyId: item.pk.slice('C#'.length) as PartyId,
    at: parseInstant(at) as Instant,
    kind: kind as TimelineEntry['kind'],
    id: id.join('#'),
    ...fields,
  } as TimelineEntry;
};

const changesOf = ({ details = {}, ...change }: TimelineChange) => [
  ...Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ path: [name] as const, value: value as unknown })),
  ...Object.entries(details).map(([name, value]) => ({ path: ['details', name] as const, value: value as unknown })),
];

/** The timeline over the table. */
export const createTimeline = (table: Table): Timeline => {
  const get: Timeline['get'] = async (key) => {
    const item = await table.get(keyOf(key), { consistent: true });
    return item && entryOf(item);
  };
  return {
    get,

    async getMany(keys) {
      const items = await table.getMany(keys.map(keyOf));
      return new Map([...items.values()].map(entryOf).map((entry) => [entry.id, entry]));
    },

    async recordAll(entries) {
      const items = new Map(entries.map((entry) => [itemKey(keyOf(entry)), toItem(entry)]));
      if (items.size > 0) await table.writeMany([...items.values()]);
    },

    async record(entry) {
      const outcome = await table.put(toItem(entry), [{ path: ['pk'], absent: true }]);
      return outcome.kind;
    },

    async advance(key, state, change = {}) {
      const rank = rankOf(state, change.reason);
      const condition: Condition = [{ path: ['rank'], below: rank }];
      const keys = troubleKeys(key, state);
      const changes: Change = {
        set: [
          { path: ['state'], value: state },
          { path: ['rank'], value: rank },
          ...Object.entries(keys).map(([name, value]) => ({ path: [name] as const, value })),
          ...changesOf(change),
        ],
        remove: [
          ...(isTrouble(state) ? [] : ([['byTroublePk'], ['byTroubleSk'], ['order']] as const)),
          // the reason of the state before says nothing about this one
          ...(change.reason === undefined ? ([['reason']] as const) : []),
        ],
      };
      for (;;) {
        if ((await table.update(keyOf(key), changes, condition)).kind === 'written') return 'advanced';
        const known = await table.get(keyOf(key), { consistent: true });
        if (known === undefined) return 'absent';
        // a row of a lower rank was written between our refusal and this look: once more, or our news would be lost
        if (Number(known.rank) >= rank) return 'behind';
      }
    },

    async complete(key, change) {
      await table.update(keyOf(key), { set: changesOf(change) }, [{ path: ['pk'], present: true }]);
    },

    async noteOnce(key, mark, details) {
      const condition: Condition = [
        { path: ['pk'], present: true },
        { path: ['details', mark], absent: true },
      ];
      return (await table.update(keyOf(key), { set: changesOf({ details }) }, condition)).kind === 'written';
    },

    async list(partyId, { limit = PAGE, after } = {}) {
      const page = await table.query({
        pk: `C#${partyId}`,
        prefix: 'T#',
        descending: true,
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { entries: page.items.map(entryOf), ...(page.next === undefined ? {} : { next: page.next }) };
    },

    async trouble(outcome, { limit = PAGE, after } = {}) {
      const pages = await Promise.all(
        Array.from({ length: SHARDS }, (_, shard) =>
          table.query({
            index: 'byTrouble',
            pk: `${outcome}#${shard}`,
            descending: true,
            // one more than asked: the mark of the page before is its last key, inclusive
            limit: limit + 1,
            ...(after === undefined ? {} : { from: '0', to: after }),
          }),
        ),
      );
      const rows = pages
        .flatMap((page) => page.items)
        .filter((item) => after === undefined || (item.byTroubleSk as string) < after)
        .sort((a, b) => ((a.byTroubleSk as string) < (b.byTroubleSk as string) ? 1 : -1));
      const page = rows.slice(0, limit);
      // the index may lag and may hold keys only: the rows themselves are asked
      const fresh = await table.getMany(page.map(({ pk, sk }) => ({ pk, sk })));
      const last = page.at(-1);
      return {
        entries: page.flatMap((item) => {
          const row = fresh.get(itemKey(item));
          return row?.state === outcome ? [entryOf(row)] : [];
        }),
        ...(rows.length > limit && last ? { next: last.byTroubleSk as string } : {}),
      };
    },
  };
};
