import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../shared/platform/canonical-json.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { type Item, itemKey, type Key, type Table } from '../../shared/platform/table.ts';
import { projectPolicy } from '../../shared/policy/project-policy.ts';
import { createWorld, type World } from './world.ts';

const term = (startsOn: string, renewsOn: string) => [startsOn, renewsOn] as const;

/** Versions count writes, and a map is in the order of its first writes. */
const withoutVersions = (name: string, value: unknown): unknown =>
  name === 'version' || name === 'v' ? undefined : value;

/** Everything stored that people or programs read, without what counts writes. */
const stateOf = (world: World) =>
  (world.table as ReturnType<typeof createMemoryTable>)
    .all()
    .filter(({ entity }) => !['Due', 'Agenda'].includes(entity))
    .map((item) => canonicalJson(JSON.parse(JSON.stringify(item, withoutVersions))))
    .sort();

/** The distinct messages: one queued twice meets itself in the ledger. */
const ordersOf = (world: World) =>
  [...new Map(world.seen.map(({ order, at }) => [order.sendId, `${order.step} ${order.dueAt} ${at}`])).values()].sort();

/** Some weeks of a policy in which everything happens. */
const play = async (world: World) => {
  await world.person('ana');
  await world.person('ben', { email: undefined });
  await world.load(
    { no: 'P1', holder: 'ana', terms: [term('2018-01-15', '2019-01-15')] },
    { no: 'P2', holder: 'ben', terms: [term('2018-01-20', '2019-01-20'), term('2019-01-20', '2020-01-20')] },
    {
      no: 'P3',
      holder: 'ana',
      terms: [term('2018-01-25', '2019-01-25')],
      contractRule: 'intermediary',
      intermediary: 'B',
    },
    { no: 'P4', holder: 'ben', starts: '2018-01-20', terms: [term('2018-01-10', '2019-01-10')] },
  );
  await world.advance('2018-12-18T00:00:00Z');
  await world.event('PolicyDateMoved', { policyNo: 'P1', from: '2019-01-15', to: '2019-01-30' });
  await world.advance('2019-01-18T00:00:00Z');
  await world.event('PolicyRenewed', { policyNo: 'P1', termStartsOn: '2019-01-30', nextRenewalOn: '2020-01-30' });
  await world.event('CustomerDeceased', { customerRef: 'ref-ben' });
  await world.advance('2019-03-15T00:00:00Z');
};

/** A port whose calls count, and of which the k-th fails: before it did anything, or after (the reply is lost). */
const breakAt = (k: number, when: 'before' | 'after', counter: { calls: number }) => {
  const wrap = <Ports extends object>(ports: Ports): Ports =>
    new Proxy(ports, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          counter.calls += 1;
          const mine = counter.calls;
          if (mine === k && when === 'before') throw new Error(`killed before call ${k}`);
          const result: unknown = await Reflect.apply(value, target, args);
          if (mine === k && when === 'after') throw new Error(`killed after call ${k}`);
          return result;
        };
      },
    });
  return wrap;
};

