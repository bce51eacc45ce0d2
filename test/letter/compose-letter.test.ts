import { describe, expect, test } from 'vitest';
import type { ConsentState } from '../../shared/customer/customer.ts';
import { composeLetters } from '../../shared/letter/compose-letter.ts';
import { HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { COMPOSE_AT, CUT_OFF, createKiller, createLetterWorld, DAY_OF_PRINT, noKiller } from './letter-world.ts';

const refusal: ConsentState = { given: false, wording: 'w1', at: COMPOSE_AT };

describe('a letter', () => {
  test('is filed, put into its print day and told in the timeline', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    expect(await composeLetters(world.ports, [order])).toEqual([{ kind: 'sent', messageId: order.sendId }]);
    expect(world.files.keys()).toEqual([`letters/${order.sendId}.pdf`]);
    const [letter] = await world.ports.letters.ofDay(DAY_OF_PRINT);
    expect(letter).toMatchObject({ letterId: order.sendId, state: 'composed', pages: 1, policyNos: ['=N1'] });
    expect(await world.row(order)).toMatchObject({
      state: 'composed',
      channel: 'post',
      details: { printOn: '2019-01-11' },
    });
    expect(await world.ports.due.nextAfter(COMPOSE_AT)).toBe(CUT_OFF);
  });

  test('composed after the cut-off goes with the next working day, over the weekend', async () => {
    const world = createLetterWorld();
    world.clock.now = CUT_OFF;
    const order = await world.add(1);
    await composeLetters(world.ports, [order]);
    expect(await world.row(order)).toMatchObject({ details: { printOn: '2019-01-14' } });
  });

  test.each([
    ['no address', { profile: { address: undefined as never } }, 'no-postal-address'],
    [
      'an address without street',
      { profile: { address: { lines: [' '], city: 'Madrid', postcode: '28013', country: 'ES' } } },
      'no-postal-address',
    ],
    ['consent refused', { gate: { consent: { 'post/service': refusal } } }, 'opted-out'],
    ['returned mail', { gate: { suppressed: { post: 'returned-mail' as const } } }, 'suppressed'],
    ['a death', { gate: { situations: ['deceased' as const] } }, 'deceased'],
    ['use-by over', { order: { useBy: (COMPOSE_AT - 1) as Instant } }, 'too-late'],
  ])('%s: skipped with its reason, nothing filed', async (_, given, reason) => {
    const world = createLetterWorld();
    const order = await world.add(1, given);
    expect(await composeLetters(world.ports, [order])).toEqual([{ kind: 'skipped', reason }]);
    expect(world.files.keys()).toEqual([]);
    expect(await world.row(order)).toMatchObject({ state: 'skipped', reason });
  });

  test('whose policy was renewed meanwhile is skipped', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    await world.exit(order);
    expect(await composeLetters(world.ports, [order])).toEqual([{ kind: 'skipped', reason: 'exited' }]);
  });

  test('F28: what cannot be printed fails visibly and may be ordered again', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    const unprintable = {
      ...world.ports,
      compose: async () => ({ kind: 'failed', reason: 'not-printable', detail: 'address' }) as const,
    };
    expect(await composeLetters(unprintable, [order])).toEqual([{ kind: 'failed', reason: 'not-printable' }]);
    expect(await world.row(order)).toMatchObject({ state: 'failed', reason: 'not-printable' });
    const gate = (await world.ports.gates.getMany([order.partyId])).get(order.partyId);
    expect(gate?.recent).toEqual({});
  });

  test('ordered twice, at once and later, is one letter', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    await Promise.all([composeLetters(world.ports, [order]), composeLetters(world.ports, [order, order])]);
    world.clock.now = (COMPOSE_AT + HOUR) as Instant;
    expect(await composeLetters(world.ports, [order])).toEqual([{ kind: 'done' }]);
    expect(await world.ports.letters.ofDay(DAY_OF_PRINT)).toHaveLength(1);
  });

  test('while another worker is at it, the order comes again', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    const dying = world.portsOver(noKiller);
    await composeLetters({ ...dying, files: { put: async () => Promise.reject(new Error('gone')) } }, [order]);
    expect(await composeLetters(world.ports, [order])).toMatchObject([{ kind: 'retry', error: { code: 'conflict' } }]);
  });
});

describe('F36: a worker killed at any call, before or after its effect', () => {
  test.each([false, true])('leaves one letter for the next worker to finish (after: %s)', async (after) => {
    let points = 0;
    for (let dieAt = 1; ; dieAt += 1) {
      const world = createLetterWorld();
      const order = await world.add(1);
      const killer = createKiller(dieAt, after);
      await composeLetters(world.portsOver(killer), [order]).catch(() => undefined);
      if (killer.calls() < dieAt) break;
      points += 1;
      // past the lease, and past the cut-off in every second case: the letter must not change its day
      world.clock.now = dieAt % 2 === 0 ? ((COMPOSE_AT + 5 * MINUTE) as Instant) : ((CUT_OFF + MINUTE) as Instant);
      const outcomes = await composeLetters(world.ports, [order]);
      expect(['sent', 'done'], `killed at ${dieAt}`).toContain(outcomes[0]?.kind);
      const days = [DAY_OF_PRINT, { house: 'es', printOn: '2019-01-14' as never }];
      const letters = (await Promise.all(days.map((day) => world.ports.letters.ofDay(day)))).flat();
      expect(
        letters.map(({ letterId }) => letterId),
        `killed at ${dieAt}`,
      ).toEqual([order.sendId]);
      expect((await world.row(order))?.state).toBe('composed');
      expect(world.files.keys()).toEqual([`letters/${order.sendId}.pdf`]);
      expect(await world.ports.due.nextAfter((COMPOSE_AT - 1) as Instant)).toBeDefined();
    }
    expect(points).toBeGreaterThan(8);
  });
});
