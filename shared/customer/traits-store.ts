import type { PartyId } from '../platform/ids.ts';
import { itemKey, type Key, type Table } from '../platform/table.ts';

/** What journeys noted about a person (step `set`), by name. */
export type TraitValues = Readonly<Record<string, string | number | boolean>>;

/** Traits of persons. */
export interface Traits {
  /** Those that have any. Possibly a moment old. */
  getMany(ids: readonly PartyId[]): Promise<Map<PartyId, TraitValues>>;
  /** Notes one; the last word counts. */
  set(id: PartyId, name: string, value: string | number | boolean): Promise<void>;
}

const keyOf = (id: PartyId): Key => ({ pk: `C#${id}`, sk: 'TRAITS' });

/** Before each name, so that a trait named `entity` is no attribute of ours. */
const MARK = 'trait.';

/** Traits over the table: `C#<partyId>` / `TRAITS`, one attribute each, so that two journeys may note at once. */
export const createTraits = (table: Table): Traits => ({
  async getMany(ids) {
    const items = await table.getMany(ids.map(keyOf));
    const found = new Map<PartyId, TraitValues>();
    for (const id of ids) {
      const item = items.get(itemKey(keyOf(id)));
      if (!item) continue;
      const traits = Object.entries(item).filter(([name]) => name.startsWith(MARK));
      found.set(id, Object.fromEntries(traits.map(([name, value]) => [name.slice(MARK.length), value])) as TraitValues);
    }
    return found;
  },

  async set(id, name, value) {
    await table.update(keyOf(id), {
      set: [
        { path: ['entity'], value: 'Traits' },
        { path: ['schemaVersion'], value: 1 },
        { path: [`${MARK}${name}`], value },
      ],
    });
  },
});
