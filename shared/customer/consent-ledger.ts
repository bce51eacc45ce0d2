import type { PartyId } from '../platform/ids.ts';
import { type Item, queryAll, type Table } from '../platform/table.ts';
import { formatInstant } from '../platform/time.ts';
import type { ConsentEntry } from './consent.ts';

/** Everything ever said about consent: entries are added, none is changed or removed (product.md G3). */
export interface ConsentLedger {
  /** Adds entries; one that is there already (same person, instant, channel, purpose and source) stays. */
  append(entries: readonly ConsentEntry[]): Promise<void>;
  /** A person's entries, oldest first. */
  list(partyId: PartyId): Promise<readonly ConsentEntry[]>;
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
export const createConsentLedger = (table: Table): ConsentLedger => ({
  async append(entries) {
    for (const entry of entries) await table.put(consentItem(entry), [{ path: ['pk'], absent: true }]);
  },

  async list(partyId) {
    const entries: ConsentEntry[] = [];
    for await (const item of queryAll(table, { pk: `C#${partyId}`, prefix: 'L#', consistent: true }))
      entries.push(item.entry as ConsentEntry);
    return entries;
  },
});
