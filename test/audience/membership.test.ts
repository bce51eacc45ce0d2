import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIENCE_SHARDS } from '../../shared/audience/audience-rows.ts';
import type { AudienceMessage } from '../../shared/audience/follow-audiences.ts';
import { followAudiences } from '../../shared/audience/follow-audiences.ts';
import { passEveryNight, passShard, syncWatches } from '../../shared/audience/pass-audiences.ts';
import type { RuleGroup } from '../../shared/audience/rule.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { type AudienceWorld, createAudienceWorld, customerFacts, day, NOW, party } from './audience-world.ts';

const title = { 'zh-CN': '客群', en: 'audience' };
const inBeijing: RuleGroup = {
  combinator: 'and',
  rules: [{ field: 'customer.city', operator: '=', value: 'Beijing' }],
};
const birthdaySoon: RuleGroup = {
  combinator: 'and',
  rules: [{ field: 'customer.birthOn', operator: 'anniversaryInNextDays', value: 7 }],
};
const silent: RuleGroup = {
  combinator: 'and',
  rules: [
    { field: 'customer.city', operator: '=', value: 'Beijing' },
    {
      field: 'reactions',
      operator: '=',
      match: { mode: 'none' },
      value: { combinator: 'and', rules: [{ field: 'campaign', operator: '=', value: 'welcome' }] },
    },
  ],
};

const save = async (world: AudienceWorld, id: string, rule: RuleGroup, version = 1) =>
  world.saved.put({ id, title, rule, owner: 'u', updatedAt: NOW, version }, version - 1);

/** Works through the passes that were asked for, as work-audiences does. */
const workPasses = async (world: AudienceWorld, now: Instant, isTimeUp = () => false) => {
  for (let messages = world.passes.take(); messages.length > 0; messages = world.passes.take())
    for (const message of messages) {
      const after = await passShard(message, world, now, isTimeUp);
      if (after !== undefined) await world.passes.send([{ ...message, after }]);
    }
};

const watched = async (world: AudienceWorld, rules: Readonly<Record<string, RuleGroup>>, now = NOW) => {
  for (const [id, rule] of Object.entries(rules)) await save(world, id, rule);
  await syncWatches(new Set(Object.keys(rules)), world, now);
  await workPasses(world, now);
  expect((await world.watches.all()).map(({ state }) => state)).toEqual(Object.keys(rules).map(() => 'on'));
};

const told = (messages: readonly AudienceMessage[]) =>
  messages.map(({ partyId, audience, on, occurrence }) => `${partyId} ${on} ${audience} ${occurrence}`).sort();

