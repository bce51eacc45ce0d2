import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { addDays, civilDateAt, DAY, type Instant } from '../../shared/platform/time.ts';
import { begun, campaignOf, enter, mail, refOfFlow, wait } from './flows.ts';
import { createWorld, day, instant, MADRID } from './world.ts';

const until = (date: string, days: number) => ({ until: { date, days, time: '10:00' } });

/** A policy that renews on 30 June, in a journey that waits for that day. */
const waiting = async (...steps: readonly object[]) => {
  const programme = campaignOf(steps, {
    subject: 'policy',
    trigger: { date: 'policy.contractStartsOn' },
    exits: ['deceased', 'cancelled'],
  });
  const world = createWorld({ now: '2019-01-01T00:00:00Z', programmes: [programme] });
  await world.person('ana');
  const [policyId] = await world.load({ terms: [['2019-01-01', '2019-06-30']] });
  let renewsOn = '2019-06-30';
  return {
    world,
    /** Tells that something about the policy changed, whatever it was. */
    async told() {
      await world.changes.send([{ kind: 'policies', policyIds: [policyId as PolicyId], because: 'test' }]);
      await world.drain();
    },
    /** Moves the renewal date, as the policy administration tells. */
    async move(to: string) {
      if (to === renewsOn) return;
      await world.event('PolicyDateMoved', { policyNo: 'P1', from: renewsOn, to });
      renewsOn = to;
    },
  };
};

describe('a wait until a date that moves meanwhile (C3)', () => {
  const before = [wait('before', until('policy.renewsOn', -30)), mail('notice')];

  test('ends by the date as it is now: later, earlier, and back', async () => {
    for (const [moves, sent] of [
      [['2019-09-30'], '2019-08-31'],
      [['2019-05-31'], '2019-05-01'],
      [['2019-09-30', '2019-06-30'], '2019-05-31'],
    ] as const) {
      const { world, move } = await waiting(...before);
      for (const [n, to] of moves.entries()) {
        await world.advance(`2019-0${2 + n}-01T00:00:00Z`);
        await move(to);
      }
      await world.advance('2020-01-01T00:00:00Z');
      expect(world.sends()).toEqual([`${sent} email notice`]);
    }
  });

  test('a day that is past by now ends it at once, never before now and not as too late', async () => {
    const { world, move } = await waiting(...before);
    await world.advance('2019-03-20T15:00:00Z');
    await move('2019-04-01');
    await world.advance('2020-01-01T00:00:00Z');
    expect(world.sends()).toEqual(['2019-03-20 email notice']);
    expect(world.seen[0]?.order.dueAt).toBe(instant('2019-03-20T15:00:00Z'));
    expect(await world.history('ana')).toEqual([]);
  });

  test('F14: nothing runs for two days after that: the instant stays, whatever is told meanwhile', async () => {
    const { world, told, move } = await waiting(...before);
    await world.advance('2019-03-20T15:00:00Z');
    await move('2019-04-01');
    world.outage('2019-03-22T15:00:00Z');
    await told();
    await world.advance('2019-03-22T15:01:00Z');
    expect(world.seen.map(({ order: { dueAt } }) => dueAt)).toEqual([instant('2019-03-20T15:00:00Z')]);
  });

  test('whatever else is told of the policy leaves it, and what is done is not done again', async () => {
    const { world, told, move } = await waiting(...before, wait('rest', { for: 'P20D' }), mail('last'));
    await told();
    await world.advance('2019-06-01T00:00:00Z');
    await told();
    await move('2019-12-31');
    await world.advance('2020-02-01T00:00:00Z');
    expect(world.sends()).toEqual(['2019-05-31 email notice', '2019-06-20 email last']);
  });

  test('the date of the next term is another date, not a moved one', async () => {
    const { world } = await waiting(wait('after', until('policy.renewsOn', 5)), mail('thanks'));
    await world.advance('2019-06-01T00:00:00Z');
    await world.load({
      terms: [
        ['2019-01-01', '2019-06-30'],
        ['2019-06-30', '2020-06-30'],
      ],
    });
    await world.advance('2020-12-31T00:00:00Z');
    expect(world.sends()).toEqual(['2019-07-05 email thanks']);
  });

  test('a birthday that was mended moves a journey about the customer', async () => {
    const programme = campaignOf([wait('day', until('customer.birthOn', 0)), mail('wish')]);
    const world = createWorld({ now: '2019-01-01T00:00:00Z', programmes: [programme] });
    await world.person('ana', { birthOn: day('1980-06-01') });
    await enter(world, begun(programme, instant('2019-01-01T00:00:00Z')));
    await world.advance('2019-02-01T00:00:00Z');
    const profile = await world.profiles.get('ana' as PartyId);
    await world.profiles.put({ ...profile!, birthOn: day('1980-03-01') }, profile!.version);
    await world.changes.send([{ kind: 'party', partyId: 'ana' as PartyId, because: 'test' }]);
    await world.drain();
    await world.advance('2020-01-01T00:00:00Z');
    expect(world.sends()).toEqual(['2019-03-01 email wish']);
    expect(await world.enrolments.get(refOfFlow())).toMatchObject({ state: 'finished' });
    expect(await world.enrolments.get(refOfFlow())).not.toHaveProperty('waitsUntil');
  });

  test('however often it moves, one message, on the day by the last word of before it went, or at once', async () => {
    const moves = fc.array(
      fc.record({ after: fc.integer({ min: 1, max: 40 }), to: fc.integer({ min: 30, max: 330 }) }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(moves, async (list) => {
        const { world, move } = await waiting(...before);
        const start = instant('2019-01-01T00:00:00Z');
        let now: Instant = start;
        let end = day('2019-05-31');
        let expected: string | undefined;
        /* the oracle: walks the moves by itself, in whole days; 06:00 is before the 10:00 of the mail */
        for (const { after, to } of list) {
          now = (now + after * DAY + 6 * 3_600_000 - (now % DAY)) as Instant;
          const today = civilDateAt(now, MADRID);
          if (expected === undefined && end < today) expected = end;
          await world.advance(new Date(now).toISOString());
          const renewsOn = addDays(day('2019-01-01'), to);
          await move(renewsOn);
          await world.advance(new Date(now).toISOString());
          if (expected !== undefined) continue;
          end = addDays(renewsOn, -30);
          if (end < today) expected = today;
        }
        await world.advance('2020-06-01T00:00:00Z');
        expect(world.sends()).toEqual([`${expected ?? end} email notice`]);
      }),
      { numRuns: 40 },
    );
  });
});
