import { expect, test } from 'vitest';
import { createArbitrate } from '../../shared/launch/arbitrate.ts';
import { beforeOf, orderOf, type Run } from '../../shared/launch/run.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { createDecidePerson } from '../../shared/message/decide-person.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createLaunchWorld, definitionsOf, idOf } from './launch-world.ts';
import { broadcast, pin, TEN } from './run-world.ts';

const high = pin(broadcast({ id: 'high', priority: 90 }));
const low = pin(
  broadcast({
    id: 'low',
    priority: 10,
    audience: { rule: { combinator: 'and', rules: [{ field: 'customer.locale', operator: '=', value: 'en' }] } },
  }),
);
const vip = pin(
  broadcast({
    id: 'vip',
    priority: 60,
    audience: { rule: { combinator: 'and', rules: [{ field: 'customer.city', operator: '=', value: 'Shanghai' }] } },
  }),
);

const runOf = ({ definition, hash }: typeof high, dueAt: Instant = TEN): Run => ({
  campaign: definition.id,
  occurrence: '2027-01-15T10:00',
  definition: hash,
  sendClass: definition.class,
  priority: definition.priority,
  mode: 'orders',
  dueAt,
  useBy: (TEN + 2_880 * MINUTE) as Instant,
  startedAt: TEN,
  state: 'walking',
  cursor: { page: 0, done: 0, shard: 0 },
  members: 0,
  ordered: 0,
  version: 1,
});

const createWorld = async () => {
  const address = { lines: ['1'], city: 'Shanghai', postcode: '200000', country: 'CN' };
  const world = await createLaunchWorld([
    { id: 'ana', profile: { address } },
    { id: 'bo' },
    { id: 'cy', gate: { consent: {} } },
  ]);
  const pinned = definitionsOf(high, low, vip);
  const ended: { readonly kind: string; readonly sendId: string; readonly reason: string }[] = [];
  const arbitrate = createArbitrate({
    definitions: pinned,
    audience: async (run) => world.members(await pinned.get(run.campaign)),
    gates: world.gates,
    profiles: world.profiles,
    decideTogether: createDecidePerson(async () => contactSettings),
    concludeLost: async (lost) => {
      for (const { order, decision } of lost)
        ended.push({ kind: decision.kind, sendId: order.sendId, reason: decision.reason });
    },
  });
  const ordersOf = (of: typeof high, run: Run): readonly SendOrder[] =>
    ['ana', 'bo', 'cy'].map((id) => orderOf(run, of, of.definition.steps[0] as never, idOf(id)));
  return { arbitrate, ended, ordersOf };
};

const peopleOf = (orders: readonly SendOrder[]): readonly string[] => orders.map(({ partyId }) => partyId);

test('C10 of two runs of one minute the higher priority has the scarce contact, queued or not', async () => {
  const { arbitrate, ended, ordersOf } = await createWorld();
  const runs = [runOf(vip), runOf(low)].sort(beforeOf);
  const going = await arbitrate(ordersOf(low, runOf(low)), runOf(low), runs, TEN);
  // ana hears from vip, so low waits; bo is not in vip's audience
  expect(peopleOf(going)).toEqual([idOf('bo'), idOf('cy')]);
  expect(ended).toHaveLength(1);
  expect(ended[0]).toMatchObject({ sendId: ordersOf(low, runOf(low))[0]?.sendId });
  expect(peopleOf(await arbitrate(ordersOf(vip, runOf(vip)), runOf(vip), runs, TEN))).toEqual(
    peopleOf(ordersOf(vip, runOf(vip))),
  );
});

test('a rival that may not write to a customer takes nothing from the others', async () => {
  const { arbitrate, ended, ordersOf } = await createWorld();
  const runs = [runOf(high), runOf(low)];
  const going = await arbitrate(ordersOf(low, runOf(low)), runOf(low), runs, TEN);
  // cy never consented to advertising: neither campaign writes, each with its own reason
  expect(peopleOf(going)).toEqual([]);
  expect(ended.find(({ sendId }) => sendId === ordersOf(low, runOf(low))[2]?.sendId)).toMatchObject({
    kind: 'skip',
    reason: 'no-consent',
  });
});

test('runs of different minutes leave each other to the sender', async () => {
  const { arbitrate, ended, ordersOf } = await createWorld();
  const runs = [runOf(high, (TEN - MINUTE) as Instant), runOf(low)];
  expect(await arbitrate(ordersOf(low, runOf(low)), runOf(low), runs, TEN)).toHaveLength(3);
  expect(ended).toEqual([]);
});
