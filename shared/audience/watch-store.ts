import { type Item, queryAll, type Table, type WriteOutcome } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import { AUDIENCE_SHARDS } from './audience-rows.ts';
import type { RuleGroup } from './rule.ts';

/** An audience whose comings and goings a live campaign waits for. */
export interface Watch {
  readonly audience: string;
  readonly rule: RuleGroup;
  /** Names this beginning of the watch: another rule begins another. */
  readonly run: string;
  /** `marking`: who is in it already is being noted, silently; `on`: whoever enters or leaves is told. */
  readonly state: 'marking' | 'on';
  readonly since: Instant;
}

/** The watched audiences. */
export interface Watches {
  /** Read strongly. */
  all(): Promise<readonly Watch[]>;
  /** Begins to watch; a run that began already goes on. */
  begin(watch: Omit<Watch, 'state'>): Promise<WriteOutcome['kind']>;
  /** Notes that a run has gone through a shard; after the last one the watch is `on`. */
  markDone(audience: string, run: string, shard: number): Promise<void>;
  end(audience: string): Promise<void>;
}

const PARTITION = 'WATCHED';

const fromItem = (item: Item): Watch => ({
  audience: item.sk,
  rule: item.rule as RuleGroup,
  run: item.run as string,
  state: item.state as Watch['state'],
  since: item.since as Instant,
});

/** Watches over the table: `WATCHED` / `<audience>`. */
export const createWatches = (table: Table): Watches => ({
  async all() {
    const found: Watch[] = [];
    for await (const item of queryAll(table, { pk: PARTITION, consistent: true })) found.push(fromItem(item));
    return found;
  },

  async begin({ audience, rule, run, since }) {
    const { kind } = await table.put(
      {
        pk: PARTITION,
        sk: audience,
        entity: 'AudienceWatch',
        schemaVersion: 1,
        rule,
        run,
        since,
        state: 'marking',
        shards: {},
      },
      [{ path: ['run'], isNot: run }],
    );
    return kind;
  },

  async markDone(audience, run, shard) {
    const key = { pk: PARTITION, sk: audience };
    const current = [{ path: ['run'] as const, is: run }];
    const { kind } = await table.update(key, { set: [{ path: ['shards', String(shard)], value: 1 }] }, current);
    if (kind === 'refused') return;
    const item = await table.get(key, { consistent: true });
    if (item?.run === run && Object.keys(item.shards as object).length === AUDIENCE_SHARDS)
      await table.update(key, { set: [{ path: ['state'], value: 'on' }] }, current);
  },

  async end(audience) {
    await table.remove({ pk: PARTITION, sk: audience });
  },
});
