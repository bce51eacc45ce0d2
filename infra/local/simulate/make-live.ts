import type { CampaignRecord } from '../../../shared/campaign/campaign.ts';
import { createCampaigns } from '../../../shared/campaign/campaign-store.ts';
import type { PinnedDefinition } from '../../../shared/campaign/definition.ts';
import { createDefinitions } from '../../../shared/campaign/definition-store.ts';
import { programmes } from '../../../shared/campaign/programmes.ts';
import { createDueWork } from '../../../shared/journey/due-work.ts';
import { runDue } from '../../../shared/launch/due-items.ts';
import { firstRun } from '../../../shared/launch/plan-runs.ts';
import type { MemorySystem } from './memory-system.ts';

/** Makes a campaign live in a rehearsal, in this content, without review; before the book is imported, so that everyone
 *  enters as they are found. */
export const makeLive = async (system: MemorySystem, pinned: PinnedDefinition): Promise<void> => {
  const { table } = system;
  const { hash, definition } = pinned;
  const campaigns = createCampaigns(table, programmes);
  await createDefinitions(table, programmes).keep(pinned);
  const known = await campaigns.get(definition.id);
  const record: CampaignRecord = {
    id: definition.id,
    state: 'live',
    draft: hash,
    live: hash,
    makers: [],
    title: definition.title,
    sendClass: definition.class,
    priority: definition.priority,
    updatedAt: system.now(),
    version: (known?.version ?? 0) + 1,
  };
  await campaigns.put(record, known?.version ?? 0);
  const first = firstRun(definition, system.now());
  if (first !== undefined) await createDueWork(table).place([runDue(definition.id, first)], system.now());
};
