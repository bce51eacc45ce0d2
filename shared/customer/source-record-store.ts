import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';
import { type Item, itemKey, type Key, type Table, type WriteOutcome } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';

/** Names a row of a source: a person by the source's number, or a row about policies by its own key. */
export interface SourceRef {
  readonly source: string;
  readonly kind: 'person' | 'row';
  readonly key: string;
}

/** The latest version of a source's row, as far as it was taken over. */
export interface SourceRecord {
  readonly ref: SourceRef;
  /** Of what the row says; the same hash again means that nothing has to be done. Empty for a person of whom another
   *  row only told the number. */
  readonly hash: string;
  readonly asOf: Instant;
  /** `<importId>/<chunk>` that brought it: what an attempt of the same chunk wrote before is announced again. */
  readonly origin: string;
  readonly partyId?: PartyId;
  readonly policyIds?: readonly PolicyId[];
  /** What the row said, for the history and for a delta that states only part of it. */
  readonly data: unknown;
}

/** Rows of the sources by their own key: `S#<source>#<key>` / `CUR` and older versions. */
export interface SourceRecords {
  /** Read strongly; by `sourceKey`. */
  getMany(refs: readonly SourceRef[]): Promise<Map<string, SourceRecord>>;
  /** Puts the first version; refused where there is one already. */
  claim(record: SourceRecord): Promise<WriteOutcome>;
  /** Replaces the version with `formerHash`, which stays as an older one; refused where another worker was first. */
  replace(record: SourceRecord, former: SourceRecord): Promise<WriteOutcome>;
  /** Writes first and later versions of rows without a condition: for rows whose content decides everything. Older
   *  versions given stay beside them. */
  writeMany(records: readonly { readonly record: SourceRecord; readonly former?: SourceRecord }[]): Promise<void>;
  /** Keeps versions that came after a later one: history only. */
  keepOlder(records: readonly SourceRecord[]): Promise<void>;
}

const PLAIN = /^[^#~\p{C}][^#\p{C}]{0,199}$/u;

/** Partition key of a source's row: as readable as the source's key allows, derived where it does not. */
export const sourceKey = ({ source, kind, key }: SourceRef): string =>
  `S#${source}#${kind === 'row' ? 'ROW#' : ''}${PLAIN.test(key) ? key : `~${derivedId('source-key', key)}`}`;

const currentKey = (ref: SourceRef): Key => ({ pk: sourceKey(ref), sk: 'CUR' });

const attributesOf = (record: SourceRecord) => ({ entity: 'SourceRecord', schemaVersion: 1, ...record });
const current = (record: SourceRecord): Item => ({ ...currentKey(record.ref), ...attributesOf(record) });
const older = (record: SourceRecord): Item => ({
  pk: sourceKey(record.ref),
  sk: `V#${formatInstant(record.asOf)}#${record.origin}`,
  ...attributesOf(record),
});

const fromItem = (item: Item): SourceRecord => {
  const { pk: _pk, sk: _sk, entity: _entity, schemaVersion: _version, ...record } = item;
  return record as unknown as SourceRecord;
};

/** Source records over the table. */
export const createSourceRecords = (table: Table): SourceRecords => ({
  async getMany(refs) {
    const items = await table.getMany(refs.map(currentKey), { consistent: true });
    const found = new Map<string, SourceRecord>();
    for (const ref of refs) {
      const item = items.get(itemKey(currentKey(ref)));
      if (item) found.set(sourceKey(ref), fromItem(item));
    }
    return found;
  },

  claim: (record) => table.put(current(record), [{ path: ['pk'], absent: true }]),

  async replace(record, former) {
    // the older version first: a crash between the two leaves it twice, which says the same
    if (former.hash !== '') await table.writeMany([older(former)]);
    return table.put(current(record), [
      { path: ['hash'], is: former.hash },
      { path: ['origin'], is: former.origin },
    ]);
  },

  writeMany: (records) =>
    table.writeMany(records.flatMap(({ record, former }) => [...(former ? [older(former)] : []), current(record)])),

  keepOlder: (records) => table.writeMany(records.map(older)),
});
