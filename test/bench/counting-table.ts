import type { Item, Table } from '../../shared/platform/table.ts';

/** What DynamoDB would charge and how often it would be called. */
export interface Usage {
  calls: number;
  readUnits: number;
  writeUnits: number;
}

const INDEX_KEYS = ['byRenewalPk', 'byTroublePk', 'byTaskPk', 'bySurveyPk'] as const;
/** Bytes by the documented rule, near enough: names and values as UTF-8, 3 bytes per map or list, 1 per element. */
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
const writeUnitsOf = (item: Item): number => {
  const units = Math.max(1, Math.ceil(bytesOf(item) / 1_024));
  return units * (1 + INDEX_KEYS.filter((key) => item[key] !== undefined).length);
};

/**
 * Counts units as DynamoDB bills them on demand: a write costs one unit per KB for the table and again per index the
 * item lies in, a strong read one per 4 KB, an eventual one half. dynalite reports too few, because it ignores indexes.
 * Sources: Amazon DynamoDB Developer Guide, "Read/write capacity mode" and "Item sizes and formats".
 */
export const createCountingTable = (table: Table, usage: Usage): Table => {
  const countRead = (bytes: number, consistent: boolean): void => {
    usage.readUnits += Math.max(1, Math.ceil(bytes / 4_096)) * (consistent ? 1 : 0.5);
  };
  const countChanged = async (key: { pk: string; sk: string }): Promise<void> => {
    const item = await table.get(key);
    usage.writeUnits += item ? writeUnitsOf(item) : 1;
  };
  return {
    async get(key, options = {}) {
      const item = await table.get(key, options);
      usage.calls += 1;
      countRead(bytesOf(item ?? {}), options.consistent ?? false);
      return item;
    },
    async getMany(keys, options = {}) {
      const found = await table.getMany(keys, options);
      usage.calls += Math.ceil(keys.length / 100);
      for (const item of found.values()) countRead(bytesOf(item), options.consistent ?? false);
      return found;
    },
    async put(item, condition) {
      usage.calls += 1;
      usage.writeUnits += writeUnitsOf(item);
      return table.put(item, condition);
    },
    async update(key, change, condition) {
      const outcome = await table.update(key, change, condition);
      usage.calls += 1;
      await countChanged(key);
      return outcome;
    },
    async remove(key, condition) {
      usage.calls += 1;
      await countChanged(key);
      return table.remove(key, condition);
    },
    async writeMany(puts, deletes = []) {
      usage.calls += Math.ceil((puts.length + deletes.length) / 25);
      for (const item of puts) usage.writeUnits += writeUnitsOf(item);
      for (const key of deletes) await countChanged(key);
      return table.writeMany(puts, deletes);
    },
    async query(query) {
      const page = await table.query(query);
      usage.calls += 1;
      countRead(bytesOf(page.items), query.consistent ?? false);
      return page;
    },
  };
};
