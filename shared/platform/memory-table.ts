import { EngagementError } from './errors.ts';
import {
  type Change,
  type Condition,
  type IndexName,
  type Item,
  indexNames,
  itemKey,
  type Key,
  type Page,
  type Path,
  type Query,
  type Table,
  type WriteOutcome,
} from './table.ts';
import { checkItem, checkKey, decodeAfter, encodeAfter } from './table-keys.ts';

/** Reads the attribute at `path`; undefined where any part of the way is missing. */
const valueAt = (item: Item | undefined, path: Path): unknown => {
  let value: unknown = item;
  for (const name of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
};

const holds = (item: Item | undefined, condition: Condition): boolean =>
  condition.every((clause) => {
    const value = valueAt(item, clause.path);
    if ('is' in clause) return value === clause.is;
    if ('isNot' in clause) return value !== clause.isNot;
    if ('absent' in clause) return value === undefined;
    if ('present' in clause) return value !== undefined;
    return typeof value === typeof clause.below && (value as string | number) < clause.below;
  });

const parentOf = (item: Record<string, unknown>, path: Path): Record<string, unknown> => {
  let parent = item;
  for (const name of path.slice(0, -1)) {
    const next = parent[name];
    if (next === null || typeof next !== 'object')
      throw new EngagementError('bad-input', `no map at ${path.join('.')}: set the parent first`);
    parent = next as Record<string, unknown>;
  }
  return parent;
};

const applyChange = (item: Record<string, unknown>, change: Change): void => {
  const last = (path: Path): string => path.at(-1) as string;
  for (const { path, value } of change.set ?? []) parentOf(item, path)[last(path)] = structuredClone(value);
  for (const path of change.remove ?? []) delete parentOf(item, path)[last(path)];
  for (const { path, by } of change.add ?? []) {
    const parent = parentOf(item, path);
    parent[last(path)] = ((parent[last(path)] as number | undefined) ?? 0) + by;
  }
};

const partitionOf = (pk: string, index: IndexName | undefined): string => `${index ?? ''}\n${pk}`;

/** The partitions that an item stands in: the table's, and one of each index whose key it has. */
const partitionsOf = (item: Item): readonly string[] => [
  partitionOf(item.pk, undefined),
  ...indexNames.flatMap((index) => {
    const [pk, sk] = [item[`${index}Pk`], item[`${index}Sk`]];
    return typeof pk === 'string' && typeof sk === 'string' ? [partitionOf(pk, index)] : [];
  }),
];

/**
 * The table in memory, for tests and the simulation rig. Copies on the way in and out, so that a caller who mutates
 * what it read changes nothing stored. Passes the same contract suite as the DynamoDB adapter.
 */
export const createMemoryTable = (): Table & { readonly size: () => number; readonly all: () => readonly Item[] } => {
  const items = new Map<string, Item>();
  const sortKey = (item: Item, index: IndexName | undefined): string =>
    index === undefined ? item.sk : (item[`${index}Sk`] as string);
  /** Partitions of the table and of its indexes, so that a query does not walk everything. */
  const partitions = new Map<string, Map<string, Item>>();
  const keep = (item: Item): void => {
    drop(item);
    const copy = structuredClone(item);
    const key = itemKey(item);
    items.set(key, copy);
    for (const name of partitionsOf(copy)) {
      const partition = partitions.get(name) ?? new Map<string, Item>();
      partition.set(key, copy);
      partitions.set(name, partition);
    }
  };
  const drop = (key: Key): void => {
    const name = itemKey(key);
    const known = items.get(name);
    if (known === undefined) return;
    items.delete(name);
    for (const where of partitionsOf(known)) {
      const partition = partitions.get(where);
      partition?.delete(name);
      if (partition?.size === 0) partitions.delete(where);
    }
  };

  return {
    size: () => items.size,
    all: () => [...items.values()].map((item) => structuredClone(item)),

    async get(key) {
      checkKey(key);
      const item = items.get(itemKey(key));
      return item && structuredClone(item);
    },

    async getMany(keys) {
      const found = new Map<string, Item>();
      for (const key of keys) {
        checkKey(key);
        const item = items.get(itemKey(key));
        if (item) found.set(itemKey(key), structuredClone(item));
      }
      return found;
    },

    async put(item, condition = []) {
      checkItem(item);
      if (!holds(items.get(itemKey(item)), condition)) return { kind: 'refused' };
      keep(item);
      return { kind: 'written' };
    },

    async update(key, change, condition = []): Promise<WriteOutcome> {
      checkKey(key);
      const before = items.get(itemKey(key));
      if (!holds(before, condition)) return { kind: 'refused' };
      const after = structuredClone(before ?? ({ pk: key.pk, sk: key.sk } as Item));
      applyChange(after as Record<string, unknown>, change);
      keep(after);
      return { kind: 'written' };
    },

    async remove(key, condition = []) {
      checkKey(key);
      if (!holds(items.get(itemKey(key)), condition)) return { kind: 'refused' };
      drop(key);
      return { kind: 'written' };
    },

    async writeMany(puts, deletes = []) {
      for (const item of puts) checkItem(item);
      for (const key of deletes) checkKey(key);
      for (const item of puts) keep(item);
      for (const key of deletes) drop(key);
    },

    async query(query: Query): Promise<Page> {
      const { pk, index, prefix, from, to, descending = false, limit = 1_000 } = query;
      const matching = [...(partitions.get(partitionOf(pk, index))?.values() ?? [])]
        .filter((item) => {
          const sk = sortKey(item, index);
          return (
            (prefix === undefined || sk.startsWith(prefix)) &&
            (from === undefined || sk >= from) &&
            (to === undefined || sk <= to)
          );
        })
        .sort((a, b) => {
          const [x, y] = [`${sortKey(a, index)}\n${itemKey(a)}`, `${sortKey(b, index)}\n${itemKey(b)}`];
          return (x < y ? -1 : 1) * (descending ? -1 : 1);
        });
      let start = 0;
      if (query.after !== undefined) {
        const last = decodeAfter(query.after);
        start = matching.findIndex((item) => item.pk === last.pk && item.sk === last.sk) + 1;
        if (start === 0) {
          const lastSort = (last[index === undefined ? 'sk' : `${index}Sk`] ?? last.sk) as string;
          start = matching.findIndex((item) =>
            descending ? sortKey(item, index) < lastSort : sortKey(item, index) > lastSort,
          );
          if (start === -1) start = matching.length;
        }
      }
      const page = matching.slice(start, start + limit);
      const last = page.at(-1);
      const more = start + limit < matching.length;
      return {
        items: page.map((item) => structuredClone(item)),
        ...(more && last
          ? {
              next: encodeAfter({
                pk: last.pk,
                sk: last.sk,
                ...(index === undefined
                  ? {}
                  : { [`${index}Pk`]: last[`${index}Pk`], [`${index}Sk`]: last[`${index}Sk`] }),
              }),
            }
          : {}),
      };
    },
  };
};
