import { describe, expect, test } from 'vitest';
import type { AudienceUse } from '../../functions/serve-campaigns/audience-uses.ts';
import { audienceRoutes } from '../../functions/serve-campaigns/routes/audiences.ts';
import { listRoutes } from '../../functions/serve-campaigns/routes/lists.ts';
import type { CustomerFacts } from '../../shared/audience/rule-subject.ts';
import { createCustomerNumbers } from '../../shared/customer/customer-numbers.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { searchItem } from '../../shared/customer/search.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import type { ZoneId } from '../../shared/platform/time.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAudienceWorld, customerFacts, day, NOW, party, policyFacts } from '../audience/audience-world.ts';
import { createApiRig } from '../support/api.ts';

const title = { 'zh-CN': '北京车险客户', en: 'motor in Beijing' };
const rule = {
  combinator: 'and',
  rules: [
    { field: 'customer.city', operator: '=', value: 'Beijing' },
    {
      field: 'policies',
      operator: '=',
      match: { mode: 'some' },
      value: { combinator: 'and', rules: [{ field: 'line', operator: '=', value: 'motor' }] },
    },
  ],
};

const setUp = async () => {
  const world = createAudienceWorld();
  const { table } = world;
  const [profiles, policies, facts] = [createProfiles(table), createPolicies(table), createPolicyFacts(table)];
  const uses: { audience: AudienceUse[]; list: AudienceUse[] } = { audience: [], list: [] };
  const kept: number[] = [];
  const announced: PartyId[] = [];
  const ports = {
    saved: world.saved,
    lists: world.lists,
    source: world,
    uses: { ofAudience: async () => uses.audience, ofList: async () => uses.list },
    profiles,
    policies,
    facts,
    numbers: createCustomerNumbers(table),
    keepWatches: async (now: number) => {
      kept.push(now);
    },
    announce: async (members: readonly PartyId[]) => {
      announced.push(...members);
    },
    now: () => NOW,
  };
  const routes = [...audienceRoutes(ports), ...listRoutes(ports)];
  const rig = createApiRig({ routes });
  const add = async (n: number, more: Partial<CustomerFacts> = {}): Promise<void> => {
    const scope = more.scope ?? 'house/east';
    const name = { family: '张', given: '伟' };
    await profiles.put(
      { partyId: party(n), scope, name, locale: 'zh-CN', zone: 'Asia/Shanghai' as ZoneId, records: [], version: 1 },
      0,
    );
    await world.rows.setCustomer(party(n), customerFacts({ ...more, scope }), NOW);
    await table.writeMany([searchItem({ kind: 'ref', text: `c${n}`, id: party(n) })]);
  };
  return { world, policies, facts, uses, kept, announced, routes, rig, add };
};

const marketing = { groups: ['marketing'] };
const east = { groups: ['marketing', 'scope:house/east'] };

