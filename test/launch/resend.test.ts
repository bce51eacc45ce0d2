import { describe, expect, test } from 'vitest';
import { readProgress, troubleOf } from '../../shared/launch/read-runs.ts';
import { resend } from '../../shared/launch/resend-failed.ts';
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
  return { world, ports, runs };
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

  test('is sent again as messages of their own, whose ids follow from the failure', async () => {
    const { world, ports } = await createWorld();
    const at = (TEN + DAY) as Instant;
    const request = { ...REF, outcome: 'failed' as const, at };
    await resend(request, ports);
    await resend({ ...request, at: (at + MINUTE) as Instant }, ports);
    const orders = world.queued.splice(0);
    expect(orders).toHaveLength(10);
    expect(new Set(orders.map(({ partyId }) => partyId))).toEqual(new Set(failedParties));
    // asked for twice, the ledger lets each go once; and none is the message that failed
    expect(new Set(orders.map(({ sendId }) => sendId)).size).toBe(5);
    const failed = await troubleOf(ports, (await ports.runs.get(REF)) as Run, 'failed');
    for (const { id } of failed.entries) expect(orders.map(({ sendId }) => sendId as string)).not.toContain(id);
    expect(orders[0]?.useBy).toBeGreaterThan(at);
  });

  test('of a run that is not there, or of an outcome that nobody has, nothing is sent', async () => {
    const { world, ports } = await createWorld();
    expect(await resend({ ...REF, occurrence: 'other', outcome: 'failed', at: TEN }, ports)).toBeUndefined();
    expect(await resend({ ...REF, outcome: 'unknown', at: TEN }, ports)).toBeUndefined();
    expect(world.queued).toEqual([]);
  });
});
