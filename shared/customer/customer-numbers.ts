import type { PartyId } from '../platform/ids.ts';
import { queryAll, type Table } from '../platform/table.ts';
import { normaliseSearch, searchItem } from './search.ts';

/** Finds customers by the number that a department gives them. */
export interface CustomerNumbers {
  /** The parties with exactly this number in any source; read strongly. */
  find(customerRef: string): Promise<readonly PartyId[]>;
}

/** Customer numbers over the rows of the prefix search, which hold each number once per source. */
export const createCustomerNumbers = (table: Table): CustomerNumbers => ({
  async find(customerRef) {
    const text = normaliseSearch('ref', customerRef);
    const { pk, sk } = searchItem({ kind: 'ref', text, id: '' });
    const found: PartyId[] = [];
    for await (const item of queryAll(table, { pk, prefix: sk, consistent: true })) found.push(item.id as PartyId);
    return found;
  },
});
