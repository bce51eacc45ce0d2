import { describe, expect, test } from 'vitest';
import { contactRuleRoutes } from '../../functions/serve-api/routes/contact-rules.ts';
import { contactRoutes } from '../../functions/serve-api/routes/contacts.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { decideContact } from '../../shared/message/contact-rules.ts';
import { contactSettings, contactSettingsSchema } from '../../shared/message/contact-settings.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { logContact } from '../../shared/message/log-contact.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { createApiRig } from '../support/api.ts';
import { at, gateOf, questionAt } from './contact-questions.ts';

const NOW = at('2026-03-11T04:00:00Z');
const PARTY = 'p' as PartyId;

describe('the figures as data', () => {
  test('the shipped ones are what the API takes', () => {
    expect(contactSettingsSchema.parse(JSON.parse(JSON.stringify(contactSettings)))).toEqual(contactSettings);
  });

  /** Where the schema finds fault with the shipped figures when `path` holds `value` (undefined: nothing). */
  const faultAt = (path: string, value: unknown): string | undefined => {
    const settings = JSON.parse(JSON.stringify(contactSettings)) as Record<string, unknown>;
    const names = path.split('.');
    const last = names.pop() ?? '';
    const parent = names.reduce((part, name) => part[name] as Record<string, unknown>, settings);
    parent[last] = value;
    return contactSettingsSchema.safeParse(JSON.parse(JSON.stringify(settings))).error?.issues[0]?.path.join('.');
  };
  test.each<[string, string, unknown, string?]>([
    ['a situation that silences the law', 'situations.bereavement.statutory', 'hold'],
    ['a budget that blocks the law', 'budget.classes.statutory', 'blocked'],
    ['quiet hours of the law', 'quietHours.statutory', { from: '21:00', until: '08:00' }, 'quietHours'],
    ['closed days of the law', 'closedDays.statutory', {}, 'closedDays'],
    ['a cap on the law', 'caps.0.sendClass', 'statutory'],
    ['a window that the gate does not remember', 'budget.days', 36],
    ['a channel without points', 'budget.points.visit', undefined],
    ['an hour that is none', 'quietHours.service.from', '24:00'],
    ['an unknown figure (S10)', 'surplus', 1, ''],
  ])('%s is refused, with its path', (_, path, value, at_ = path) => {
    expect(faultAt(path, value)).toBe(at_);
  });

  test('are as shipped until they are set; a later version wins nothing over a newer one (F32)', async () => {
    const store = createContactSettings(createMemoryTable());
    expect(await store.inForce()).toEqual({ settings: contactSettings, version: 0 });
    const stricter = { ...contactSettings, caps: [] };
    const changed = { by: 'u', at: NOW };
    expect(await store.put(stricter, 0, changed)).toBe('written');
    expect(await store.put(contactSettings, 0, changed)).toBe('refused');
    expect(await store.inForce()).toEqual({ settings: stricter, version: 1, changed });
    expect(await store.put(contactSettings, 1, changed)).toBe('written');
    expect((await store.inForce()).version).toBe(2);
  });

  test('what does not fit this release stops sending rather than being left out', async () => {
    const table = createMemoryTable();
    await table.put({
      pk: 'SETTINGS',
      sk: 'contact-rules',
      entity: 'ContactSettings',
      schemaVersion: 1,
      settings: { caps: 'none' },
    });
    await expect(createContactSettings(table).inForce()).rejects.toMatchObject({ code: 'misconfigured' });
  });
});