describe('the audiences API', () => {
  test('401 and 403 on every route', async () => {
    const { rig, routes } = await setUp();
    for (const { method, path } of routes) {
      const url = path.replaceAll(/\{\w+\}/g, 'x');
      expect((await rig.call(method.toUpperCase(), url, { groups: undefined })).status).toBe(401);
      expect((await rig.call(method.toUpperCase(), url, { groups: ['visitor'] })).status).toBe(403);
    }
    expect((await rig.call('PUT', '/api/audiences/x', { groups: ['manager'], body: {} })).status).toBe(403);
  });

  test('D7: counts a rule and shows some of its members, names masked, of the caller’s branch only', async () => {
    const { rig, add, world } = await setUp();
    for (let n = 0; n < 60; n += 1) {
      await add(n, { scope: n < 40 ? 'house/east' : 'house/west', city: n % 2 === 0 ? 'Beijing' : 'Shanghai' });
      await world.rows.setPolicy(party(n), policyFacts(n), [], NOW);
    }
    const count = (who: object) => rig.call('POST', '/api/audiences/count', { ...who, body: { rule } });
    expect((await count(marketing)).json).toEqual({ count: 30, of: 60, exact: true, margin: 0 });
    expect((await count(east)).json).toEqual({ count: 20, of: 40, exact: true, margin: 0 });
    const { json, text } = await rig.call('POST', '/api/audiences/sample', { ...east, body: { rule } });
    expect(json.items).toHaveLength(20);
    expect(json.items[0]).toEqual({ customerId: expect.stringMatching(/^party0000/), name: '张•••' });
    expect(text).not.toContain('伟');
  });

  test('D7: says at which word a rule is wrong and what was meant', async () => {
    const { rig } = await setUp();
    const wrong = { combinator: 'and', rules: [{ field: 'customer.brithOn', operator: 'on', value: '2027-01-01' }] };
    for (const [method, path, body] of [
      ['POST', '/api/audiences/count', { rule: wrong }],
      ['POST', '/api/audiences/sample', { rule: wrong }],
      ['PUT', '/api/audiences/new', { version: 0, title, rule: wrong }],
    ] as const) {
      const { status, json } = await rig.call(method, path, { ...marketing, body });
      expect([status, json.error.problems]).toEqual([
        400,
        [
          {
            path: 'body.rule.rules.0.field',
            message: 'there is no field "customer.brithOn": did you mean customer.birthOn?',
          },
        ],
      ]);
    }
    const extra = { rule: { ...rule, query: 'drop table' } };
    expect((await rig.call('POST', '/api/audiences/count', { ...marketing, body: extra })).status).toBe(400);
  });

  test('F32: saves, reads back, refuses a version that is over, copies, deletes', async () => {
    const { rig, kept, uses } = await setUp();
    const put = (version: number, more: object = {}) =>
      rig.call('PUT', '/api/audiences/motor', { ...marketing, body: { version, title, rule, ...more } });
    expect((await put(3)).status).toBe(404);
    const first = await put(0);
    expect(first.json).toMatchObject({ id: 'motor', title, rule, owner: 'user-1', version: 1, usedBy: [] });
    expect((await put(0)).status).toBe(409);
    const both = await Promise.all([put(1), put(1)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    // S10: what a caller may not set is refused
    expect((await put(2, { owner: 'me' })).status).toBe(400);
    expect(kept).toHaveLength(2);
    const copy = await rig.call('POST', '/api/audiences/motor/copy', { ...marketing, body: { id: 'motor-2', title } });
    expect(copy.json).toMatchObject({ id: 'motor-2', rule, version: 1 });
    expect((await rig.call('GET', '/api/audiences', marketing)).json.items.map(({ id }: { id: string }) => id)).toEqual(
      ['motor', 'motor-2'],
    );
    uses.audience = [{ campaign: 'spring', state: 'live', isLive: true }];
    expect((await rig.call('GET', '/api/audiences/motor', marketing)).json.usedBy).toEqual([
      { campaign: 'spring', state: 'live' },
    ]);
    const refused = await rig.call('DELETE', '/api/audiences/motor?version=2', marketing);
    expect([refused.status, refused.json.error.message]).toEqual([
      409,
      'live campaigns name it: spring: end them first',
    ]);
    uses.audience = [{ campaign: 'spring', state: 'draft', isLive: false }];
    expect((await rig.call('DELETE', '/api/audiences/motor?version=1', marketing)).status).toBe(409);
    expect((await rig.call('DELETE', '/api/audiences/motor?version=2', marketing)).status).toBe(200);
    expect((await rig.call('GET', '/api/audiences/motor', marketing)).status).toBe(404);
  });

  test('D7: why in, why out, with labels in both languages and what was found', async () => {
    const { rig, add, world } = await setUp();
    await add(1);
    await add(2, { city: 'Shanghai', scope: 'house/west' });
    await world.rows.setPolicy(party(1), policyFacts(1), [], NOW);
    await rig.call('PUT', '/api/audiences/motor', { ...marketing, body: { version: 0, title, rule } });
    const why = (n: number, who: object = marketing) =>
      rig.call('GET', `/api/audiences/motor/why?customer=${party(n)}`, who);
    const inside = (await why(1)).json;
    expect(inside.member).toBe(true);
    expect(inside.deciding.map(({ path, actual }: { path: string; actual: unknown }) => [path, actual])).toEqual([
      ['rules.0', 'Beijing'],
      ['rules.1', { fitting: 1, of: 1 }],
    ]);
    expect((await why(2)).json).toMatchObject({
      member: false,
      deciding: [
        {
          path: 'rules.0',
          label: { 'zh-CN': '城市', en: 'city' },
          operator: '=',
          value: 'Beijing',
          actual: 'Shanghai',
          holds: false,
        },
        { path: 'rules.1', label: { 'zh-CN': '保单', en: 'policies' }, actual: { fitting: 0, of: 0 }, holds: false },
      ],
    });
    expect((await why(2, east)).status).toBe(404);
    expect((await why(9)).status).toBe(404);
  });

  test('tells the console every field with its operators', async () => {
    const { rig } = await setUp();
    const { items } = (await rig.call('GET', '/api/audiences/fields', marketing)).json;
    const policies = items.find(({ name }: { name: string }) => name === 'policies');
    expect(policies.elements.find(({ name }: { name: string }) => name === 'line')).toMatchObject({
      type: 'choice',
      operators: ['=', '!=', 'in', 'notIn', 'null', 'notNull'],
      values: expect.arrayContaining([{ name: 'motor', label: { 'zh-CN': '车险', en: 'motor' } }]),
    });
  });
});

describe('the lists API', () => {
  const body = { version: 0, title, expiresOn: '2027-03-31' };

  test('D7: puts customers on a list by their numbers and tells the rows that name nobody by their line', async () => {
    const { rig, add, facts, policies, announced, world } = await setUp();
    for (const n of [1, 2, 3, 4]) await add(n, { scope: n === 4 ? 'house/west' : 'house/east' });
    // two departments gave one number to different people
    await world.table.writeMany([
      searchItem({ kind: 'ref', text: 'c2', id: party(3) }),
      searchItem({ kind: 'ref', text: 'c2x', id: party(3) }),
    ]);
    const policyOf = async (n: number, partyId?: PartyId) => {
      const policyId = `policy-${n}` as PolicyId;
      await facts.write([
        {
          kind: 'contract',
          policyId,
          policyNo: `PN ${n}`,
          contractStartsOn: day('2020-01-01'),
          source: 's',
          scope: 'house/east',
          knownFrom: NOW,
          recordedAt: NOW,
          origin: 'import',
        } as never,
      ]);
      await policies.put(
        {
          policyId,
          policyNo: `PN ${n}`,
          scope: 'house/east',
          term: { renewsOn: '2027-01-01' },
          version: 1,
          ...(partyId && { partyId }),
        } as unknown as Policy,
        0,
      );
    };
    await policyOf(1, party(3));
    await policyOf(2);
    expect((await rig.call('PUT', '/api/lists/vips', { ...marketing, body })).json).toMatchObject({
      members: 0,
      version: 1,
    });
    const members = (by: string, numbers: string[], who: object = marketing, path = 'members') =>
      rig.call('POST', `/api/lists/vips/${path}`, { ...who, body: { by, numbers } });
    expect((await members('customer-number', ['C1', 'nobody', ' c2 ', 'C1'])).json).toEqual({
      matched: 1,
      unmatched: [
        { line: 2, reason: 'unknown' },
        { line: 3, reason: 'several-customers' },
      ],
    });
    expect((await members('policy-number', ['pn1', 'PN 2', 'PN 9'])).json).toEqual({
      matched: 1,
      unmatched: [
        { line: 2, reason: 'no-holder' },
        { line: 3, reason: 'unknown' },
      ],
    });
    // S08: another branch's customer is nobody
    expect((await members('customer-id', [party(4), party(2)], east)).json).toEqual({
      matched: 1,
      unmatched: [{ line: 1, reason: 'unknown' }],
    });
    expect((await rig.call('GET', '/api/lists/vips', marketing)).json.members).toBe(3);
    expect(announced).toEqual([party(1), party(3), party(2)]);
    const inList = { rule: { combinator: 'and', rules: [{ field: 'lists', operator: 'contains', value: 'vips' }] } };
    expect((await rig.call('POST', '/api/audiences/count', { ...marketing, body: inList })).json.count).toBe(3);
    await members('customer-id', [party(1)], marketing, 'members/remove');
    expect((await rig.call('POST', '/api/audiences/count', { ...marketing, body: inList })).json.count).toBe(2);
    expect(JSON.stringify(rig.logged)).not.toMatch(/PN|nobody/);
  });

  test('D7: a list whose last day is over matches nobody, until it is prolonged', async () => {
    const { rig, add } = await setUp();
    await add(1);
    const put = (version: number, expiresOn: string) =>
      rig.call('PUT', '/api/lists/vips', { ...marketing, body: { version, title, expiresOn } });
    await put(0, '2027-01-14');
    await rig.call('POST', '/api/lists/vips/members', {
      ...marketing,
      body: { by: 'customer-id', numbers: [party(1)] },
    });
    const counted = async () =>
      (
        await rig.call('POST', '/api/audiences/count', {
          ...marketing,
          body: { rule: { combinator: 'and', rules: [{ field: 'lists', operator: 'in', value: ['vips'] }] } },
        })
      ).json.count;
    expect(await counted()).toBe(0);
    expect((await put(1, '2027-01-15')).status).toBe(200);
    expect(await counted()).toBe(1);
    expect((await put(1, '2028-01-15')).status).toBe(409);
    expect((await put(2, '2027-02-30')).status).toBe(400);
  });

  test('refuses more than 1,000 rows at once, an unknown list, and deleting one that a live campaign names', async () => {
    const { rig, uses } = await setUp();
    await rig.call('PUT', '/api/lists/vips', { ...marketing, body });
    const numbers = Array.from({ length: 1_001 }, (_, n) => `c${n}`);
    const post = (id: string, some: string[]) =>
      rig.call('POST', `/api/lists/${id}/members`, { ...marketing, body: { by: 'customer-number', numbers: some } });
    expect((await post('vips', numbers)).status).toBe(400);
    expect((await post('vips', numbers.slice(1))).json.unmatched).toHaveLength(1_000);
    expect((await post('others', ['c1'])).status).toBe(404);
    uses.list = [{ campaign: 'gala', state: 'paused', isLive: true }];
    expect((await rig.call('DELETE', '/api/lists/vips?version=1', marketing)).json.error.message).toMatch(/gala/);
    uses.list = [];
    expect((await rig.call('DELETE', '/api/lists/vips?version=1', marketing)).json.items).toEqual([]);
    // its former members would be on it
    expect((await rig.call('PUT', '/api/lists/vips', { ...marketing, body })).status).toBe(409);
  });
});