describe('D7 entering and leaving', () => {
  test('a launch lets nobody enter; whoever comes after it does, in seconds, once', async () => {
    const world = createAudienceWorld();
    await world.rows.setCustomer(party(1), customerFacts(), NOW);
    await world.rows.setCustomer(party(2), customerFacts({ city: 'Shanghai' }), NOW);
    await watched(world, { beijing: inBeijing });
    expect(world.changes.take()).toEqual([]);

    const move = async (n: number, city: string, at: Instant) => {
      await world.rows.setCustomer(party(n), customerFacts({ city }), at);
      await followAudiences([party(n)], world, at);
      await followAudiences([party(n)], world, at);
    };
    await move(2, 'Beijing', (NOW + 1) as Instant);
    expect(told(world.changes.take())).toEqual(['party000002 enter beijing 2027-01-15']);
    await move(1, 'Shanghai', (NOW + DAY) as Instant);
    expect(told(world.changes.take())).toEqual(['party000001 leave beijing 2027-01-16']);
    await move(1, 'Beijing', (NOW + 2 * DAY) as Instant);
    expect(told(world.changes.take())).toEqual(['party000001 enter beijing 2027-01-17']);
    // a new person enters as well
    await move(3, 'Beijing', (NOW + 2 * DAY) as Instant);
    expect(told(world.changes.take())).toEqual(['party000003 enter beijing 2027-01-17']);
  });

  test('by the calendar: the night tells, by each customer’s own day, and only where a rule needs it', async () => {
    const world = createAudienceWorld();
    await world.rows.setCustomer(party(1), customerFacts({ birthOn: day('1990-01-23') }), NOW);
    await world.rows.setCustomer(
      party(2),
      customerFacts({ birthOn: day('1990-01-23'), zone: 'America/Los_Angeles' }),
      NOW,
    );
    await world.rows.setCustomer(party(3), customerFacts({ birthOn: day('1990-06-01') }), NOW);
    await watched(world, { beijing: inBeijing });
    expect(await passEveryNight(world)).toBe(false);
    await watched(world, { beijing: inBeijing, birthday: birthdaySoon });
    // 01:00 on the 16th in Shanghai, 09:00 on the 15th in Los Angeles
    const night = (NOW + 15 * 3_600_000) as Instant;
    expect(await passEveryNight(world)).toBe(true);
    await workPasses(world, night);
    expect(told(world.changes.take())).toEqual(['party000001 enter birthday 2027-01-16']);
    await passEveryNight(world);
    await workPasses(world, (night + DAY) as Instant);
    expect(told(world.changes.take())).toEqual(['party000002 enter birthday 2027-01-16']);
    for (let n = 2; n < 12; n += 1) {
      await passEveryNight(world);
      await workPasses(world, (night + n * DAY) as Instant);
    }
    expect(told(world.changes.take())).toEqual([
      'party000001 leave birthday 2027-01-24',
      'party000002 leave birthday 2027-01-24',
    ]);
  });

  test('who reacted leaves: the history is read only of those about whom it decides', async () => {
    const world = createAudienceWorld();
    for (const [n, city] of ['Beijing', 'Shanghai', 'Beijing'].entries())
      await world.rows.setCustomer(party(n), customerFacts({ city }), NOW);
    await watched(world, { silent });
    expect([...new Set(world.deepened)].sort()).toEqual([party(0), party(2)]);
    world.history.set(party(2), [{ kind: 'reaction', on: day('2027-01-15'), campaign: 'welcome', what: 'click' }]);
    await followAudiences([party(0), party(1), party(2)], world, NOW);
    expect(told(world.changes.take())).toEqual(['party000002 leave silent 2027-01-15']);
  });

  test('a changed rule and a new beginning take nobody in by themselves', async () => {
    const world = createAudienceWorld();
    for (const [n, city] of ['Beijing', 'Shanghai'].entries())
      await world.rows.setCustomer(party(n), customerFacts({ city }), NOW);
    await watched(world, { beijing: inBeijing });
    await save(
      world,
      'beijing',
      { combinator: 'and', rules: [{ field: 'customer.city', operator: '=', value: 'Shanghai' }] },
      2,
    );
    await syncWatches(new Set(['beijing']), world, (NOW + 1) as Instant);
    // while who is in it is being noted, a change is noted and not told
    await world.rows.setCustomer(party(0), customerFacts({ city: 'Shanghai' }), (NOW + 2) as Instant);
    await followAudiences([party(0)], world, NOW);
    await workPasses(world, NOW);
    expect(world.changes.take()).toEqual([]);
    expect([...(await world.rows.getMany([party(0), party(1)])).values()].map((row) => row.in)).toEqual([
      { beijing: '+2027-01-15' },
      { beijing: '+2027-01-15' },
    ]);
    await syncWatches(new Set(), world, NOW);
    expect(await world.watches.all()).toEqual([]);
    await world.rows.setCustomer(party(0), customerFacts({ city: 'Xian' }), (NOW + 3) as Instant);
    await followAudiences([party(0)], world, NOW);
    expect(world.changes.take()).toEqual([]);
    await syncWatches(new Set(['beijing']), world, (NOW + 4) as Instant);
    await workPasses(world, NOW);
    expect((await world.rows.getMany([party(0)])).get(party(0))?.in).toEqual({});
    expect(world.changes.take()).toEqual([]);
  });

  test('a pass that runs out of time goes on where it was, and counts only shards it marked whole', async () => {
    const world = createAudienceWorld();
    const rows = {
      ...world.rows,
      page: async (shard: number, after?: string) => {
        const page = await world.rows.page(shard);
        const from = Number(after ?? 0);
        return {
          rows: page.rows.slice(from, from + 1),
          ...(from + 1 < page.rows.length ? { next: String(from + 1) } : {}),
        };
      },
    };
    for (let n = 0; n < 600; n += 1) await world.rows.setCustomer(party(n), customerFacts(), NOW);
    await save(world, 'beijing', inBeijing);
    await syncWatches(new Set(['beijing']), world, NOW);
    expect(world.passes.take()).toHaveLength(AUDIENCE_SHARDS);
    await syncWatches(new Set(['beijing']), world, NOW);
    const slow = { ...world, rows };
    await workPasses(slow, NOW, () => true);
    expect((await world.watches.all()).map(({ state }) => state)).toEqual(['on']);
    const standings = await world.rows.getMany(Array.from({ length: 600 }, (_, n) => party(n)));
    expect([...standings.values()].filter((row) => row.in.beijing === '+2027-01-15')).toHaveLength(600);
  });

  test('F35: cut off anywhere and done again, a change is told again by the same name, never lost, never another', async () => {
    const cuts = fc.sample(fc.record({ at: fc.nat(12), shift: fc.constantFrom(0, DAY) }), {
      numRuns: 150,
      seed: 11,
    });
    let repeated = 0;
    for (const { at, shift } of cuts) {
      const world = createAudienceWorld();
      for (const [n, city] of ['Beijing', 'Shanghai', 'Beijing'].entries())
        await world.rows.setCustomer(party(n), customerFacts({ city }), NOW);
      await watched(world, { beijing: inBeijing });
      for (const [n, city] of ['Shanghai', 'Beijing', 'Beijing'].entries())
        await world.rows.setCustomer(party(n), customerFacts({ city }), (NOW + 1) as Instant);
      let calls = 0;
      const cut = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
        calls += 1;
        // before the call or after it: the caller cannot tell
        if (calls === at && at % 2 === 0) throw new EngagementError('unavailable', 'cut off', { retryable: true });
        const answer = await act();
        if (calls === at) throw new EngagementError('unavailable', 'cut off', { retryable: true });
        return answer;
      };
      const broken = {
        ...world,
        rows: {
          ...world.rows,
          setStanding: (...args: Parameters<typeof world.rows.setStanding>) =>
            cut(() => world.rows.setStanding(...args)),
        },
        changes: { send: (messages: readonly AudienceMessage[]) => cut(() => world.changes.send(messages)) },
      };
      const ids = [party(0), party(1), party(2)];
      await followAudiences(ids, broken, NOW).catch(() => 0);
      // the queue brings the message again, on the same day or after midnight
      await followAudiences(ids, world, (NOW + shift) as Instant);
      const all = told(world.changes.take());
      repeated += all.length - new Set(all).size;
      const decidedLate = all.some((one) => one.endsWith('16'));
      expect(shift === 0 && decidedLate).toBe(false);
      expect(new Set(all.map((one) => one.slice(0, -11)))).toEqual(
        new Set(['party000000 leave beijing', 'party000001 enter beijing']),
      );
      expect(new Set(all).size).toBe(2);
      await followAudiences(ids, world, (NOW + shift) as Instant);
      expect(world.changes.take()).toEqual([]);
    }
    expect(repeated).toBeGreaterThan(0);
  });

  test('two workers at the same people tell each change by one name', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const world = createAudienceWorld();
      for (let n = 0; n < 10; n += 1) await world.rows.setCustomer(party(n), customerFacts({ city: 'Shanghai' }), NOW);
      await watched(world, { beijing: inBeijing });
      for (let n = 0; n < 10; n += 1) await world.rows.setCustomer(party(n), customerFacts(), (NOW + 1) as Instant);
      const ids = Array.from({ length: 10 }, (_, n) => party(n));
      await Promise.all([followAudiences(ids, world, NOW), followAudiences([...ids].reverse(), world, NOW)]);
      expect([...new Set(told(world.changes.take()))]).toHaveLength(10);
    }
  });
});
