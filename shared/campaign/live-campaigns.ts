import type { Campaigns } from './campaign-store.ts';
import type { PinnedDefinition } from './definition.ts';
import type { Definitions } from './definition-store.ts';

/** The campaigns that customers may enter now. */
export interface LiveCampaigns {
  /** The live version of each campaign that is live or paused: while paused, who enters waits with the others. One
   *  strong query, never cached, so that an ended campaign takes nobody in. */
  entering(): Promise<readonly PinnedDefinition[]>;
}

/** What is live, from the records. */
export const createLiveCampaigns = (
  campaigns: Pick<Campaigns, 'all'>,
  definitions: Pick<Definitions, 'get'>,
): LiveCampaigns => ({
  async entering() {
    const open = (await campaigns.all()).flatMap(({ id, state, live, cancelled }) =>
      live !== undefined && cancelled === undefined && (state === 'live' || state === 'paused') ? [{ id, live }] : [],
    );
    return Promise.all(open.map(({ id, live }) => definitions.get(id, live)));
  },
});
