import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sumCounts } from '../../shared/launch/check-run.ts';
import { readProgress } from '../../shared/launch/read-runs.ts';
import type { Run } from '../../shared/launch/run.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { broadcast, createRunWorld, party, TEN } from './run-world.ts';

const people = (count: number) => Array.from({ length: count }, (_, n) => ({ partyId: party(n) }));
const ONCE = '2027-01-15T10:00';

describe('a run to an audience', () => {
  test('writes to each of 10,000 members once, at the provider’s pace, and ends when all have their outcome', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(10_000) }]);
    await world.start('spring', TEN, ONCE);
    await world.settle();
    expect(new Set(world.accepted.map(({ sendId }) => sendId)).size).toBe(10_000);
    expect(world.accepted).toHaveLength(10_000);
    // 14 a second, of which marketing runs fill less than the seven tenths that senders grant
    expect(Math.max(...world.perMinute.values())).toBeLessThanOrEqual(14 * 60 * 0.65);
    const run = await world.runOf('spring');
    expect(run).toMatchObject({ state: 'finished', members: 10_000, ordered: 10_000 });
    const counts = sumCounts(
      (await createRuns(world.table).outcomes({ campaign: 'spring', occurrence: ONCE })).flatMap((page) => page.counts),
    );
    expect(counts).toEqual([{ outcome: 'sent', state: 'accepted', count: 10_000 }]);
  });

  test('F13 twenty parallel starts make one run', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(40) }]);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.start('spring', TEN, ONCE)));
    expect(outcomes.filter((outcome) => outcome === 'begun')).toHaveLength(1);
    await world.settle();
    expect(world.accepted).toHaveLength(40);
  });

  test('F35 fifty kills of the worker at any call: nobody twice, nobody lost, never finished with unsent', async () => {
    let seed = 7;
    const nextLife = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return world.kills() < 50 ? 1 + (seed % 23) : Number.POSITIVE_INFINITY;
    };
    const world = createRunWorld([{ definition: broadcast(), members: people(6_000) }], { perSecond: 14, nextLife });
    await world.start('spring', TEN, ONCE);
    world.killAfter(nextLife());
    for (let n = 0; n < 2_000 && (world.due.size > 0 || world.messages.length > 0); n += 1) {
      await world.tick();
      const run = await world.runOf('spring');
      if (run?.state === 'finished') expect(world.accepted).toHaveLength(6_000);
      await world.deliver();
      if (world.messages.length === 0) world.moveTo((world.now() + MINUTE) as Instant);
    }
    expect(world.kills()).toBe(50);
    expect(world.accepted).toHaveLength(6_000);
    const run = (await world.runOf('spring')) as Run;
    expect(run).toMatchObject({ state: 'finished', members: 6_000, ordered: 6_000 });
    // by the walk itself: nobody was found missing afterwards, when lost orders are queued again
    expect(Math.max(...world.accepted.map(({ at }) => at))).toBeLessThan((run.walkedAt as Instant) + 10 * MINUTE);
  });

  test('any audience, any page, any crash: orders are the members, each accepted once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
        async (size, perSecond, kills) => {
          const world = createRunWorld([{ definition: broadcast(), members: people(size) }], { perSecond });
          await world.start('spring', TEN, ONCE);
          for (const life of kills) {
            world.killAfter(life);
            await world.tick();
            world.revive();
            if (world.messages.length === 0) world.moveTo((world.now() + MINUTE) as Instant);
          }
          await world.deliver();
          await world.settle();
          expect(world.accepted.map(({ sendId }) => sendId).sort()).toEqual(
            [...new Set(world.accepted.map(({ sendId }) => sendId))].sort(),
          );
          expect(world.accepted).toHaveLength(size);
          expect(await world.runOf('spring')).toMatchObject({ state: 'finished', members: size, ordered: size });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('orders lost in a dead letter are queued again before the run is called finished', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(500) }]);
    await world.start('spring', TEN, ONCE);
    let losses = 0;
    await world.settle(3_000, (order) => order.partyId.endsWith('7') && (losses += 1) <= 50);
    expect(losses).toBeGreaterThan(50);
    expect(world.accepted).toHaveLength(500);
    expect(await world.runOf('spring')).toMatchObject({ state: 'finished' });
  });

  test('a run whose orders never get an outcome is told, not called finished', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(10) }]);
    await world.start('spring', TEN, ONCE);
    await world.settle(3_000, (order) => order.partyId === party(3));
    expect(await world.runOf('spring')).toMatchObject({ state: 'incomplete' });
    expect(world.staff).toMatchObject([{ type: 'RunIncomplete', campaign: 'spring' }]);
  });

  test('F33 after a cancel nothing more is queued', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(5_000) }]);
    await world.start('spring', TEN, ONCE);
    for (let n = 0; n < 3; n += 1) {
      world.moveTo((world.now() + MINUTE) as Instant);
      await world.tick();
    }
    const before = world.queued.length;
    expect(before).toBeGreaterThan(0);
    world.controls.set('spring', { kind: 'cancelled' });
    world.messages.push({ kind: 'walk' });
    await world.tick();
    const progress = () => readProgress(world.ports.runs, { campaign: 'spring', occurrence: ONCE });
    // what was queued before has no outcome yet: the run ends when each has
    expect(await progress()).toMatchObject({ state: 'walking', sent: 0, pending: before });
    await world.settle();
    expect(world.accepted).toHaveLength(before);
    expect(await progress()).toMatchObject({ state: 'cancelled', ordered: before, sent: before, pending: 0 });
  });

  test('C8 a paused run shows what waits, and is not looked at again until it is resumed', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(30) }]);
    await world.start('spring', TEN, ONCE);
    world.moveTo((TEN + MINUTE) as Instant);
    await world.tick();
    world.controls.set('spring', { kind: 'hold', reason: 'paused' });
    // the senders find the pause as well
    for (const { partyId, dueAt, sendId, campaign, step } of world.queued.splice(0))
      await createTimeline(world.table).record({
        partyId,
        at: dueAt,
        kind: 'message',
        id: sendId,
        policyIds: [],
        campaign,
        step,
        state: 'held',
        reason: 'paused',
      });
    await world.settle();
    expect(world.due.size).toBe(0);
    expect(await readProgress(world.ports.runs, { campaign: 'spring', occurrence: ONCE })).toMatchObject({
      state: 'settling',
      held: { paused: 30 },
      pending: 0,
    });
  });

  test('F33 a cancel in the middle of a walk stops it at the page at work', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(9_000) }], {
      perSecond: 1_000,
      onQueued: () => world.controls.set('spring', { kind: 'cancelled' }),
    });
    await world.start('spring', TEN, ONCE);
    world.moveTo((TEN + MINUTE) as Instant);
    await world.tick();
    // a page holds 500 members and what is left of the row page that filled it
    expect(world.queued.length).toBeLessThan(540);
  });

  test('a paused run waits and goes on where it was; past its use-by it expires and staff are told', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(2_000) }]);
    await world.start('spring', TEN, ONCE);
    world.moveTo((TEN + MINUTE) as Instant);
    await world.tick();
    await world.deliver();
    world.controls.set('spring', { kind: 'hold', reason: 'paused' });
    await world.settle();
    const sent = world.accepted.length;
    expect(sent).toBeLessThan(2_000);
    world.moveTo((TEN + 3 * HOUR) as Instant);
    world.controls.delete('spring');
    world.messages.push({ kind: 'walk' });
    await world.tick();
    await world.deliver();
    expect(world.accepted.length).toBeGreaterThan(sent);
    expect(world.accepted.length).toBeLessThan(2_000);
    world.moveTo((TEN + 3 * DAY) as Instant);
    await world.settle();
    expect(await world.runOf('spring')).toMatchObject({ state: 'expired' });
    expect(world.staff).toMatchObject([{ type: 'RunIncomplete' }]);
  });

  test('F14 a scheduler that was down is caught up within the use-by; later the run is skipped and told', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(20) }]);
    world.moveTo((TEN + 4 * HOUR) as Instant);
    expect(await world.start('spring', TEN, ONCE)).toBe('begun');
    await world.settle();
    expect(world.accepted).toHaveLength(20);

    const late = createRunWorld([{ definition: broadcast(), members: people(20) }]);
    late.moveTo((TEN + 3 * DAY) as Instant);
    expect(await late.start('spring', TEN, ONCE)).toBe('skipped');
    await late.settle();
    expect(late.accepted).toHaveLength(0);
    expect(await late.runOf('spring')).toMatchObject({ state: 'skipped' });
    expect(late.staff).toMatchObject([{ type: 'RunSkipped', campaign: 'spring' }]);
  });

  test('statutory before service before marketing, then priority, where a minute does not hold all', async () => {
    const campaign = (id: string, sendClass: 'marketing' | 'service' | 'statutory', priority: number) => ({
      definition: broadcast({ id, class: sendClass, priority }),
      members: people(600),
    });
    const world = createRunWorld([
      campaign('low', 'marketing', 10),
      campaign('high', 'marketing', 90),
      campaign('notice', 'statutory', 0),
      campaign('news', 'service', 50),
    ]);
    for (const id of ['low', 'high', 'news', 'notice']) await world.start(id, TEN, ONCE);
    const order: string[] = [];
    for (let n = 0; n < 200 && world.due.size > 0; n += 1) {
      world.moveTo((world.now() + MINUTE) as Instant);
      await world.tick();
      order.push(...world.queued.map(({ campaign: name }) => name));
      await world.deliver();
    }
    const last = (id: string) => order.lastIndexOf(id);
    const first = (id: string) => order.indexOf(id);
    expect(order).toHaveLength(2_400);
    expect(last('notice')).toBeLessThan(first('news'));
    expect(last('news')).toBeLessThan(first('high'));
    expect(last('high')).toBeLessThan(first('low'));
    expect(Math.max(...world.perMinute.values())).toBeLessThanOrEqual(14 * 60);
  });

  test('two workers at once take no more than a minute holds and write to nobody twice', async () => {
    const world = createRunWorld([{ definition: broadcast(), members: people(2_000) }]);
    await world.start('spring', TEN, ONCE);
    world.moveTo((TEN + MINUTE) as Instant);
    const walk = { kind: 'walk' } as const;
    const { walkRuns } = await import('../../shared/launch/walk-runs.ts');
    await Promise.all([walkRuns(world.ports), walkRuns(world.ports), walkRuns(world.ports)]);
    expect(Math.max(...world.perMinute.values())).toBeLessThanOrEqual(14 * 60 * 0.65);
    world.messages.push(walk);
    await world.settle();
    expect(world.accepted).toHaveLength(2_000);
  });

  test('a journey of several steps is entered by messages of at most 25, with no order of its own', async () => {
    const definition = broadcast({
      steps: [
        { id: 'mail', do: { send: 'email', template: 'spring' } },
        { id: 'later', do: { wait: { for: 'P3D' } } },
      ],
    });
    const world = createRunWorld([{ definition, members: people(60) }]);
    await world.start('spring', TEN, ONCE);
    await world.settle();
    expect(world.accepted).toHaveLength(0);
    const subjects = world.entered.flatMap((message) => (message.kind === 'enter' ? [message.subjects] : []));
    expect(Math.max(...subjects.map(({ length }) => length))).toBeLessThanOrEqual(25);
    expect(new Set(subjects.flat().map(({ partyId }) => partyId)).size).toBe(60);
    expect(await world.runOf('spring')).toMatchObject({ state: 'finished', mode: 'enter', ordered: 60 });
  });
});
