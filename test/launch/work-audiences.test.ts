import { describe, expect, test } from 'vitest';
import { wire } from '../../functions/work-audiences/wire.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { pinDefinition } from '../../shared/campaign/definition.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createShelf } from '../../shared/journey/shelf.ts';
import { createLaunchEffects } from '../../shared/launch/launch-campaign.ts';
import { createPreFlights, isDone } from '../../shared/launch/pre-flight-store.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { sendOrder } from '../../shared/message/contract.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import { HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createLaunchWorld, type Someone } from './launch-world.ts';
import { broadcast, TEN } from './run-world.ts';

const context = {} as never;
/** A mail that ships and needs no policy. */
const TEMPLATE = 'missing-data';
const VERSION = shippedIndex[TEMPLATE]?.version as string;
const CROWD: readonly Someone[] = Array.from({ length: 30 }, (_, n) => ({ id: `p${n}x` }));

/** The function over memory, with what it is sent and what is due. */
const createWorld = async () => {
  const { table } = await createLaunchWorld(CROWD);
  const definition = broadcast({
    class: 'service',
    steps: [{ id: 'mail', do: { send: 'email', template: TEMPLATE } }],
  });
  const pinned = pinDefinition(definition, { templates: { [TEMPLATE]: VERSION }, surveys: {} });
  await createDefinitions(table, []).keep(pinned);
  await createCampaigns(table, []).put(
    {
      id: 'spring',
      state: 'live',
      draft: pinned.hash,
      live: pinned.hash,
      makers: [],
      title: definition.title,
      sendClass: definition.class,
      priority: definition.priority,
      updatedAt: TEN,
      version: 1,
    },
    0,
  );
  let now = (TEN - HOUR) as Instant;
  const queues = new Map<string, ReturnType<typeof createMemoryQueue<unknown>>>();
  const queueOf = (variable: string) => {
    const known = queues.get(variable) ?? createMemoryQueue<unknown>();
    queues.set(variable, known);
    return known;
  };
  const bus = createMemoryBus();
  const handler = wire({
    table,
    queue: <Message>(variable: string) => queueOf(variable) as unknown as Queue<Message>,
    bus,
    setting: () => 'example.com',
    clock: () => now,
    log: silentLog,
    limits: async () => ({ perSecond: 14, perDay: 50_000, sentLast24Hours: 0 }),
  });
  const dueWork = createDueWork(table);
  const runs = createRuns(table);
  const preFlights = createPreFlights(table);
  const audiences = queueOf('AUDIENCES_QUEUE_URL');
  const give = async (messages: readonly unknown[]): Promise<void> => {
    const Records = messages.map((message, n) => ({
      messageId: String(n),
      body: JSON.stringify(message),
      attributes: { ApproximateReceiveCount: '1' },
    }));
    const answer = await handler({ Records } as never, context);
    expect(answer.batchItemFailures).toEqual([]);
  };
  return {
    table,
    pinned,
    queueOf,
    bus,
    runs,
    dueWork,
    preFlights,
    effects: createLaunchEffects({
      dueWork,
      runs,
      preFlights,
      audiences,
      watchAudiences: async () => {},
      clock: () => now,
    }),
    give,
    /** Does what is on the queue, then what is due, minute after minute. */
    async advance(to: Instant): Promise<void> {
      for (;;) {
        for (let work = audiences.take(); work.length > 0; work = audiences.take()) await give(work);
        for (const bucket of await dueWork.activeBuckets(now)) {
          const { rows } = await dueWork.page(bucket, now);
          await give(rows.filter(({ kind }) => kind === 'run').map(({ payload }) => payload));
          await dueWork.remove(rows);
        }
        if (now >= to) return;
        now = Math.min(to, now + MINUTE) as Instant;
      }
    },
  };
};

describe('work-audiences', () => {
  test('takes a launched campaign from its pre-flight to orders that senders take', async () => {
    const world = await createWorld();
    expect(await world.effects.whyNot(world.pinned)).toMatch(/being computed/);
    await world.advance((TEN - HOUR) as Instant);
    const preFlight = await world.preFlights.get({ campaign: 'spring', definition: world.pinned.hash });
    expect(preFlight && isDone(preFlight)).toBe(true);
    expect(preFlight?.sums).toMatchObject({ members: 30, going: 30, checked: 30, lacking: 0 });
    expect(await world.effects.whyNot(world.pinned)).toBeUndefined();

    await world.effects.onLaunch({ notBefore: (TEN - HOUR + 10 * MINUTE) as Instant } as never, world.pinned);
    await world.advance((TEN - MINUTE) as Instant);
    expect(world.queueOf('SEND_SERVICE_QUEUE_URL').messages).toEqual([]);
    await world.advance((TEN + 2 * MINUTE) as Instant);
    const orders = world.queueOf('SEND_SERVICE_QUEUE_URL').take() as SendOrder[];
    expect(new Set(orders.map(({ partyId }) => partyId)).size).toBe(30);
    for (const order of orders)
      expect(sendOrder.parse(order)).toMatchObject({
        broadcast: true,
        template: TEMPLATE,
        templateVersion: VERSION,
        dueAt: TEN,
        definition: world.pinned.hash,
      });
    expect(await world.runs.running()).toMatchObject([{ state: 'settling', ordered: 30 }]);
  });

  test('what lay on the shelf of a resumed campaign is due again', async () => {
    const world = await createWorld();
    const shelf = createShelf(world.table);
    const items = Array.from({ length: 250 }, (_, n) => ({
      at: (TEN - HOUR) as Instant,
      kind: 'order' as const,
      id: `order${n}`,
      payload: { n },
    }));
    await shelf.lay('spring', items);
    await world.give([{ kind: 'unshelve', campaign: 'spring' }]);
    expect((await shelf.page('spring')).rows).toEqual([]);
    const due: unknown[] = [];
    for (const bucket of await world.dueWork.activeBuckets(TEN)) {
      let after: string | undefined;
      do {
        const page = await world.dueWork.page(bucket, TEN, after);
        due.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
    }
    expect(new Set(due).size).toBe(250);
  });

  test('a message of no known kind comes again and ends with the dead letters', async () => {
    const world = await createWorld();
    await expect(world.give([{ kind: 'run' }])).rejects.toThrow();
  });
});
