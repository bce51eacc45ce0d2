import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SendOrder } from '../../shared/message/message.ts';
import { sendIdsOf } from '../../shared/message/send-ids.ts';
import { addDays } from '../../shared/platform/time.ts';
import { createWorld, day, instant, type PolicyOptions, type World } from './world.ts';

/** Policies of one holder that renew so many days after 15 January 2019, with an offer. */
const renewing = (...offsets: readonly number[]): PolicyOptions[] =>
  offsets.map((offset, n) => {
    const [starts, renews] = [addDays(day('2018-01-15'), offset), addDays(day('2019-01-15'), offset)];
    return { no: `P${n}`, holder: 'ana', terms: [[starts, renews]], offerFor: renews };
  });

const worldOf = async (
  policies: readonly PolicyOptions[],
  options: Partial<Parameters<typeof createWorld>[0]> = {},
) => {
  const world = createWorld({ now: '2018-10-01T00:00:00Z', ...options });
  await world.person('ana');
  const ids = await world.load(...policies);
  return { world, ids };
};

/** `step × how many policies`, in the order sent. */
const told = (world: World) => world.seen.map(({ order: { step, enrolments } }) => `${step} × ${enrolments.length}`);

describe('C5: same step, same recipient, within seven days', () => {
  test('three policies in one week: one message for all three at each step, on the first one’s day', async () => {
    const { world, ids } = await worldOf(renewing(0, 3, 7));
    await world.advance('2019-03-01T00:00:00Z');
    // a call about each policy lies between the last two: each has its last mail on its own day
    expect(told(world)).toEqual(['m60 × 3', 'm30 × 3', 'm14 × 3', 'm07 × 3', 'd00 × 1', 'd00 × 1', 'd00 × 1']);
    expect(world.sends()[0]).toBe('2018-11-16 email m60');
    const [first] = world.seen.map(({ order }) => order) as [SendOrder];
    expect(first.sendId).toBe(sendIdsOf({ ...first, enrolments: first.enrolments.slice(0, 1) })[0]);
    expect(first.enrolments.map(({ policyId }) => policyId)).toEqual(ids);
    expect(first.dueAts).toEqual(['2018-11-16', '2018-11-19', '2018-11-23'].map((on) => instant(`${on}T09:00:00Z`)));
    // calls are made about each policy
    expect(await world.openTasks()).toHaveLength(3);
    for (const { done } of await world.enrolments.ofParty('ana' as never)) expect(new Set(done).size).toBe(done.length);
  });

  test('the eighth day has a message of its own; what comes within seven days of that joins that', async () => {
    const { world } = await worldOf(renewing(0, 8, 10));
    await world.advance('2018-12-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-11-16 email m60', '2018-11-24 email m60']);
    expect(told(world)).toEqual(['m60 × 1', 'm60 × 2']);
  });

  test.each([
    ['another person', { holder: 'ben' }],
    ['another contact rule', { contractRule: 'copy-to-intermediary', intermediary: 'B' }],
    ['through the broker', { contractRule: 'intermediary', intermediary: 'B' }],
  ] as const)('%s: nothing is merged', async (_, change) => {
    const [one, other] = renewing(0, 2) as [PolicyOptions, PolicyOptions];
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.person('ben');
    await world.load(one, { ...other, ...change });
    await world.advance('2018-12-01T00:00:00Z');
    expect(world.seen.every(({ order }) => order.enrolments.length === 1)).toBe(true);
  });

  test('a policy whose step comes to nothing does not join: it is looked at again on its own day', async () => {
    const { world, ids } = await worldOf(renewing(0, 3));
    await world.advance('2018-12-20T00:00:00Z');
    const ref = { partyId: 'ana' as never, campaign: 'renewal', policyId: ids[1] as never, occurrence: '2018-01-18' };
    const reacted = await world.enrolments.get(ref);
    await world.enrolments.put({ ...reacted!, reaction: { kind: 'call', at: world.now() } }, reacted!.version);
    await world.advance('2018-12-27T00:00:00Z');
    expect(told(world)).toEqual(['m60 × 2', 'm30 × 2', 'm14 × 1']);
    expect((await world.enrolments.get(ref))?.next?.step).toBe('m14');
    expect(await world.history('ana')).not.toContain('message renewal m14 skipped already-reacted');
    await world.advance('2019-01-05T00:00:00Z');
    expect(told(world)).toEqual(['m60 × 2', 'm30 × 2', 'm14 × 1']);
    expect(await world.history('ana')).toContain('message renewal m14 skipped already-reacted');
  });

  test('a fleet due at one minute: a hundred a message, in one page however many rows', async () => {
    const { world } = await worldOf(renewing(...Array.from({ length: 230 }, () => 0)));
    await world.advance('2018-11-17T00:00:00Z');
    expect(told(world).sort()).toEqual(['m60 × 100', 'm60 × 100', 'm60 × 30']);
  });

  test('N1, N2: killed before or after any call, each policy’s step is served exactly once', async () => {
    const calls = { n: 0 };
    /** Serves orders as the ledger does: what was reserved before is left out. */
    const served = (world: World, orders: readonly SendOrder[]) => {
      const reserved = new Set<string>();
      const twice: string[] = [];
      for (const order of orders) {
        const open = sendIdsOf(order).filter((id) => !reserved.has(id));
        if (open.length > 0 && open.length < order.enrolments.length) twice.push(order.step);
        for (const id of open) reserved.add(id);
      }
      return { reserved: [...reserved].sort(), world };
    };
    const play = async (k: number, when: 'before' | 'after') => {
      calls.n = 0;
      const wrap = <Ports extends object>(ports: Ports): Ports =>
        new Proxy(ports, {
          get(target, name, receiver) {
            const value: unknown = Reflect.get(target, name, receiver);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              calls.n += 1;
              const mine = calls.n;
              if (mine === k && when === 'before') throw new Error(`killed before call ${k}`);
              const result: unknown = await Reflect.apply(value, target, args);
              if (mine === k && when === 'after') throw new Error(`killed after call ${k}`);
              return result;
            };
          },
        });
      const { world } = await worldOf(renewing(0, 3, 3, 6), { wrap });
      await world.advance('2018-12-23T00:00:00Z');
      return served(
        world,
        world.seen.map(({ order }) => order),
      );
    };
    const calm = await play(0, 'before');
    const total = calls.n;
    expect(calm.reserved).toHaveLength(8);
    for (let k = 1; k <= total; k += 1)
      for (const when of ['before', 'after'] as const) {
        const { reserved, world } = await play(k, when);
        expect(reserved, `killed ${when} call ${k}`).toEqual(calm.reserved);
        for (const { done } of await world.enrolments.ofParty('ana' as never))
          expect(done.filter((step) => step.startsWith('m')).sort(), `killed ${when} call ${k}`).toEqual([
            'm30',
            'm60',
          ]);
      }
  }, 120_000);

  test('each policy is told of once at each step, whatever the days', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 6 }), async (offsets) => {
        const { world, ids } = await worldOf(renewing(...offsets));
        await world.advance('2019-04-01T00:00:00Z');
        for (const step of ['m60', 'm30', 'm14', 'm07', 'd00']) {
          const orders = world.seen.filter(({ order }) => order.step === step);
          const policies = orders.flatMap(({ order }) => order.enrolments.map(({ policyId }) => policyId));
          expect([...policies].sort()).toEqual([...ids].sort());
          // mails of one step are more than a week apart; working days lie between letters, a call before the last mail
          if (step === 'm14' || step === 'd00') continue;
          const days = orders.map(({ order }) => order.dueAt).sort((a, b) => a - b);
          for (const [n, at] of days.entries())
            if (n > 0) expect(at - (days[n - 1] as number)).toBeGreaterThan(7 * 86_400_000 - 3_600_000);
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
