import { describe, expect, test } from 'vitest';
import { readProgress, troubleOf } from '../../shared/launch/read-runs.ts';
import { mayResend, resend } from '../../shared/launch/resend-failed.ts';
import type { Run } from '../../shared/launch/run.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import type { MessageState, SendOrder } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { DAY, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { broadcast, createRunWorld, party, TEN } from './run-world.ts';

const ONCE = '2027-01-15T10:00';
const REF = { campaign: 'spring', occurrence: ONCE };

/** A run of 20 whose every fourth message failed, and each fifth was skipped. */
const createWorld = async () => {
  const members = Array.from({ length: 20 }, (_, n) => ({ partyId: party(n) }));
  const world = createRunWorld([{ definition: broadcast(), members }]);
  const timeline = createTimeline(world.table);
  const runs = createRuns(world.table);
  const record = (order: SendOrder, state: MessageState, reason?: string) =>
    timeline.record({
      partyId: order.partyId,
      at: order.dueAt,
      kind: 'message',
      id: order.sendId,
      policyIds: [],
      campaign: order.campaign,
      step: order.step,
      state,
      ...(reason === undefined ? {} : { reason }),
    });
  await world.start('spring', TEN, ONCE);
  await world.settle(3_000, (order) => {
    const n = Number(order.partyId.slice(5));
    if (n % 4 === 0) void record(order, 'failed', 'missing-value');
    else if (n % 5 === 0) void record(order, 'skipped', 'no-consent');
    return n % 4 === 0 || n % 5 === 0;
  });
  const ports = { runs, definitions: world.ports.definitions, timeline, orders: world.ports.orders };
  return { world, ports, record, runs };
};

const failedParties = [0, 4, 8, 12, 16].map(party);

describe('what failed in a run', () => {
  test('is counted by reason and listed', async () => {
    const { ports, runs } = await createWorld();
    expect(await readProgress(runs, REF)).toMatchObject({
      state: 'finished',
      members: 20,
      ordered: 20,
      sent: 12,
      skipped: { 'no-consent': 3 },
      failed: { 'missing-value': 5 },
      held: {},
      unknown: 0,
      pending: 0,
    });
    const { entries } = await troubleOf(ports, (await runs.get(REF)) as Run, 'failed');
    expect(entries.map(({ partyId }) => partyId).sort()).toEqual(failedParties);
  });

  test('is sent again as messages of their own; asked for twice it goes once', async () => {
    const { world, ports, record, runs } = await createWorld();
    const at = (TEN + DAY) as Instant;
    world.moveTo(at);
    const request = { ...REF, outcome: 'failed' as const, at };
    await resend(request, ports);
    await resend(request, ports);
    const orders = world.queued.splice(0);
    expect(new Set(orders.map(({ partyId }) => partyId))).toEqual(new Set(failedParties));
    expect(new Set(orders.map(({ sendId }) => sendId)).size).toBe(5);
    expect(mayResend((await runs.get(REF)) as Run, (at + MINUTE) as Instant)).toBe(false);
    expect(mayResend((await runs.get(REF)) as Run, (at + 10 * MINUTE) as Instant)).toBe(true);

    // of the repeats one fails again, one is lost, the others go
    const first = [...new Map(orders.map((order) => [order.partyId, order])).values()];
    for (const order of first) {
      if (order.partyId === party(4)) await record(order, 'failed', 'missing-value');
      else if (order.partyId !== party(8)) await record(order, 'accepted');
    }
    await resend({ ...request, at: (at + DAY) as Instant }, ports);
    const again = world.queued.splice(0);
    expect(again.map(({ partyId }) => partyId).sort()).toEqual([party(4), party(8)]);
    const idOf = (orderList: readonly SendOrder[], id: string) =>
      orderList.find(({ partyId }) => partyId === id)?.sendId;
    // the lost one under its old name, which the ledger lets go once; the failed one under a new one
    expect(idOf(again, party(8))).toBe(idOf(first, party(8)));
    expect(idOf(again, party(4))).not.toBe(idOf(first, party(4)));
  });
});
