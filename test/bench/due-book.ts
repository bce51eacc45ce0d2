import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Item } from '../../shared/platform/table.ts';
import { createWorld } from '../journey-unit/world.ts';

/** When every policy of the book comes to its first message: sixty days before it renews, at ten in Madrid. */
export const DUE_AT = '2018-12-16T09:00:00Z';

/** All that the table holds of a book of so many customers, a renewal journey each, in the minute before all are due. */
export const dueBook = async (customers: number): Promise<readonly Item[]> => {
  const table = createMemoryTable();
  const world = createWorld({ now: '2018-12-01T00:00:00Z', table });
  for (let n = 0; n < customers; n += 1) await world.person(`party-${n}`);
  await world.load(
    ...Array.from({ length: customers }, (_, n) => ({
      no: `P${n}`,
      holder: `party-${n}`,
      terms: [['2018-02-14', '2019-02-14']] as const,
      offerFor: '2019-02-14',
    })),
  );
  await world.advance('2018-12-16T08:59:00Z');
  if (world.seen.length > 0) throw new Error(`nothing was due yet, and ${world.seen.length} messages went`);
  return table.all();
};
