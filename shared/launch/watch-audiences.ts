import { syncWatches, type WatchPorts } from '../audience/pass-audiences.ts';
import type { LiveCampaigns } from '../campaign/live-campaigns.ts';
import type { Instant } from '../platform/time.ts';

/** Watches the audiences whose comings and goings campaigns that may be entered wait for, and no others. */
export const watchAudiences = async (
  ports: WatchPorts & { readonly liveCampaigns: LiveCampaigns },
  now: Instant,
): Promise<void> => {
  const wanted = (await ports.liveCampaigns.entering()).flatMap(({ definition: { trigger } }) =>
    'audience' in trigger ? [trigger.audience] : [],
  );
  await syncWatches(new Set(wanted), ports, now);
};
