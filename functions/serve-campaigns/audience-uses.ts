import type { Campaigns } from '../../shared/campaign/campaign-store.ts';
import type { CampaignDefinition } from '../../shared/campaign/definition.ts';
import type { Definitions } from '../../shared/campaign/definition-store.ts';

/** A campaign that names a saved audience or a list. */
export interface AudienceUse {
  readonly campaign: string;
  readonly state: string;
  /** Whether customers can enter by it now. */
  readonly isLive: boolean;
}

/** Which campaigns name what. */
export interface AudienceUses {
  ofAudience(id: string): Promise<readonly AudienceUse[]>;
  ofList(id: string): Promise<readonly AudienceUse[]>;
}

const namesAudience =
  (id: string) =>
  ({ trigger, audience }: CampaignDefinition): boolean =>
    audience.saved === id || ('audience' in trigger && trigger.audience === id);
const namesList =
  (id: string) =>
  ({ audience }: CampaignDefinition): boolean =>
    audience.include?.includes(id) === true || audience.exclude?.includes(id) === true;

/** Uses, looked up in the draft and the live version of every campaign that is not put away. */
export const createAudienceUses = (
  campaigns: Pick<Campaigns, 'all'>,
  definitions: Pick<Definitions, 'get'>,
): AudienceUses => {
  const uses = async (names: (definition: CampaignDefinition) => boolean): Promise<readonly AudienceUse[]> => {
    const found: AudienceUse[] = [];
    for (const { id, state, draft, live } of await campaigns.all()) {
      if (state === 'archived') continue;
      const naming = async (hash: string | undefined): Promise<boolean> =>
        hash !== undefined && names((await definitions.get(id, hash)).definition);
      const isLive = (state === 'live' || state === 'paused') && (await naming(live));
      if (isLive || (await naming(draft))) found.push({ campaign: id, state, isLive });
    }
    return found;
  };
  return { ofAudience: (id) => uses(namesAudience(id)), ofList: (id) => uses(namesList(id)) };
};
