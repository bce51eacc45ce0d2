import { derivedId } from '../platform/ids.ts';
import type { Key, Table } from '../platform/table.ts';

/** Names the target of a link by its address: the same address is the same target in every mail. */
export const clickTargetId = (url: string): string => derivedId('click-target', url);

/** Where click links may lead: addresses that templates hold, stored under ids, so that no link can name one (S23). */
export interface ClickTargets {
  /** Keeps addresses that are not kept yet: once per process each. Call it before a mail with links to them goes. */
  keep(urls: readonly string[]): Promise<void>;
  /** @returns the address, or undefined for an id that nobody kept */
  find(id: string): Promise<string | undefined>;
}

const keyOf = (id: string): Key => ({ pk: `CT#${id}`, sk: 'TARGET' });

/** Targets over the table: `CT#<id>` / `TARGET`, never changed. */
export const createClickTargets = (table: Table): ClickTargets => {
  const kept = new Set<string>();
  return {
    async keep(urls) {
      for (const url of urls) {
        if (kept.has(url)) continue;
        const item = { ...keyOf(clickTargetId(url)), entity: 'ClickTarget', schemaVersion: 1, url };
        await table.put(item, [{ path: ['pk'], absent: true }]);
        kept.add(url);
      }
    },

    async find(id) {
      const url = (await table.get(keyOf(id)))?.url;
      return typeof url === 'string' ? url : undefined;
    },
  };
};
