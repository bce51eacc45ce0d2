import { queryAll, type Table, type WriteOutcome } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import type { CampaignRecord } from './campaign.ts';
import type { Programme } from './programmes.ts';

/** The campaigns of the house: what was saved, and what this build ships. */
export interface Campaigns {
  /** All of them, by id; archived ones too. Strong. */
  all(): Promise<readonly CampaignRecord[]>;
  /** Strong. */
  get(id: string): Promise<CampaignRecord | undefined>;
  /** @param expectedVersion of the record as read; 0 where nothing was written yet, as with a shipped programme that
   *  nobody touched
   *  @returns `refused` where somebody else was faster (F32) */
  put(record: CampaignRecord, expectedVersion: number): Promise<WriteOutcome['kind']>;
}

/** Partition of all campaign records: a house has hundreds, and whoever asks wants most of them. */
export const CAMPAIGNS = 'CAMPAIGNS';

/** A shipped programme as long as nobody changed anything about it. */
export const recordOf = ({ definition, hash, live }: Programme): CampaignRecord => ({
  id: definition.id,
  state: live ? 'live' : 'draft',
  draft: hash,
  ...(live ? { live: hash } : {}),
  makers: [],
  title: definition.title,
  sendClass: definition.class,
  priority: definition.priority,
  updatedAt: 0 as Instant,
  version: 0,
});

/**
 * Campaigns over the table: `CAMPAIGNS` / `<id>`.
 * @param shipped the programmes of this build: each answers as its default until its first row is written
 */
export const createCampaigns = (table: Table, shipped: readonly Programme[]): Campaigns => {
  const defaults = new Map(shipped.map((programme) => [programme.definition.id, recordOf(programme)]));
  return {
    async all() {
      const found = new Map(defaults);
      for await (const item of queryAll(table, { pk: CAMPAIGNS, consistent: true }))
        found.set(item.sk, item.campaign as CampaignRecord);
      return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    async get(id) {
      const item = await table.get({ pk: CAMPAIGNS, sk: id }, { consistent: true });
      return item === undefined ? defaults.get(id) : (item.campaign as CampaignRecord);
    },

    async put(record, expectedVersion) {
      const outcome = await table.put(
        {
          pk: CAMPAIGNS,
          sk: record.id,
          entity: 'Campaign',
          schemaVersion: 1,
          version: record.version,
          campaign: record,
        },
        expectedVersion === 0 ? [{ path: ['pk'], absent: true }] : [{ path: ['version'], is: expectedVersion }],
      );
      return outcome.kind;
    },
  };
};
