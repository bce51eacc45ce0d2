import { itemKey, type Key, queryAll, type Table } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import type { Act, CampaignControl, CampaignRecord } from './campaign.ts';
import { CAMPAIGNS, recordOf } from './campaign-store.ts';
import type { Programme } from './programmes.ts';

/** A global stop (product.md G6): nothing of any campaign goes out in this part of the house. */
export interface Stop extends Act {
  /** Path in the organisation tree; `''` is the whole house. */
  readonly scope: string;
}

/** What may happen of campaigns now. */
export interface Controls {
  /**
   * One strong BatchGet for all of them.
   * @param scope of the policy or customer: a stop above it counts too; without it only a stop of the whole house counts
   * @returns an entry for each id; a campaign that nobody ever paused, stopped or cancelled goes
   */
  of(campaigns: readonly string[], scope?: string): Promise<ReadonlyMap<string, CampaignControl>>;
  stop(scope: string, by: string, at: Instant): Promise<void>;
  /** Ends a stop; the acts of stopping and releasing stay readable in the item. */
  release(scope: string, by: string, at: Instant): Promise<void>;
  /** Stops in force. */
  stops(): Promise<readonly Stop[]>;
}

const STOPS = 'STOP';
/** A sort key must not be empty: every path is written with a slash before it. */
const stopKey = (scope: string): Key => ({ pk: STOPS, sk: `/${scope}` });

/** A scope and all above it: `house/east` → ``, `house`, `house/east`. */
const above = (scope: string): readonly string[] => {
  const parts = scope === '' ? [] : scope.split('/');
  return ['', ...parts.map((_, n) => parts.slice(0, n + 1).join('/'))];
};

/** What a campaign's record says, the global stop left aside. An absent record: nobody ever did anything to it. */
export const controlOf = (record: CampaignRecord | undefined, now: Instant): CampaignControl => {
  if (record === undefined) return { kind: 'go' };
  // never launched: nobody can have entered by a right way
  if (record.cancelled !== undefined || record.live === undefined) return { kind: 'cancelled' };
  if (record.state === 'paused') return { kind: 'hold', reason: 'paused' };
  if (record.notBefore !== undefined && now < record.notBefore)
    return { kind: 'hold', reason: 'not-yet', until: record.notBefore };
  return { kind: 'go' };
};

/**
 * Controls over the table: records `CAMPAIGNS` / `<id>`, stops `STOP` / `/<scope>`.
 * @param shipped the programmes of this build, for those that have no row yet
 */
export const createControls = (table: Table, shipped: readonly Programme[], now: () => Instant): Controls => {
  const defaults = new Map(shipped.map((programme) => [programme.definition.id, recordOf(programme)]));
  const write = (scope: string, on: boolean, act: Act): Promise<unknown> =>
    table.update(stopKey(scope), {
      set: [
        { path: ['entity'], value: 'Stop' },
        { path: ['schemaVersion'], value: 1 },
        { path: ['scope'], value: scope },
        { path: ['on'], value: on },
        { path: [on ? 'stopped' : 'released'], value: act },
      ],
    });
  return {
    async of(campaigns, scope = '') {
      const stops = above(scope).map(stopKey);
      const found = await table.getMany([...stops, ...campaigns.map((id) => ({ pk: CAMPAIGNS, sk: id }))], {
        consistent: true,
      });
      const stopped = stops.some((key) => found.get(itemKey(key))?.on === true);
      const at = now();
      return new Map(
        campaigns.map((id): [string, CampaignControl] => {
          const item = found.get(itemKey({ pk: CAMPAIGNS, sk: id }));
          const own = controlOf(item === undefined ? defaults.get(id) : (item.campaign as CampaignRecord), at);
          // what is cancelled never goes, stopped or not, so it need not wait for the release
          return [id, stopped && own.kind !== 'cancelled' ? { kind: 'hold', reason: 'stopped' } : own];
        }),
      );
    },

    async stop(scope, by, at) {
      await write(scope, true, { by, at });
    },

    async release(scope, by, at) {
      await write(scope, false, { by, at });
    },

    async stops() {
      const stops: Stop[] = [];
      for await (const item of queryAll(table, { pk: STOPS, consistent: true }))
        if (item.on === true) stops.push({ scope: item.scope as string, ...(item.stopped as Act) });
      return stops;
    },
  };
};
