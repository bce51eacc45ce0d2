import { describe, expect, test } from 'vitest';
import { refOf } from '../../shared/journey/enrolment-store.ts';
import { composeLetters } from '../../shared/letter/compose-letter.ts';
import { handOver } from '../../shared/letter/hand-over.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { LEASE } from '../../shared/message/plan-mails.ts';
import { sendIdsOf } from '../../shared/message/send-ids.ts';
import type { PolicyId } from '../../shared/platform/ids.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { policyOf } from '../content/samples.ts';
import { COMPOSE_AT, CUT_OFF, createKiller, createLetterWorld, DAY_OF_PRINT, noKiller } from './letter-world.ts';

type World = ReturnType<typeof createLetterWorld>;

/** A customer with two policies and one order for both. */
const twoPolicies = async (world: World): Promise<SendOrder> => {
  const first = await world.add(1);
  const [ref] = first.enrolments;
  const enrolment = ref && (await world.ports.enrolments.get(ref));
  if (!enrolment) throw new Error('no enrolment');
  const policyId = 'policy1b' as PolicyId;
  await world.ports.policies.put(
    policyOf({ policyId, partyId: first.partyId, policyNo: 'N1b', zone: enrolment.zone, version: 0 }),
    0,
  );
  const second = { ...enrolment, policyId };
  await world.ports.enrolments.create(second);
  return { ...first, enrolments: [...first.enrolments, refOf(second)], dueAts: [COMPOSE_AT, COMPOSE_AT] };
};

const exitPart = async (world: World, order: SendOrder, part: number): Promise<void> => {
  const ref = order.enrolments[part];
  const known = ref && (await world.ports.enrolments.get(ref));
  if (!known) throw new Error('no enrolment');
  await world.ports.enrolments.put(
    { ...known, state: 'exited', exit: { reason: 'renewed', at: world.clock.now } },
    known.version,
  );
};
const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind);

/** Orders that the due work holds, each once. */
const dueOrders = async (world: World): Promise<SendOrder[]> => {
  const found: SendOrder[] = [];
  for (const bucket of await world.ports.due.activeBuckets(world.clock.now)) {
    const { rows } = await world.ports.due.page(bucket, world.clock.now);
    const orders = rows.filter(({ kind }) => kind === 'order');
    found.push(...orders.map(({ payload }) => payload as SendOrder));
    await world.ports.due.remove(orders);
  }
  return found;
};

const manifests = async (world: World): Promise<string[]> =>
  (
    await Promise.all(
      world.files
        .keys()
        .filter((key) => key.endsWith('manifest.csv'))
        .map((key) => world.files.get(key)),
    )
  ).map((file) => Buffer.from(file?.body ?? []).toString());

describe('one letter for several policies (C5)', () => {
  test('one reservation, one letter with both numbers, one row', async () => {
    const world = createLetterWorld();
    const order = await twoPolicies(world);
    expect(kinds(await composeLetters(world.ports, [order]))).toEqual(['sent']);
    expect(await world.row(order)).toMatchObject({ state: 'composed', policyIds: ['policy1', 'policy1b'] });
    const gate = (await world.ports.gates.getMany([order.partyId])).get(order.partyId);
    expect(Object.keys(gate?.recent ?? {}).sort()).toEqual([...sendIdsOf(order)].sort());
    const [, second] = order.enrolments;
    const alone = { ...order, sendId: sendIdsOf(order)[1] as never, enrolments: [second as never] };
    expect(kinds(await composeLetters(world.ports, [alone]))).toEqual(['done']);
    expect((await world.ports.letters.ofDay(DAY_OF_PRINT)).map(({ policyNos }) => policyNos)).toEqual([['=N1', 'N1b']]);
  });

  test('what renewed before it is composed is left out with its reason', async () => {
    const world = createLetterWorld();
    const order = await twoPolicies(world);
    await exitPart(world, order, 0);
    expect(kinds(await composeLetters(world.ports, [order]))).toEqual(['sent']);
    expect(await world.row(order)).toMatchObject({ state: 'skipped', reason: 'exited', policyIds: ['policy1'] });
    expect((await world.ports.letters.ofDay(DAY_OF_PRINT)).map(({ policyNos }) => policyNos)).toEqual([['N1b']]);
  });

  test('what renewed before the cut-off: the letter is recalled and one about the rest is composed', async () => {
    const world = createLetterWorld();
    const order = await twoPolicies(world);
    await composeLetters(world.ports, [order]);
    await exitPart(world, order, 0);
    world.clock.now = CUT_OFF;
    expect(await handOver(world.ports, DAY_OF_PRINT)).toMatchObject({ kind: 'nothing-to-print' });
    expect(await world.row(order)).toMatchObject({ state: 'recalled', details: { because: 'partly-exited' } });
    expect(kinds(await composeLetters(world.ports, await dueOrders(world)))).toEqual(['sent']);
    const [letter] = await world.ports.letters.ofDay({ ...DAY_OF_PRINT, printOn: '2019-01-14' as never });
    expect(letter?.policyNos).toEqual(['N1b']);
  });

  test('F36: killed at any call, one letter is made of both, and of no more', async () => {
    const rehearsal = createLetterWorld();
    const killer = createKiller(Number.POSITIVE_INFINITY, false);
    await composeLetters(rehearsal.portsOver(killer), [await twoPolicies(rehearsal)]);
    for (let dieAt = 1; dieAt <= killer.calls(); dieAt += 1)
      for (const after of [false, true]) {
        const world = createLetterWorld();
        const order = await twoPolicies(world);
        await composeLetters(world.portsOver(createKiller(dieAt, after)), [order]).catch(() => {});
        world.clock.now = (COMPOSE_AT + LEASE + MINUTE) as Instant;
        await composeLetters(world.portsOver(noKiller), [order]);
        const letters = await world.ports.letters.ofDay(DAY_OF_PRINT);
        expect(
          letters.map(({ policyNos }) => policyNos),
          `call ${dieAt}`,
        ).toEqual([['=N1', 'N1b']]);
        expect((await world.row(order))?.state).toBe('composed');
      }
  });
});

