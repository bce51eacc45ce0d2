import type { PartyId } from '../platform/ids.ts';
import { type Item, queryAll, type Table } from '../platform/table.ts';
import { formatInstant } from '../platform/time.ts';
import type { ConsentEntry, PreferenceEntry } from './consent.ts';

/** Everything ever said about consent: entries are added, none is changed or removed (product.md G3). */
export interface ConsentLedger {
  /** Adds entries; one that is there already (same person, instant, channel, purpose and source) stays. */
  append(entries: readonly ConsentEntry[]): Promise<void>;
  /** Adds what was said about topics, pace and quiet, as `append`. */
  appendPreferences(entry: PreferenceEntry): Promise<void>;
  /** A person's consents, oldest first. */
  list(partyId: PartyId): Promise<readonly ConsentEntry[]>;
  /** What a person said about topics, pace and quiet, oldest first. */
  listPreferences(partyId: PartyId): Promise<readonly PreferenceEntry[]>;
}

/** An entry as it is stored. Entries of a person nobody else knows yet may be written in batches. */
export const consentItem = (entry: ConsentEntry): Item => ({
  pk: `C#${entry.partyId}`,
  sk: `L#${formatInstant(entry.at)}#${entry.channel}#${entry.purpose}#${entry.source}`,
  entity: 'ConsentEntry',
  schemaVersion: 1,
  entry,
});

/** The consent ledger over the table. */
export const createConsentLedger = (table: Table): ConsentLedger => {
  const entriesOf = async <Entry>(partyId: PartyId, entity: string): Promise<readonly Entry[]> => {
    const entries: Entry[] = [];
    for await (const item of queryAll(table, { pk: `C#${partyId}`, prefix: 'L#', consistent: true }))
      if (item.entity === entity) entries.push(item.entry as Entry);
    return entries;
  };
  return {
    async append(entries) {
      for (const entry of entries) await table.put(consentItem(entry), [{ path: ['pk'], absent: true }]);
    },

    async appendPreferences(entry) {
      const key = { pk: `C#${entry.partyId}`, sk: `L#${formatInstant(entry.at)}#preferences#${entry.source}` };
      await table.put({ ...key, entity: 'PreferenceEntry', schemaVersion: 1, entry }, [{ path: ['pk'], absent: true }]);
    },

    list: (partyId) => entriesOf<ConsentEntry>(partyId, 'ConsentEntry'),

    listPreferences: (partyId) => entriesOf<PreferenceEntry>(partyId, 'PreferenceEntry'),
  };
};
