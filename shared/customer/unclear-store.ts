import { type PartyId, shardOf } from '../platform/ids.ts';
import type { Item, Key, Table } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import type { UnclearReason } from './record.ts';
import { type SourceRef, sourceKey } from './source-record-store.ts';

/** A record that a person should look at: who it might be is not certain. */
export interface Unclear {
  readonly ref: SourceRef;
  readonly reason: UnclearReason;
  /** The party the record stands in for now. */
  readonly partyId: PartyId;
  /** With `two-parties`: whom its keys lead to. */
  readonly candidates: readonly PartyId[];
  readonly at: Instant;
}

/** The list of unclear records: `U#<0–3>` / the record's key; spread, because one import may add thousands. */
export interface UnclearRecords {
  writeMany(unclear: readonly Unclear[]): Promise<void>;
  /** Takes records off the list. */
  resolveMany(refs: readonly SourceRef[]): Promise<void>;
  /** One page of the list, shard after shard. @param after `next` of the page before */
  list(options?: { readonly limit?: number; readonly after?: string }): Promise<{
    readonly items: readonly Unclear[];
    readonly next?: string;
  }>;
}

const SHARDS = 4;
const keyOf = (ref: SourceRef): Key => ({ pk: `U#${shardOf(sourceKey(ref), SHARDS)}`, sk: sourceKey(ref) });

const fromItem = (item: Item): Unclear => {
  const { ref, reason, partyId, candidates, at } = item as unknown as Unclear;
  return { ref, reason, partyId, candidates, at };
};

/** Unclear records over the table. */
export const createUnclearRecords = (table: Table): UnclearRecords => ({
  writeMany: (unclear) =>
    table.writeMany(
      unclear.map((record) => ({ ...keyOf(record.ref), entity: 'UnclearRecord', schemaVersion: 1, ...record })),
    ),

  resolveMany: (refs) => table.writeMany([], refs.map(keyOf)),

  async list({ limit = 100, after } = {}) {
    const [shard = 0, inner] = after === undefined ? [0, undefined] : splitCursor(after);
    const page = await table.query({ pk: `U#${shard}`, limit, ...(inner === undefined ? {} : { after: inner }) });
    const next = page.next !== undefined ? `${shard}.${page.next}` : shard + 1 < SHARDS ? `${shard + 1}.` : undefined;
    return { items: page.items.map(fromItem), ...(next === undefined ? {} : { next }) };
  },
});

const splitCursor = (cursor: string): [number, string | undefined] => {
  const dot = cursor.indexOf('.');
  const inner = cursor.slice(dot + 1);
  return [Number(cursor.slice(0, dot)), inner === '' ? undefined : inner];
};
