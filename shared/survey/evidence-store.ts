import type { PartyId } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import { formatInstant } from '../platform/time.ts';
import type { Evidence } from './evidence.ts';

/** What was learnt about customers. Nothing is taken back: it counts less as it grows old. */
export interface EvidenceStore {
  /** Keeps evidence; the same again changes nothing. */
  add(evidence: readonly Evidence[]): Promise<void>;
  /** All about a person, read strongly. */
  ofParty(partyId: PartyId): Promise<readonly Evidence[]>;
}

const keyOf = ({ partyId, fact, at, id }: Evidence): Key => ({
  pk: `C#${partyId}`,
  sk: `EV#${fact}#${formatInstant(at)}#${id}`,
});

const toItem = (evidence: Evidence): Item => ({
  ...keyOf(evidence),
  entity: 'Evidence',
  schemaVersion: 1,
  evidence,
});

/** Evidence over the table: `C#<partyId>` / `EV#<fact>#<at>#<id>`. */
export const createEvidence = (table: Table): EvidenceStore => ({
  async add(evidence) {
    const items = new Map(evidence.map((one) => [JSON.stringify(keyOf(one)), toItem(one)]));
    if (items.size > 0) await table.writeMany([...items.values()]);
  },

  async ofParty(partyId) {
    const found: Evidence[] = [];
    for await (const item of queryAll(table, { pk: `C#${partyId}`, prefix: 'EV#', consistent: true }))
      found.push(item.evidence as Evidence);
    return found;
  },
});
