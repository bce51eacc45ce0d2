import type { Campaigns } from '../../shared/campaign/campaign-store.ts';
import type { Definitions } from '../../shared/campaign/definition-store.ts';
import type { TestPorts } from './test-routes.ts';

/** Reads a campaign's draft from where campaigns are kept. */
export const createDraftReader =
  (campaigns: Pick<Campaigns, 'get'>, definitions: Pick<Definitions, 'get'>): TestPorts['draftOf'] =>
  async (campaign) => {
    const record = await campaigns.get(campaign);
    return record === undefined ? undefined : definitions.get(campaign, record.draft);
  };
