import { describe, expect, test } from 'vitest';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { judge } from '../../shared/launch/watch.ts';
import { createAlarmMarks, createWatch, watchedHealth } from '../../shared/launch/watch-campaign.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { StaffEvent } from '../../shared/platform/staff-events.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { TEN } from './run-world.ts';

const RECORD: CampaignRecord = {
  id: 'spring',
  state: 'live',
  draft: 'h',
  live: 'h',
  makers: [],
  title: { 'zh-CN': '春', en: 'Spring' },
  sendClass: 'marketing',
  priority: 50,
  updatedAt: TEN,
  version: 1,
};

const createWorld = async () => {
  const table = createMemoryTable();
  const campaigns = createCampaigns(table, []);
  await campaigns.put(RECORD, 0);
  const staff: StaffEvent[] = [];
  const health = createCampaignHealth(table);
  const watch = createWatch({
    campaigns,
    health,
    marks: createAlarmMarks(table),
    staff: { tell: async (...events) => void staff.push(...events) },
  });
  return { campaigns, staff, health: watchedHealth(health, watch) };
};

describe('the watch over a campaign', () => {
  test.each([
    // accepted, streak, complaints, finding
    [0, 19, 0, 'fine'],
    [500, 20, 0, 'pause'],
    [0, 0, 1, 'fine'],
    [100, 0, 2, 'fine'],
    [100, 0, 3, 'pause'],
    [999, 0, 2, 'fine'],
    [1_000, 0, 0, 'fine'],
    [1_000, 0, 1, 'alarm'],
    [1_001, 0, 1, 'fine'],
    [1_000, 0, 2, 'alarm'],
    [1_000, 0, 3, 'pause'],
    [10_000, 0, 29, 'alarm'],
    [10_000, 0, 30, 'pause'],
  ])('%i accepted, %i failures in a row, %i complaints: %s (C02)', (accepted, streak, complaints, kind) => {
    expect(judge({ accepted, streak, complaints }).kind).toBe(kind);
  });

  test('twenty failures in a row pause it, once, and staff are told why', async () => {
    const { campaigns, staff, health } = await createWorld();
    const batch = { campaign: 'spring', at: TEN, accepted: 0, failed: 10, failedSince: 10 };
    await health.note(batch);
    expect((await campaigns.get('spring'))?.state).toBe('live');
    await health.note(batch);
    expect(await campaigns.get('spring')).toMatchObject({
      state: 'paused',
      paused: { by: 'system', because: 'error-streak', at: TEN },
    });
    await health.note(batch);
    expect(staff).toMatchObject([
      { type: 'CampaignStopped', campaign: 'spring', details: { because: 'error-streak' } },
    ]);
  });

  test('one that was taken in between ends the streak', async () => {
    const { campaigns, health } = await createWorld();
    await health.note({ campaign: 'spring', at: TEN, accepted: 0, failed: 19, failedSince: 19 });
    await health.note({ campaign: 'spring', at: TEN, accepted: 1, failed: 5, failedSince: 0 });
    await health.note({ campaign: 'spring', at: TEN, accepted: 0, failed: 15, failedSince: 15 });
    expect((await campaigns.get('spring'))?.state).toBe('live');
  });

  test('0.1 % of complaints is told once a day, 0.3 % pauses', async () => {
    const { campaigns, staff, health } = await createWorld();
    await health.note({ campaign: 'spring', at: TEN, accepted: 1_000, failed: 0, failedSince: 0 });
    await health.complaint('spring', TEN);
    await health.complaint('spring', TEN);
    expect(staff.map(({ type }) => type)).toEqual(['ComplaintRate']);
    await health.complaint('spring', (TEN + DAY) as Instant);
    expect(staff.map(({ type }) => type)).toEqual(['ComplaintRate', 'CampaignStopped']);
    expect(await campaigns.get('spring')).toMatchObject({ state: 'paused', paused: { because: 'complaint-rate' } });
  });
});
