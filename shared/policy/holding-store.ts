import type { PartyId, PolicyId } from '../platform/ids.ts';
import { queryAll, type Table } from '../platform/table.ts';

/** Which policies a person holds or held: `C#<partyId>` / `POL#<policyId>`. A hint; the policy says who holds it now. */
export interface Holdings {
  /** Notes policies of persons; again is no change. */
  add(holdings: readonly { readonly partyId: PartyId; readonly policyId: PolicyId }[]): Promise<void>;
  /** In no particular order. */
  of(partyId: PartyId): Promise<readonly PolicyId[]>;
}

/** Holdings over the table. */
export const createHoldings = (table: Table): Holdings => ({
  async add(holdings) {
    await table.writeMany(
      holdings.map(({ partyId, policyId }) => ({
        pk: `C#${partyId}`,
        sk: `POL#${policyId}`,
        entity: 'Holding',
        schemaVersion: 1,
      })),
    );
  },

  async of(partyId) {
    const ids: PolicyId[] = [];
    for await (const { sk } of queryAll(table, { pk: `C#${partyId}`, prefix: 'POL#' }))
      ids.push(sk.slice('POL#'.length) as PolicyId);
    return ids;
  },
});