describe('replays and crashes', () => {
  test('F13, N2: killed before or after any single port call, the end state and the messages are the same', async () => {
    const calm = createWorld({ now: '2018-10-01T00:00:00Z' });
    const counter = { calls: 0 };
    await play(calm);
    const counted = createWorld({ now: '2018-10-01T00:00:00Z', wrap: breakAt(0, 'before', counter) });
    await play(counted);
    expect(counter.calls).toBeGreaterThan(100);
    const wanted = { state: stateOf(calm), orders: ordersOf(calm) };
    // neighbouring calls are much alike: every third kill, and every eleventh with the call not made at all
    for (const [when, stride] of [
      ['after', 3],
      ['before', 11],
    ] as const)
      for (let k = 1; k <= counter.calls; k += stride) {
        const world = createWorld({ now: '2018-10-01T00:00:00Z', wrap: breakAt(k, when, { calls: 0 }) });
        await play(world);
        expect(ordersOf(world), `orders, killed ${when} call ${k}`).toEqual(wanted.orders);
        expect(stateOf(world), `state, killed ${when} call ${k}`).toEqual(wanted.state);
      }
  }, 120_000);

  test('F45: reads that lag one write behind where they may: the same messages, the same journeys', async () => {
    const calm = createWorld({ now: '2018-10-01T00:00:00Z' });
    await play(calm);
    const table = createMemoryTable();
    const before = new Map<string, Item | undefined>();
    const remember = async (key: Key) => before.set(itemKey(key), await table.get(key));
    const lagging: Table = {
      ...table,
      put: async (item, condition) => (await remember(item), table.put(item, condition)),
      update: async (key, change, condition) => (await remember(key), table.update(key, change, condition)),
      getMany: async (keys, options) => {
        if (options?.consistent) return table.getMany(keys, options);
        // the people themselves have been known for weeks, not since the write before
        const known = await table.getMany(keys.filter(({ sk }) => sk === 'PROFILE'));
        const found = keys.map((key) => [itemKey(key), before.get(itemKey(key)) ?? known.get(itemKey(key))] as const);
        return new Map(found.flatMap(([key, item]) => (item ? [[key, item] as const] : [])));
      },
    };
    const world = createWorld({ now: '2018-10-01T00:00:00Z', table: lagging });
    await play(world);
    expect([...new Set(world.seen.map(({ order }) => order.sendId))].sort()).toEqual(
      [...new Set(calm.seen.map(({ order }) => order.sendId))].sort(),
    );
    for (const party of ['ana', 'ben'] as PartyId[]) {
      const states = async ({ enrolments }: World) =>
        (await enrolments.ofParty(party)).map(({ campaign, state, done, exit }) => [
          campaign,
          state,
          done,
          exit?.reason,
        ]);
      expect(await states(world)).toEqual(await states(calm));
    }
  }, 30_000);

  test('F10, F11: 46 copies of one event, and the same fact under new event ids, enrol and send once', async () => {
    const world = createWorld({ now: '2018-12-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    const renewed = { policyNo: 'P1', termStartsOn: '2019-01-15', nextRenewalOn: '2020-01-15' };
    for (let copy = 0; copy < 46; copy += 1) await world.event('PolicyRenewed', renewed);
    await world.advance('2018-12-02T00:00:00Z');
    for (let copy = 0; copy < 5; copy += 1)
      await world.event('PolicyRenewed', { ...renewed, eventId: `other-${copy}` });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-21 email ask']);
    expect(world.bus.events).toHaveLength(1);
  });

  test('an event before its policy waits, whichever of the two is quicker', async () => {
    const world = createWorld({ now: '2018-12-01T00:00:00Z' });
    await world.person('ana');
    expect(await world.event('PolicyCancelled', { policyNo: ' p1', effectiveOn: '2019-01-15' })).toEqual({
      kind: 'waiting',
    });
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([]);
    expect((await world.policies.get((await world.facts.byNumber('P1'))[0]!))?.ending?.kind).toBe('cancelled');
  });

  test('F12: any order of the same facts ends in the same projection', () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    const facts = world.factsOf({
      terms: [term('2017-01-15', '2018-01-15'), term('2018-01-15', '2019-01-15'), term('2019-01-15', '2020-01-15')],
      lapsesOn: '2019-03-01',
      offerFor: '2019-01-15',
    });
    fc.assert(
      fc.property(fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }), (shuffled) => {
        for (const at of ['2018-10-02T00:00:00Z', '2019-02-01T00:00:00Z', '2019-04-01T00:00:00Z']) {
          const now = Date.parse(at) as never;
          expect(projectPolicy(shuffled, now)).toEqual(projectPolicy(facts, now));
        }
      }),
    );
  });
});
