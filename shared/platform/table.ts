/**
 * The one table, as the stores see it: single items, single conditions (ADR 0002). Two adapters, `dynamo-table.ts` and
 * `memory-table.ts`, pass the same contract suite; stores are written once, over this port.
 */

/** A stored value. No undefined: leave the attribute out. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Every item says what it is and by which shape it was written. */
export interface Item extends Key {
  readonly entity: string;
  readonly schemaVersion: number;
  readonly [attribute: string]: unknown;
}

/** Where an attribute lies: `['recent', sendId]` is the entry `sendId` of the map `recent`. */
export type Path = readonly [string, ...string[]];

/** What must hold for a write to happen; all clauses together. */
export type Clause =
  | { readonly path: Path; readonly is: string | number | boolean }
  | { readonly path: Path; readonly isNot: string | number | boolean }
  | { readonly path: Path; readonly absent: true }
  | { readonly path: Path; readonly present: true }
  | { readonly path: Path; readonly below: string | number };

/** `absent` on `['pk']` means: no such item yet. */
export type Condition = readonly Clause[];

export interface Change {
  /** Sets attributes; the parent map must exist. */
  readonly set?: readonly { readonly path: Path; readonly value: unknown }[];
  readonly remove?: readonly Path[];
  /** Adds to a number (an absent one counts as 0). */
  readonly add?: readonly { readonly path: Path; readonly by: number }[];
}

export type WriteOutcome = { readonly kind: 'written' } | { readonly kind: 'refused' };

/** Secondary indexes, named by the question they answer. Attributes `<index>Pk` and `<index>Sk`. */
export const indexNames = ['byRenewal', 'byTrouble', 'byTask', 'bySurvey', 'byOwner'] as const;
export type IndexName = (typeof indexNames)[number];

export interface Query {
  readonly pk: string;
  readonly index?: IndexName;
  /** Sort keys that begin so. Not together with `from`/`to`. */
  readonly prefix?: string;
  /** Sort keys ≥ `from` and ≤ `to`, both inclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly descending?: boolean;
  /** At most this many items, 1 … 1,000; without it, one page of up to 1 MB. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** Strongly consistent; not on an index. */
  readonly consistent?: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  /** Absent on the last page. Opaque, safe in a URL; holds keys, so give it to no one outside. */
  readonly next?: string;
}

export interface Table {
  get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /** Any number of keys; duplicates are read once. @returns the items found, by `itemKey` */
  getMany(keys: readonly Key[], options?: { consistent?: boolean }): Promise<Map<string, Item>>;
  put(item: Item, condition?: Condition): Promise<WriteOutcome>;
  /** Changes one item; makes it where it is absent, unless the condition forbids. */
  update(key: Key, change: Change, condition?: Condition): Promise<WriteOutcome>;
  remove(key: Key, condition?: Condition): Promise<WriteOutcome>;
  /** Unconditional puts and deletes, any number, each key once; retried until all are done. */
  writeMany(puts: readonly Item[], deletes?: readonly Key[]): Promise<void>;
  query(query: Query): Promise<Page>;
}

/** The key as one text, injective: a partition key never holds a newline (checked by the adapters). */
export const itemKey = (key: Key): string => `${key.pk}\n${key.sk}`;

/** All items of a query, page after page. */
export async function* queryAll(table: Table, query: Query): AsyncGenerator<Item> {
  let after = query.after;
  do {
    const page = await table.query(after === undefined ? query : { ...query, after });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