describe('letters of a campaign until the cut-off', () => {
  test('C8: of a cancelled campaign they are recalled', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    await composeLetters(world.ports, [order]);
    world.clock.now = CUT_OFF;
    world.controls.set('renewal', { kind: 'cancelled' });
    expect(await handOver(world.ports, DAY_OF_PRINT)).toEqual({ kind: 'nothing-to-print', recalled: 1 });
    expect(await world.row(order)).toMatchObject({ state: 'recalled', details: { because: 'cancelled' } });
  });

  test.each(['paused', 'stopped'] as const)(
    'C8, G6: %s: they wait, and go in another batch once it goes on',
    async (reason) => {
      const world = createLetterWorld();
      const order = await world.add(1);
      await composeLetters(world.ports, [order]);
      world.clock.now = CUT_OFF;
      world.controls.set('renewal', { kind: 'hold', reason });
      expect(await handOver(world.ports, DAY_OF_PRINT)).toEqual({ kind: 'nothing-to-print', recalled: 0 });
      expect(await world.row(order)).toMatchObject({ state: 'composed' });
      world.controls.clear();
      world.clock.now = (CUT_OFF + HOUR) as Instant;
      const [bucket] = await world.ports.due.activeBuckets(world.clock.now);
      expect(bucket).toBeDefined();
      expect(await handOver(world.ports, DAY_OF_PRINT)).toMatchObject({ kind: 'handed-over', letters: 1 });
    },
  );

  test('C8: an order of a paused campaign goes onto the shelf, of a cancelled one it is skipped', async () => {
    const world = createLetterWorld();
    const [one, two] = [await world.add(1), { ...(await world.add(2)), campaign: 'other' }];
    world.controls.set('renewal', { kind: 'hold', reason: 'paused' });
    world.controls.set('other', { kind: 'cancelled' });
    expect(await composeLetters(world.ports, [one, two])).toEqual([
      { kind: 'held', reason: 'paused' },
      { kind: 'skipped', reason: 'cancelled' },
    ]);
    expect(world.shelved).toHaveLength(1);
  });
});

describe('F43: an address that changes mid-run', () => {
  const move = async (world: World, order: SendOrder): Promise<void> => {
    const profile = await world.ports.profiles.get(order.partyId);
    const address = { lines: ['Gran Vía 7'], city: 'Madrid', postcode: '28004', country: 'ES' };
    await world.ports.profiles.put(
      { ...(profile as NonNullable<typeof profile>), address, version: (profile?.version ?? 0) + 1 },
      profile?.version ?? 0,
    );
  };

  test('no letter to the old address after the change: it is composed anew', async () => {
    const world = createLetterWorld();
    const order = await world.add(1);
    await composeLetters(world.ports, [order]);
    await move(world, order);
    world.clock.now = CUT_OFF;
    expect(await handOver(world.ports, DAY_OF_PRINT)).toMatchObject({ kind: 'nothing-to-print' });
    expect(await manifests(world)).toEqual([]);
    const again = await dueOrders(world);
    expect(again).toHaveLength(1);
    expect(kinds(await composeLetters(world.ports, again))).toEqual(['sent']);
    const monday = { ...DAY_OF_PRINT, printOn: '2019-01-14' as never };
    world.clock.now = (CUT_OFF + 3 * DAY) as Instant;
    expect(await handOver(world.ports, monday)).toMatchObject({ kind: 'handed-over', letters: 1 });
  });

  test('F36: killed at any call of the hand-over, it is made anew once and printed once', async () => {
    const prepare = async () => {
      const world = createLetterWorld();
      const order = await world.add(1);
      await composeLetters(world.ports, [order]);
      await move(world, order);
      world.clock.now = CUT_OFF;
      return { world, order };
    };
    const rehearsal = await prepare();
    const killer = createKiller(Number.POSITIVE_INFINITY, false);
    await handOver(rehearsal.world.portsOver(killer), DAY_OF_PRINT);
    for (let dieAt = 1; dieAt <= killer.calls(); dieAt += 1)
      for (const after of [false, true]) {
        const { world } = await prepare();
        await handOver(world.portsOver(createKiller(dieAt, after)), DAY_OF_PRINT).catch(() => {});
        // the order may be composed before the hand-over comes again
        world.clock.now = (CUT_OFF + MINUTE) as Instant;
        await composeLetters(world.ports, await dueOrders(world));
        await handOver(world.ports, DAY_OF_PRINT);
        world.clock.now = (CUT_OFF + 10 * MINUTE) as Instant;
        await composeLetters(world.ports, await dueOrders(world));
        const monday = { ...DAY_OF_PRINT, printOn: '2019-01-14' as never };
        world.clock.now = (CUT_OFF + 3 * DAY) as Instant;
        for (const day of [DAY_OF_PRINT, monday]) await handOver(world.ports, day);
        const printed = (await manifests(world)).flatMap((text) => text.trim().split('\n').slice(1));
        expect(printed, `call ${dieAt} ${after}`).toHaveLength(1);
      }
  });
});
