import type { CampaignControl } from '../campaign/campaign.ts';
import type { Controls } from '../campaign/control.ts';
import { shardOf } from '../platform/ids.ts';
import { type Item, itemKey, type Key, type Table } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { DueItem, DueKind, DueWork } from './due-work.ts';

/** A due item on the shelf: `key` names its row. */
export interface ShelfRow extends DueItem {
  readonly key: Key;
}

/** A page of a shelf; `next` is absent on the last one. */
export interface ShelfPage {
  readonly rows: readonly ShelfRow[];
  readonly next?: string;
}

/** Where the due work of paused and stopped campaigns lies until somebody puts it back. */
export interface Shelf {
  /** Lays items down; the same again changes nothing. Who decides by what it read before, wants `createShelving`. */
  lay(campaign: string, items: readonly DueItem[]): Promise<void>;
  /** Read strongly. */
  page(campaign: string, after?: string): Promise<ShelfPage>;
  remove(rows: readonly ShelfRow[]): Promise<void>;
}

/** A campaign that is paused at ten o'clock lays its whole hour down at once. */
const SHARDS = 16;
const PAGE = 100;

const keyOf = (campaign: string, { at, kind, id }: DueItem): Key => ({
  pk: `SHELF#${campaign}#${shardOf(`${kind}#${id}`, SHARDS)}`,
  sk: `${formatInstant(at)}#${kind}#${id}`,
});

const rowOf = ({ pk, sk, at, kind, id, payload }: Item): ShelfRow => ({
  key: { pk, sk },
  at: at as Instant,
  kind: kind as DueKind,
  id: id as string,
  payload,
});

/** The mark of a page: shard, and where in it to go on. */
const readMark = (after = '0'): { readonly shard: number; readonly within: string | undefined } => {
  const [shard = '0', within] = after.split('.');
  return { shard: Number(shard), within };
};

/** Shelves over the table: `SHELF#<campaign>#<0–15>` / `<at>#<kind>#<id>`. */
export const createShelf = (table: Table): Shelf => ({
  async lay(campaign, items) {
    const rows = new Map<string, Item>();
    for (const item of items) {
      const key = keyOf(campaign, item);
      const { at, kind, id, payload } = item;
      rows.set(itemKey(key), { ...key, entity: 'Shelved', schemaVersion: 1, at, kind, id, payload });
    }
    if (rows.size > 0) await table.writeMany([...rows.values()]);
  },

  async page(campaign, after) {
    let { shard, within } = readMark(after);
    for (; shard < SHARDS; shard += 1, within = undefined) {
      const page = await table.query({
        pk: `SHELF#${campaign}#${shard}`,
        limit: PAGE,
        consistent: true,
        ...(within === undefined ? {} : { after: within }),
      });
      const rows = page.items.map(rowOf);
      if (page.next !== undefined) return { rows, next: `${shard}.${page.next}` };
      if (rows.length > 0) return shard + 1 < SHARDS ? { rows, next: `${shard + 1}` } : { rows };
    }
    return { rows: [] };
  },

  async remove(rows) {
    if (rows.length > 0)
      await table.writeMany(
        [],
        rows.map(({ key }) => key),
      );
  },
});

/** A shelf that nobody lays down on too late. */
export interface Shelving {
  /** @param scope where in the house the items belong: a stop there or above holds them; the whole house where absent */
  lay(campaign: string, items: readonly DueItem[], scope?: string): Promise<void>;
}

/** True where what is due of a campaign waits on the shelf. */
export const waitsOnShelf = (
  control: CampaignControl | undefined,
): control is CampaignControl & { kind: 'hold'; reason: 'paused' | 'stopped' } =>
  control?.kind === 'hold' && control.reason !== 'not-yet';

interface ShelvingPorts {
  readonly shelf: Shelf;
  readonly controls: Pick<Controls, 'of'>;
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly clock: () => Instant;
}

/**
 * Lays due work of a campaign on its shelf and looks once more: whoever resumes it clears the shelf after saying so, and
 * what is laid down after that would lie for ever. So what is laid down is either seen by the clearing or put back here.
 */
export const createShelving = ({ shelf, controls, dueWork, clock }: ShelvingPorts): Shelving => ({
  async lay(campaign, items, scope) {
    if (items.length === 0) return;
    await shelf.lay(campaign, items);
    const control = (await controls.of([campaign], scope)).get(campaign);
    if (waitsOnShelf(control)) return;
    await putBack(
      items.map((item) => ({ ...item, key: keyOf(campaign, item) })),
      { shelf, dueWork },
      clock(),
    );
  },
});

/** Placed before it is taken off: cut off in between, it is there twice, which is a hint too many. */
const putBack = async (
  rows: readonly ShelfRow[],
  { shelf, dueWork }: Pick<ShelvingPorts, 'shelf' | 'dueWork'>,
  now: Instant,
): Promise<void> => {
  if (rows.length === 0) return;
  await dueWork.place(
    rows.map(({ kind, id, payload }) => ({ at: now, kind, id, payload })),
    now,
  );
  await shelf.remove(rows);
};

/**
 * Makes a page of what lies on a campaign's shelf due again. Use-by and late rules then decide what still goes (F14).
 * @param after `next` of the page before; absent for the first
 * @returns how many items were put back; `next` is absent after the last page
 */
export const unshelve = async (
  campaign: string,
  after: string | undefined,
  ports: Pick<ShelvingPorts, 'shelf' | 'dueWork'>,
  now: Instant,
): Promise<{ readonly moved: number; readonly next?: string }> => {
  const { rows, next } = await ports.shelf.page(campaign, after);
  await putBack(rows, ports, now);
  return { moved: rows.length, ...(next === undefined ? {} : { next }) };
};
