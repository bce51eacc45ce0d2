import { syncWatches, type WatchPorts } from '../audience/pass-audiences.ts';
import type { Instant } from '../platform/time.ts';
import type { PinnedDefinition } from './definition.ts';
import type { LiveCampaigns } from './live-campaigns.ts';

/** The audiences whose comings and goings begin journeys of these campaigns. */
export const watchedAudiences = (entering: readonly PinnedDefinition[]): ReadonlySet<string> =>
  new Set(entering.flatMap(({ definition: { trigger } }) => ('audience' in trigger ? [trigger.audience] : [])));

/** Watches the audiences that live campaigns wait for, and no others (ADR 0095). To be called at a launch, after a saved
 *  audience was changed, and once a day; any number of calls end in the same. */
export const keepWatches = async (ports: WatchPorts & { readonly live: LiveCampaigns }, now: Instant): Promise<void> =>
  syncWatches(watchedAudiences(await ports.live.entering()), ports, now);
