import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { audienceShardOf, createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { subjectsOf } from '../../shared/audience/row-subjects.ts';
import type { CustomerFacts } from '../../shared/audience/rule-subject.ts';
import type { PolicyId } from '../../shared/platform/ids.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';
import {
  type AudienceWorld,
  claimFacts,
  createAudienceWorld,
  customerFacts,
  day,
  NOW,
  party,
  policyFacts,
} from './audience-world.ts';

const later = (n: number) => (NOW + n) as Instant;
const rule = { combinator: 'and', rules: [] } as const;
const title = { 'zh-CN': '客群', en: 'audience' };

/** Bytes of an item as DynamoDB counts them: names and UTF-8 values, numbers two digits a byte, 3 + 1 each for nesting. */
const sizeOf = (value: unknown): number => {
  const [[type, inner] = ['', undefined]] = Object.entries(value as Record<string, unknown>);
  const text = (one: string) => Buffer.byteLength(one);
  if (type === 'S') return text(inner as string);
  if (type === 'N') return Math.ceil((inner as string).replace(/^-|\./g, '').replace(/0+$/, '').length / 2) + 1;
  if (type === 'M')
    return 3 + Object.entries(inner as object).reduce((sum, [name, one]) => sum + text(name) + sizeOf(one) + 1, 0);
  if (type === 'L') return 3 + (inner as unknown[]).reduce<number>((sum, one) => sum + sizeOf(one) + 1, 0);
  return 1;
};

for (const engine of tableEngines) {
  describe(`audience rows on ${engine.name}`, () => {
    let world: AudienceWorld;
    beforeAll(async () => {
      world = createAudienceWorld(await engine.make());
    });
    const rowOf = async (n: number) => (await world.rows.getMany([party(n)])).get(party(n));

    test('gives back what was written, part by part', async () => {
      const [p1, p2] = [
        policyFacts(1),
        policyFacts(2, { line: 'home', hasOffer: false, endsOn: day('2026-12-31'), ending: 'lapsed' }),
      ];
      const { offerValidUntil: _none, ...bare } = p2;
      await world.rows.setPolicy(party(1), p1, [claimFacts(1, p1.policyId), claimFacts(2, p1.policyId)], NOW);
      await world.rows.setCustomer(party(1), customerFacts({ traits: { vip: 3 } }), NOW);
      await world.rows.setPolicy(party(1), bare, [], NOW);
      const row = await rowOf(1);
      expect(row?.customer).toEqual(customerFacts({ traits: { vip: 3 } }));
      expect([...(row?.policies ?? [])].sort((a, b) => (a.policyId < b.policyId ? -1 : 1))).toEqual([p1, bare]);
      expect(row?.claims).toEqual([claimFacts(1, p1.policyId), claimFacts(2, p1.policyId)]);
      await world.rows.dropPolicy(party(1), p1.policyId as PolicyId);
      expect((await rowOf(1))?.policies).toEqual([bare]);
      expect((await rowOf(1))?.claims).toEqual([]);
    });

    test('keeps every fact of every customer', async () => {
      const channel = fc.constantFrom('email', 'post', 'phone', 'sms', 'visit');
      const facts = fc.record(
        {
          kind: fc.constantFrom('person', 'organisation'),
          largePrint: fc.boolean(),
          hasEmail: fc.boolean(),
          hasPhone: fc.boolean(),
          consent: fc.dictionary(
            fc.tuple(channel, fc.constantFrom('service', 'marketing')).map((both) => both.join('/')),
            fc.boolean(),
          ),
          suppressed: fc.uniqueArray(channel),
          situations: fc.subarray(['deceased', 'fraud-review']),
          city: fc.string({ minLength: 1 }),
        },
        { requiredKeys: [] },
      );
      let n = 1_000;
      await fc.assert(
        fc.asyncProperty(facts, async (more) => {
          n += 1;
          const { region: _region, birthOn: _birthOn, ...known } = customerFacts(more as Partial<CustomerFacts>);
          await world.rows.setCustomer(party(n), known, NOW);
          expect((await rowOf(n))?.customer).toEqual(known);
        }),
        { numRuns: 50 },
      );
    });

    test('an older word never overwrites a later one, whoever comes last', async () => {
      await world.rows.setCustomer(party(2), customerFacts({ city: 'new' }), later(5));
      await world.rows.setCustomer(party(2), customerFacts({ city: 'old' }), later(4));
      await world.rows.setPolicy(party(2), policyFacts(1, { line: 'life' }), [], later(5));
      await world.rows.setPolicy(party(2), policyFacts(1, { line: 'home' }), [], later(4));
      expect((await rowOf(2))?.customer?.city).toBe('new');
      expect((await rowOf(2))?.policies?.[0]?.line).toBe('life');
    });

    test('twenty writers at one row lose nothing', async () => {
      await Promise.all([
        ...Array.from({ length: 10 }, (_, n) => world.rows.setPolicy(party(3), policyFacts(n), [], NOW)),
        ...Array.from({ length: 5 }, (_, n) => world.rows.setList(party(3), `list-${n}`, true)),
        ...Array.from({ length: 5 }, (_, n) =>
          world.rows.setCustomer(party(3), customerFacts({ city: `c${n}` }), later(n)),
        ),
      ]);
      const row = await rowOf(3);
      expect(row?.policies).toHaveLength(10);
      expect(row?.lists).toHaveLength(5);
      expect(row?.customer?.city).toBe('c4');
    });

    test('a new person does not undo what was written of them', async () => {
      await world.rows.setPolicy(party(4), policyFacts(1), [], NOW);
      const profile = { partyId: party(4), scope: 's', name: {}, locale: 'en', zone: 'UTC', records: [], version: 1 };
      await world.rows.createMany([{ profile: profile as never, gate: undefined }], NOW);
      expect((await rowOf(4))?.policies).toHaveLength(1);
      await world.rows.createMany([{ profile: { ...profile, partyId: party(5) } as never, gate: undefined }], NOW);
      expect((await rowOf(5))?.customer).toMatchObject({ kind: 'person', hasEmail: false, consent: {} });
    });

    test('a standing is set only by what still holds', async () => {
      await world.rows.setCustomer(party(6), customerFacts(), NOW);
      const row = await rowOf(6);
      if (!row) throw new Error('no row');
      expect(await world.rows.setStanding(row, 'young', '+2027-01-15!')).toBe('written');
      expect(await world.rows.setStanding(row, 'young', '+2027-01-15!')).toBe('refused');
      const marked = await rowOf(6);
      if (!marked) throw new Error('no row');
      expect(marked.in).toEqual({ young: '+2027-01-15!' });
      expect(marked.version).toBe(row.version);
      await world.rows.setCustomer(party(6), customerFacts({ city: 'elsewhere' }), later(1));
      expect(await world.rows.setStanding(marked, 'young', undefined)).toBe('refused');
    });

    test('pages hold each row of a shard once', async () => {
      const ids = Array.from({ length: 3_000 }, (_, n) => party(10_000 + n)).filter((id) => audienceShardOf(id) === 7);
      for (const id of ids) await world.rows.setCustomer(id, customerFacts(), NOW);
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await world.rows.page(7, after);
        found.push(...page.rows.map(({ partyId }) => partyId));
        after = page.next;
      } while (after !== undefined);
      expect(found.filter((id) => ids.includes(id as never))).toEqual([...ids].sort());
      await world.rows.removeMany(ids);
      expect((await world.rows.getMany(ids)).size).toBe(0);
    });
  });

  describe(`audiences, lists and watches on ${engine.name}`, () => {
    let world: AudienceWorld;
    beforeAll(async () => {
      world = createAudienceWorld(await engine.make());
    });

    test('F32: of two who save one version, one is refused', async () => {
      const audience = { id: 'young', title, rule, owner: 'u1', updatedAt: NOW, version: 1 };
      const both = await Promise.all([world.saved.put(audience, 0), world.saved.put(audience, 0)]);
      expect(both.sort()).toEqual(['refused', 'written']);
      expect(await world.saved.put({ ...audience, version: 2 }, 1)).toBe('written');
      expect(await world.saved.put({ ...audience, version: 2 }, 1)).toBe('refused');
      expect(await world.saved.get('young')).toEqual({ ...audience, version: 2 });
      expect(await world.saved.all()).toHaveLength(1);
      expect(await world.saved.remove('young', 1)).toBe('refused');
      expect(await world.saved.remove('young', 2)).toBe('written');
      expect(await world.saved.get('young')).toBeUndefined();
    });

    test('D7: who is on a list is on it until its last day, by their own calendar', async () => {
      const list = { id: 'vips', title, owner: 'u1', expiresOn: day('2027-01-15'), updatedAt: NOW, version: 1 };
      await world.lists.put(list, 0);
      await world.lists.add('vips', [party(1), party(2), party(1)], NOW);
      await world.lists.add('vips', [party(2)], NOW);
      expect(await world.lists.count('vips')).toBe(2);
      await world.rows.setCustomer(party(1), customerFacts({ zone: 'Asia/Shanghai' }), NOW);
      await world.rows.setCustomer(party(2), customerFacts({ zone: 'America/Los_Angeles' }), NOW);
      const listsAt = async (n: number, now: Instant) => {
        const row = (await world.rows.getMany([party(n)])).get(party(n));
        return (await subjectsOf(row ? [row] : [], world.lists, now))[0]?.lists;
      };
      const nextDay = (NOW + DAY) as Instant;
      expect([await listsAt(1, NOW), await listsAt(1, nextDay)]).toEqual([['vips'], []]);
      // it is still the 15th there
      expect(await listsAt(2, nextDay)).toEqual(['vips']);
      await world.lists.drop('vips', [party(2)]);
      expect([await listsAt(2, NOW), await world.lists.count('vips')]).toEqual([[], 1]);
      expect(await world.lists.remove('vips', 1)).toBe('written');
      expect([await listsAt(1, NOW), await world.lists.get('vips'), await world.lists.all()]).toEqual([
        [],
        undefined,
        [],
      ]);
      // an id is never given again: its former members would be on the new list
      expect(await world.lists.put(list, 0)).toBe('refused');
    });

    test('a watch is on once its run went through every shard', async () => {
      const watch = { audience: 'young', rule, run: 'r1', since: NOW };
      expect(await world.watches.begin(watch)).toBe('written');
      expect(await world.watches.begin(watch)).toBe('refused');
      const state = async () => (await world.watches.all()).map((one) => one.state);
      for (let shard = 0; shard < 255; shard += 1) await world.watches.markDone('young', 'r1', shard);
      await world.watches.markDone('young', 'other', 255);
      expect(await state()).toEqual(['marking']);
      await world.watches.markDone('young', 'r1', 255);
      expect(await state()).toEqual(['on']);
      expect(await world.watches.begin({ ...watch, run: 'r2' })).toBe('written');
      expect(await state()).toEqual(['marking']);
      await world.watches.end('young');
      expect(await state()).toEqual([]);
    });
  });
}

