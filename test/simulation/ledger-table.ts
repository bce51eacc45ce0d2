import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Item, Key, Table } from '../../shared/platform/table.ts';

/** Something that happened to the table, in the order in which it took effect. */
export type LedgerEvent =
  | {
      readonly kind: 'reserved';
      readonly step: number;
      readonly partyId: string;
      readonly sendId: string;
      readonly sendClass: string;
    }
  | { readonly kind: 'refused-consent'; readonly step: number; readonly partyId: string; readonly purpose: string }
  | { readonly kind: 'answered'; readonly step: number; readonly invitationId: string }
  | { readonly kind: 'exited'; readonly step: number; readonly key: string }
  | { readonly kind: 'history-broken'; readonly step: number; readonly what: string };

type AnyItem = Record<string, unknown>;

/** A memory table that keeps a log of what matters to the invariants, independent of the code under test. */
export const createLedgerTable = (
  step: () => number,
): { table: ReturnType<typeof createMemoryTable>; events: LedgerEvent[] } => {
  const inner = createMemoryTable();
  const events: LedgerEvent[] = [];

  const compare = (before: Item | undefined, after: Item | undefined): void => {
    const item = after ?? before;
    if (!item) return;
    const partyId = item.pk.slice(2);
    if (item.sk === 'GATE') {
      const [old, now] = [before as AnyItem | undefined, after as AnyItem | undefined];
      const [was, is] = [
        (old?.recent ?? {}) as Record<string, unknown[] | string>,
        (now?.recent ?? {}) as Record<string, unknown[] | string>,
      ];
      // a merged message's other send ids name its own, which holds the contact
      const contactOf = (recent: Record<string, unknown[] | string>, sendId: string): unknown[] | undefined => {
        const entry = recent[sendId];
        return typeof entry === 'string' ? (recent[entry] as unknown[] | undefined) : entry;
      };
      for (const sendId of Object.keys(is)) {
        const [before, after] = [contactOf(was, sendId), contactOf(is, sendId)];
        if (after === undefined) events.push({ kind: 'history-broken', step: step(), what: `${sendId} hangs loose` });
        else if (before?.[3] !== after[3])
          events.push({ kind: 'reserved', step: step(), partyId, sendId, sendClass: String(after[2]) });
      }
      const [had, has] = [
        (old?.consent ?? {}) as Record<string, unknown[]>,
        (now?.consent ?? {}) as Record<string, unknown[]>,
      ];
      for (const [name, state] of Object.entries(has))
        if (state[0] === false && had[name]?.[0] !== false)
          events.push({ kind: 'refused-consent', step: step(), partyId, purpose: name.split('/')[1] ?? '' });
    }
    if (item.sk === 'ANS' && !before) events.push({ kind: 'answered', step: step(), invitationId: partyId });
    if (item.sk.startsWith('E#')) {
      const state = (entry: Item | undefined) => (entry?.enrolment as { state?: string } | undefined)?.state;
      if (state(after) === 'exited' && state(before) !== 'exited')
        events.push({ kind: 'exited', step: step(), key: `${item.pk}|${item.sk}` });
    }
    if (item.sk.startsWith('T#') && before) {
      if (!after) events.push({ kind: 'history-broken', step: step(), what: `removed ${item.sk}` });
      else if ((after.rank as number) < (before.rank as number))
        events.push({ kind: 'history-broken', step: step(), what: `${item.sk} went back to ${String(after.state)}` });
    }
  };

  const watched = async <T>(key: Key, write: () => Promise<T>): Promise<T> => {
    const before = await inner.get(key);
    const outcome = await write();
    compare(before, await inner.get(key));
    return outcome;
  };

  const table: Table = {
    ...inner,
    put: (item, condition) => watched(item, () => inner.put(item, condition)),
    update: (key, change, condition) => watched(key, () => inner.update(key, change, condition)),
    remove: (key, condition) => watched(key, () => inner.remove(key, condition)),
    async writeMany(puts, deletes = []) {
      for (const item of puts) await watched(item, () => inner.writeMany([item]));
      for (const key of deletes) await watched(key, () => inner.writeMany([], [key]));
    },
  };
  return { table: { ...inner, ...table }, events };
};
