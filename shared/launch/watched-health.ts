import { createCampaigns } from '../campaign/campaign-store.ts';
import { programmes } from '../campaign/programmes.ts';
import { type CampaignHealth, createCampaignHealth } from '../message/health.ts';
import type { Bus } from '../platform/bus.ts';
import { createStaffEvents } from '../platform/staff-events.ts';
import type { Table } from '../platform/table.ts';
import { createAlarmMarks, createWatch, watchedHealth } from './watch-campaign.ts';

/** Campaign health over the table with the watch behind it, for functions that send or hear what became of messages. */
export const createWatchedHealth = (table: Table, bus: Bus): CampaignHealth => {
  const health = createCampaignHealth(table);
  return watchedHealth(
    health,
    createWatch({
      campaigns: createCampaigns(table, programmes),
      health,
      marks: createAlarmMarks(table),
      staff: createStaffEvents(bus),
    }),
  );
};
