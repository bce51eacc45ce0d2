import { describe, expect, test } from 'vitest';
import { readWhy } from '../../shared/history/why.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { begun, campaignOf, enter, mail } from './flows.ts';
import { createWorld, instant } from './world.ts';

const START = '2019-01-02T09:00:00Z';
const consent = { 'email/marketing': { given: true, wording: 'w1', at: instant('2018-01-01T00:00:00Z') } };
const offers = (id: string, priority: number, change: object = {}) =>
  campaignOf([mail('offer')], { id, priority, class: 'marketing', ...change });

/** A world where one customer stands before the first step of each of some campaigns, entered in this order. */
const setUp = async (campaigns: readonly ReturnType<typeof offers>[], now = START) => {
  const world = createWorld({ now, programmes: campaigns });
  await world.person('ana', {}, { consent });
  for (const each of campaigns) await enter(world, begun(each, instant(now)));
  return world;
};
const sent = (world: Awaited<ReturnType<typeof setUp>>) => world.seen.map(({ order: { campaign } }) => campaign);

describe('C10: all that one customer has due in a tick is decided together', () => {
  const [low, high, service] = [offers('low', 10), offers('high', 90), offers('cover', 0, { class: 'service' })];

  test.each([[[low, high, service]], [[high, service, low]], [[service, low, high]]])(
    'the class, then the priority wins the scarce contact, however they were placed',
    async (campaigns) => {
      const world = await setUp(campaigns);
      await world.advance(START);
      expect(sent(world).sort()).toEqual(['cover', 'high']);
      // one marketing message in seven days: three days' use-by do not reach that far
      expect(await world.history('ana')).toEqual(['message low offer skipped frequency-cap']);
    },
  );

  test('what loses and can wait, waits: with its reason, and goes when its time has come', async () => {
    const world = await setUp([low, offers('high', 90, { useBy: 'P3D' }), offers('patient', 5, { useBy: 'P20D' })]);
    await world.advance(START);
    expect(sent(world)).toEqual(['high']);
    expect((await world.history('ana')).sort()).toEqual([
      'message low offer skipped frequency-cap',
      'message patient offer held frequency-cap',
    ]);
    await world.advance('2019-01-15T00:00:00Z');
    expect(sent(world)).toEqual(['high', 'patient']);
    expect(world.seen[1]?.at).toBe(instant('2019-01-09T09:00:00Z'));
  });

  test('a held order that comes due is decided with the steps due then', async () => {
    const world = await setUp([low]);
    await world.advance(START);
    const { order } = world.seen[0] as (typeof world.seen)[number];
    const later = instant('2019-01-03T09:00:00Z');
    const service2 = offers('cover', 0, { class: 'service' });
    const other = createWorld({ now: START, programmes: [low, high, service2], table: world.table });
    await other.dueWork.place(
      [{ at: later, kind: 'order', id: order.sendId, payload: { ...order, useBy: later } }],
      later,
    );
    await enter(other, begun(high, later));
    await other.advance('2019-01-03T09:00:00Z');
    expect(other.seen.map(({ order: { campaign } }) => campaign)).toEqual(['high']);
  });

  test('more than a page of one customer’s is one decision', async () => {
    const many = Array.from({ length: 60 }, (_, n) => offers(`c${String(n).padStart(2, '0')}`, n));
    const world = await setUp(many);
    await world.advance(START);
    expect(sent(world)).toEqual(['c59']);
  });

  test('M8: what loses keeps its decision, and asked again it is the same', async () => {
    const patient = offers('patient', 5, { useBy: 'P20D' });
    const world = await setUp([low, high, patient, service]);
    await world.advance(START);
    const why = async (campaign: string) => {
      const { steps } = await readWhy(
        { ...world, messages: world.proof, explainEntry: async () => undefined },
        'ana' as PartyId,
        campaign,
      );
      return steps;
    };
    const decision = (kind: 'skip' | 'hold') => ({
      decidedAt: '2019-01-02T09:00:00.000Z',
      replayed: true,
      answer: { kind, reason: 'frequency-cap', explain: expect.any(Array) },
    });
    expect(await why('low')).toMatchObject([{ state: 'skipped', decision: decision('skip') }]);
    expect(await why('patient')).toMatchObject([{ state: 'held', decision: decision('hold') }]);
    const cap = (await why('low'))[0]?.decision?.answer.explain?.find(({ rule }) => rule === 'frequency-cap');
    // the one that went before it counts, though nobody had sent it yet
    expect(cap?.figures).toMatchObject({ sent: 1, max: 1 });
    expect(world.proof.keys()).toHaveLength(1);
  });

  test('P7: a customer with one order costs no read of gate or profile', async () => {
    const reads: string[] = [];
    const world = createWorld({
      now: START,
      programmes: [high],
      table: createMemoryTable(),
      wrap: (ports) =>
        new Proxy(ports, {
          get: (target, name, receiver) => {
            const value: unknown = Reflect.get(target, name, receiver);
            if (typeof value === 'function') reads.push(String(name));
            return value;
          },
        }),
    });
    await world.person('ana', {}, { consent });
    await enter(world, begun(high, instant(START)));
    await world.advance(START);
    expect(sent(world)).toEqual(['high']);
    expect(reads).not.toContain('ofParty');
    expect(reads.filter((name) => name === 'getMany')).toHaveLength(1);
    expect(world.proof.keys()).toEqual([]);
  });
});