describe('contacts of staff', () => {
  const createWorld = async () => {
    const table = createMemoryTable();
    const [gates, timeline] = [createGates(table), createTimeline(table)];
    await gates.create(gateOf());
    const log = (channel: 'phone' | 'visit', instant: number, note?: string) =>
      logContact(
        { gates, timeline },
        { partyId: PARTY, channel, at: instant as Instant, by: 'u', ...(note === undefined ? {} : { note }) },
        NOW,
      );
    const gate = async () => (await gates.getMany([PARTY])).get(PARTY);
    return { gates, timeline, log, gate };
  };

  test('count against the budget as soon as they are logged', async () => {
    const world = await createWorld();
    const asked = async () =>
      decideContact(questionAt(NOW, { gate: (await world.gate()) ?? {}, order: { channel: 'sms' } }));
    expect((await asked()).kind).toBe('send');
    await world.log('visit', NOW - 3 * DAY);
    await world.log('visit', NOW - 2 * DAY);
    expect((await asked()).kind).toBe('send');
    await world.log('phone', NOW - HOUR);
    expect(await asked()).toMatchObject({ reason: 'contact-budget' });
  });

  test('stand in the timeline with who and what; logged twice they are one', async () => {
    const world = await createWorld();
    const logged = await world.log('phone', NOW - HOUR, 'wants a call in May');
    expect(await world.log('phone', NOW - HOUR, 'again')).toEqual(logged);
    const { entries } = await world.timeline.list(PARTY);
    expect(entries).toMatchObject([
      {
        kind: 'fact',
        at: NOW - HOUR,
        channel: 'phone',
        reason: 'contact-logged',
        details: { by: 'u', note: 'wants a call in May' },
      },
    ]);
    expect(Object.keys((await world.gate())?.recent ?? {})).toHaveLength(1);
  });

  test('of long ago are noted and take no place in the gate; of tomorrow are refused', async () => {
    const world = await createWorld();
    await world.log('visit', NOW - 40 * DAY);
    expect((await world.gate())?.recent).toEqual({});
    expect((await world.timeline.list(PARTY)).entries).toHaveLength(1);
    await expect(world.log('visit', NOW + 1)).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('many at once are all there', async () => {
    const world = await createWorld();
    await Promise.all(Array.from({ length: 6 }, (_, n) => world.log('phone', NOW - n * HOUR)));
    expect(Object.keys((await world.gate())?.recent ?? {})).toHaveLength(6);
  });
});

describe('by API', () => {
  const createRig = async () => {
    const table = createMemoryTable();
    const ports = {
      contactSettings: createContactSettings(table),
      profiles: createProfiles(table),
      gates: createGates(table),
      timeline: createTimeline(table),
      now: () => NOW,
    };
    const rig = createApiRig({ routes: [...contactRuleRoutes(ports), ...contactRoutes(ports)] });
    const { zone } = gateOf();
    await ports.gates.create(gateOf());
    await ports.profiles.put(
      { partyId: PARTY, scope: 'house/east', name: {}, locale: 'en', zone, records: [], version: 1 },
      0,
    );
    return { ...rig, ...ports };
  };

  test('everyone reads the rules, compliance sets them, one version at a time', async () => {
    const { call } = await createRig();
    const read = await call('GET', '/api/contact-rules', { groups: ['manager'] });
    expect(read.json).toEqual({ version: 0, settings: contactSettings });
    const body = { version: 0, settings: { ...contactSettings, caps: [] } };
    expect((await call('PUT', '/api/contact-rules', { groups: ['marketing'], body })).status).toBe(403);
    const set = await call('PUT', '/api/contact-rules', { groups: ['compliance'], body });
    expect(set.json).toMatchObject({ version: 1, changedBy: 'user-1', settings: { caps: [] } });
    const late = await call('PUT', '/api/contact-rules', { groups: ['compliance'], body });
    expect([late.status, late.json.error.code]).toEqual([409, 'conflict']);
    const bad = { version: 1, settings: { ...contactSettings, budget: { ...contactSettings.budget, days: 90 } } };
    const refused = await call('PUT', '/api/contact-rules', { groups: ['compliance'], body: bad });
    expect([refused.status, refused.json.error.path]).toEqual([400, 'body.settings.budget.days']);
  });

  test('a manager logs a call with a customer of his branch, and nobody else’s', async () => {
    const { call, timeline } = await createRig();
    const body = { channel: 'phone', at: '2026-03-10T10:00:00+08:00', note: 'called back' };
    const path = `/api/customers/${PARTY}/contacts`;
    expect((await call('POST', path, { groups: ['head'], body })).status).toBe(403);
    expect((await call('POST', path, { groups: ['manager', 'scope:house/west'], body })).status).toBe(404);
    expect((await call('POST', '/api/customers/nobody/contacts', { groups: ['manager'], body })).status).toBe(404);
    expect((await timeline.list(PARTY)).entries).toEqual([]);
    const logged = await call('POST', path, { groups: ['manager', 'scope:house/east'], body });
    expect(logged.status).toBe(200);
    expect((await timeline.list(PARTY)).entries).toMatchObject([
      { id: logged.json.contactId, at: at('2026-03-10T02:00:00Z'), details: { by: 'user-1' } },
    ]);
    const future = await call('POST', path, { groups: ['manager'], body: { ...body, at: '2027-01-01T00:00:00Z' } });
    expect(future.status).toBe(400);
    expect((await call('POST', path, { groups: ['manager'], body: { channel: 'email' } })).status).toBe(400);
  });
});
