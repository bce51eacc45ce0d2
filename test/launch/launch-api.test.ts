import { beforeEach, describe, expect, test } from 'vitest';
import { runRoutes } from '../../functions/serve-campaigns/routes/runs.ts';
import { stopRoutes } from '../../functions/serve-campaigns/routes/stop.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { AudiencesMessage } from '../../shared/launch/contract.ts';
import { createPreFlights } from '../../shared/launch/pre-flight-store.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { createApiRig } from '../support/api.ts';
import { definitionsOf } from './launch-world.ts';
import { broadcast, pin, TEN } from './run-world.ts';

const pinned = pin(broadcast());

const createWorld = async () => {
  const table = createMemoryTable();
  const campaigns = createCampaigns(table, []);
  await campaigns.put(
    {
      id: 'spring',
      state: 'live',
      draft: pinned.hash,
      live: pinned.hash,
      makers: [],
      title: { 'zh-CN': '春', en: 'Spring' },
      sendClass: 'marketing',
      priority: 50,
      updatedAt: TEN,
      version: 1,
    },
    0,
  );
  const audiences = createMemoryQueue<AudiencesMessage>();
  const resumed: string[] = [];
  const controls = createControls(table, [], () => TEN);
  const ports = {
    campaigns,
    controls,
    definitions: definitionsOf(pinned),
    runs: createRuns(table),
    preFlights: createPreFlights(table),
    profiles: createProfiles(table),
    timeline: createTimeline(table),
    audiences,
    effects: { onResume: async (id: string) => void resumed.push(id) },
    clock: () => TEN,
    now: () => TEN,
  };
  const api = createApiRig({ routes: [...runRoutes(ports), ...stopRoutes(ports)] });
  const rig = {
    call: async (method: string, path: string, groups: readonly string[], body?: unknown) => {
      const { status, json } = await api.call(method, path, { groups, ...(body === undefined ? {} : { body }) });
      return { status, body: json as unknown };
    },
  };
  return { rig, controls, audiences, resumed, ports };
};

let world: Awaited<ReturnType<typeof createWorld>>;
beforeEach(async () => {
  world = await createWorld();
});

const RUN = '/api/campaigns/spring/runs/2027-01-15T10:00';

describe('the global stop by API (G6)', () => {
  test('stops the house or a part of it, shows who did, and releases what lay on the shelf', async () => {
    const { rig, controls, resumed } = world;
    expect((await rig.call('POST', '/api/stop', ['compliance'], { scope: '' })).status).toBe(200);
    expect((await controls.of(['spring'])).get('spring')).toEqual({ kind: 'hold', reason: 'stopped' });
    const { body } = await rig.call('GET', '/api/stop', ['marketing']);
    expect(body).toMatchObject({ items: [{ scope: '', at: '2027-01-15T02:00:00.000Z' }] });
    expect((await rig.call('POST', '/api/stop/release', ['head'], {})).body).toEqual({ items: [] });
    expect((await controls.of(['spring'])).get('spring')).toEqual({ kind: 'go' });
    expect(resumed).toEqual(['spring']);
  });

  test.each(['marketing', 'manager'])('is not for %s', async (role) => {
    expect((await world.rig.call('POST', '/api/stop', [role], { scope: '' })).status).toBe(403);
    expect(await world.controls.stops()).toEqual([]);
  });

  test('a branch stops itself and nobody else', async () => {
    const { rig, controls } = world;
    const east = ['head', 'scope:house/east'];
    expect((await rig.call('POST', '/api/stop', east, { scope: '' })).status).toBe(404);
    expect((await rig.call('POST', '/api/stop', east, { scope: 'house/west' })).status).toBe(404);
    expect((await rig.call('POST', '/api/stop', east, { scope: 'house/east' })).status).toBe(200);
    expect((await controls.stops()).map(({ scope }) => scope)).toEqual(['house/east']);
    expect((await rig.call('POST', '/api/stop', east, { scope: 'a//b' })).status).toBe(400);
  });
});

describe('runs by API', () => {
  test('a run is shown with its progress, and unknown ones are not there', async () => {
    const { rig, ports } = world;
    await ports.runs.begin({
      campaign: 'spring',
      occurrence: '2027-01-15T10:00',
      definition: pinned.hash,
      sendClass: 'marketing',
      priority: 50,
      mode: 'orders',
      dueAt: TEN,
      useBy: TEN,
      startedAt: TEN,
      state: 'walking',
      cursor: { page: 2, done: 0, shard: 9 },
      members: 30,
      ordered: 25,
      version: 1,
    });
    const counts = [
      { outcome: 'sent' as const, count: 17 },
      { outcome: 'skipped' as const, reason: 'no-consent', count: 2 },
      { outcome: 'failed' as const, reason: 'missing-value', count: 1 },
    ];
    await ports.runs.setOutcomes(
      { campaign: 'spring', occurrence: '2027-01-15T10:00' },
      { page: 0, counts, open: 0, checkedAt: TEN },
    );
    expect((await rig.call('GET', '/api/campaigns/spring/runs', ['marketing'])).body).toMatchObject({
      items: [{ occurrence: '2027-01-15T10:00', state: 'walking', members: 30, ordered: 25 }],
    });
    expect((await rig.call('GET', RUN, ['approver'])).body).toMatchObject({
      sent: 17,
      skipped: { 'no-consent': 2 },
      failed: { 'missing-value': 1 },
      pending: 5,
    });
    expect((await rig.call('GET', '/api/campaigns/spring/runs/2027-01-16T10:00', ['approver'])).status).toBe(404);
    expect((await rig.call('GET', '/api/campaigns/other/runs', ['approver'])).status).toBe(404);

    expect((await rig.call('POST', `${RUN}/failed/resend`, ['marketing'], {})).body).toEqual({ messages: 1 });
    expect(world.audiences.take()).toEqual([
      { kind: 'resend', campaign: 'spring', occurrence: '2027-01-15T10:00', outcome: 'failed', at: TEN },
    ]);
    expect((await rig.call('POST', `${RUN}/failed/resend`, ['approver'], {})).status).toBe(403);
  });

  test('a pre-flight is begun by asking for it', async () => {
    const { rig, audiences } = world;
    const { status, body } = await rig.call('GET', '/api/campaigns/spring/pre-flight', ['marketing']);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'computing', progress: 0, audience: 0 });
    expect(audiences.take()).toMatchObject([{ kind: 'pre-flight', campaign: 'spring' }]);
    await rig.call('GET', '/api/campaigns/spring/pre-flight', ['marketing']);
    expect(audiences.take()).toEqual([]);
  });
});
