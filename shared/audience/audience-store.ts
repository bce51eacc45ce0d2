import { type Item, queryAll, type Table, type WriteOutcome } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import type { Label } from './field.ts';
import type { RuleGroup } from './rule.ts';

/** A rule that marketing keeps under a name, for campaigns to use. */
export interface SavedAudience {
  readonly id: string;
  readonly title: Label;
  readonly rule: RuleGroup;
  /** Who keeps it: an opaque user id. */
  readonly owner: string;
  readonly updatedAt: Instant;
  /** Rises with every change; the condition of the next one (F32). */
  readonly version: number;
}

/** The saved audiences. */
export interface SavedAudiences {
  /** Strongly consistent. */
  get(id: string): Promise<SavedAudience | undefined>;
  /** In order of id. */
  all(): Promise<readonly SavedAudience[]>;
  /** Writes over `expectedVersion` (0: there is none); refused where another came in between. */
  put(audience: SavedAudience, expectedVersion: number): Promise<WriteOutcome['kind']>;
  remove(id: string, expectedVersion: number): Promise<WriteOutcome['kind']>;
}

const PARTITION = 'AUDIENCES';

const fromItem = (item: Item): SavedAudience => item.audience as SavedAudience;

/** Saved audiences over the table: `AUDIENCES` / `<id>`. */
export const createSavedAudiences = (table: Table): SavedAudiences => ({
  async get(id) {
    const item = await table.get({ pk: PARTITION, sk: id }, { consistent: true });
    return item && fromItem(item);
  },

  async all() {
    const found: SavedAudience[] = [];
    for await (const item of queryAll(table, { pk: PARTITION })) found.push(fromItem(item));
    return found;
  },

  async put(audience, expectedVersion) {
    const { kind } = await table.put(
      {
        pk: PARTITION,
        sk: audience.id,
        entity: 'SavedAudience',
        schemaVersion: 1,
        version: audience.version,
        audience,
      },
      [expectedVersion === 0 ? { path: ['pk'], absent: true } : { path: ['version'], is: expectedVersion }],
    );
    return kind;
  },

  async remove(id, expectedVersion) {
    return (await table.remove({ pk: PARTITION, sk: id }, [{ path: ['version'], is: expectedVersion }])).kind;
  },
});