describe('an audience row', () => {
  test('P16: of a customer with five policies, two claims, two lists and two audiences is one write unit', async () => {
    const world = createAudienceWorld();
    const id = '01jmaria000000000000000000' as never;
    const at = (n: number) => `abcdefghijklmnopqrstuvwx${n}`;
    await world.rows.setCustomer(id, customerFacts(), NOW);
    for (let n = 10; n < 15; n += 1)
      await world.rows.setPolicy(id, policyFacts(n, { policyId: at(n) }), n < 12 ? [claimFacts(n, at(n))] : [], NOW);
    for (const list of ['seminar-2027', 'vip-club']) await world.rows.setList(id, list, true);
    for (const audience of ['motor-beijing', 'birthday-soon']) {
      const row = (await world.rows.getMany([id])).get(id);
      if (row) await world.rows.setStanding(row, audience, '+2027-01-15');
    }
    const item = await world.table.get({ pk: `A#${String(audienceShardOf(id)).padStart(3, '0')}`, sk: id });
    expect(sizeOf({ M: marshall(item ?? {}) })).toBeLessThan(1_024);
  });

  test('of a fleet leaves its policies out rather than grow without end', async () => {
    const world = createAudienceWorld();
    const rows = createAudienceRows(world.table);
    for (let n = 0; n < 200; n += 1) await rows.setPolicy(party(1), policyFacts(n), [], NOW);
    expect((await rows.getMany([party(1)])).get(party(1))?.policies).toHaveLength(200);
    for (let n = 200; n < 1_500; n += 1) await rows.setPolicy(party(1), policyFacts(n), [], NOW);
    const row = (await rows.getMany([party(1)])).get(party(1));
    expect(row).toMatchObject({ partyId: party(1), lists: [] });
    expect([row?.policies, row?.claims]).toEqual([undefined, undefined]);
  });
});
