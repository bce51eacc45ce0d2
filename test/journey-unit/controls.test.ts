import { describe, expect, test } from 'vitest';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import { recordOf } from '../../shared/campaign/campaign-store.ts';
import { createShelf, createShelving, unshelve } from '../../shared/journey/shelf.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { begun, campaignOf, enter, mail, refOfFlow, wait } from './flows.ts';
import { createWorld, instant, type World } from './world.ts';

const START = '2019-01-01T09:00:00Z';
const act = { by: 'u1', at: instant(START) };

const setUp = async (steps: readonly object[] = [mail('hello'), wait('day', { for: 'P1D' }), mail('again')]) => {
  const programme = campaignOf(steps);
  const world = createWorld({ now: START, programmes: [programme] });
  await world.person('ana');
  await enter(world, begun(programme, instant(START)));
  /** Writes something into the campaign's record. */
  const say = async (change: Partial<CampaignRecord>) => {
    const record = (await world.campaigns.get('flow')) ?? recordOf(programme);
    await world.campaigns.put({ ...record, ...change, version: record.version + 1 }, record.version);
  };
  return { world, say };
};

/** Puts back all that lies on the shelf, as whoever resumes does. */
const clear = async (world: World): Promise<number> => {
  let moved = 0;
  let after: string | undefined;
  do {
    const page = await unshelve('flow', after, world, world.now());
    moved += page.moved;
    after = page.next;
  } while (after !== undefined);
  return moved;
};

describe('C8, F33: what a campaign may do is asked before anything of it is done', () => {
  test('paused: what is due lies on the shelf until it is resumed, within the use-by', async () => {
    const { world, say } = await setUp();
    await world.advance(START);
    await say({ state: 'paused', paused: { ...act, because: 'person' } });
    await world.advance('2019-01-04T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
    expect((await world.shelf.page('flow')).rows).toMatchObject([
      { kind: 'step', at: instant('2019-01-02T09:00:00Z') },
    ]);
    await say({ state: 'live' });
    expect(await clear(world)).toBe(1);
    await world.advance('2019-01-05T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello', '2019-01-04 email again']);
    expect((await world.shelf.page('flow')).rows).toEqual([]);
  });

  test('F14: resumed too late, it is told and not sent', async () => {
    const { world, say } = await setUp();
    await world.advance(START);
    await say({ state: 'paused', paused: { ...act, because: 'error-streak' } });
    await world.advance('2019-01-06T00:00:00Z');
    await say({ state: 'live' });
    await clear(world);
    await world.advance('2019-01-07T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
    expect(await world.history('ana')).toEqual(['message flow again skipped too-late']);
  });

  test('cancelled: the step is told as such, the journey ends, what lay on the shelf too', async () => {
    const { world, say } = await setUp();
    await world.advance(START);
    await say({ state: 'paused', paused: { ...act, because: 'person' } });
    await world.advance('2019-01-03T00:00:00Z');
    await say({ state: 'ended', cancelled: act });
    await clear(world);
    await world.advance('2019-01-05T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
    expect(await world.enrolments.get(refOfFlow())).toMatchObject({
      state: 'exited',
      exit: { reason: 'campaign-cancelled' },
    });
    expect((await world.history('ana')).sort()).toEqual([
      'fact flow campaign-cancelled',
      'message flow again skipped cancelled',
    ]);
  });

  test('not before the launch’s ten minutes are over', async () => {
    const { world, say } = await setUp([mail('hello')]);
    await say({ notBefore: instant('2019-01-01T09:10:00Z') });
    await world.advance('2019-01-01T09:09:00Z');
    expect(world.sends()).toEqual([]);
    await world.advance('2019-01-01T09:10:00Z');
    expect(world.seen.map(({ at }) => at)).toEqual([instant('2019-01-01T09:10:00Z')]);
  });

  test.each([
    ['', true],
    ['head', true],
    ['head/east', false],
  ])('G6: a stop of "%s" holds what is in it and above nothing', async (scope, holds) => {
    const { world } = await setUp([mail('hello')]);
    await world.controls.stop(scope, 'u1', instant(START));
    await world.advance('2019-01-01T10:00:00Z');
    expect(world.sends()).toEqual(holds ? [] : ['2019-01-01 email hello']);
    if (!holds) return;
    await world.controls.release(scope, 'u1', instant('2019-01-01T10:00:00Z'));
    await clear(world);
    await world.advance('2019-01-01T10:05:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
  });

  test('held orders that come due are laid down, skipped or put off like steps', async () => {
    const { world, say } = await setUp([mail('hello')]);
    await world.advance(START);
    const { order } = world.seen[0] as (typeof world.seen)[number];
    const hold = (at: string) =>
      world.dueWork.place([{ at: instant(at), kind: 'order', id: order.sendId, payload: order }], world.now());
    await hold('2019-01-01T11:00:00Z');
    await say({ state: 'paused', paused: { ...act, because: 'person' } });
    await world.advance('2019-01-01T12:00:00Z');
    expect(world.seen).toHaveLength(1);
    expect((await world.shelf.page('flow')).rows).toMatchObject([{ kind: 'order', id: order.sendId }]);
    await say({ state: 'live' });
    await clear(world);
    await world.advance('2019-01-01T12:30:00Z');
    expect(world.seen).toHaveLength(2);
    await hold('2019-01-01T13:00:00Z');
    await say({ state: 'ended', cancelled: act });
    await world.advance('2019-01-01T14:00:00Z');
    expect(world.seen).toHaveLength(2);
    expect(await world.history('ana')).toContain('message flow hello skipped cancelled');
  });
});

describe('the shelf', () => {
  test('what is laid down after the shelf was cleared is put back by whoever laid it down', async () => {
    const { world, say } = await setUp([mail('hello')]);
    // the page reads "paused"; the campaign is resumed and its shelf cleared before the page lays anything down
    let reads = 0;
    const paused = { kind: 'hold', reason: 'paused' } as const;
    const controls = {
      of: async (ids: readonly string[], scope?: string) => {
        reads += 1;
        return reads === 1 ? new Map(ids.map((id) => [id, paused] as const)) : world.controls.of(ids, scope);
      },
    };
    const item = { at: instant(START), kind: 'step', id: 'x', payload: { ref: refOfFlow(), step: 'hello' } } as const;
    expect((await controls.of(['flow'])).get('flow')).toBe(paused);
    await say({ state: 'live' });
    await clear(world);
    await createShelving({ ...world, controls, clock: world.now }).lay('flow', [item]);
    expect((await world.shelf.page('flow')).rows).toEqual([]);
    await world.advance('2019-01-01T09:05:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
  });

  test('pages through all of its shards, each item once, whatever is taken off on the way', async () => {
    const shelf = createShelf(createMemoryTable());
    const items = Array.from({ length: 2_000 }, (_, n) => ({
      at: instant(START),
      kind: 'step' as const,
      id: `s${n}`,
      payload: {},
    }));
    await shelf.lay('flow', items);
    await shelf.lay('flow', items.slice(0, 10));
    await shelf.lay('other', items.slice(0, 1));
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await shelf.page('flow', after);
      found.push(...page.rows.map(({ id }) => id));
      await shelf.remove(page.rows);
      after = page.next;
    } while (after !== undefined);
    expect(found).toHaveLength(2_000);
    expect(new Set(found).size).toBe(2_000);
    expect(await shelf.page('flow')).toEqual({ rows: [] });
  });
});
