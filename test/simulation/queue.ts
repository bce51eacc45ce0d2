import type { Queue } from '../../shared/platform/queue.ts';
import { MINUTE } from '../../shared/platform/time.ts';
import type { Process, Random, Scheduler } from './scheduler.ts';

interface Message<Body> {
  readonly id: number;
  readonly body: Body;
  visibleAt: number;
  receives: number;
}

/** A queue as SQS is: at least once, in any order, hidden while worked on, to the dead letters after too many tries. */
export interface SimulatedQueue<Body> extends Queue<Body> {
  readonly deadLetters: Body[];
}

const VISIBILITY = 3 * MINUTE;
const MAX_RECEIVES = 12;

/**
 * @param consume handles a batch. @returns indices of the messages that must come again
 */
export const createSimulatedQueue = <Body>(
  name: string,
  world: { scheduler: Scheduler; random: Random; duplicate: number; skewOf: () => number; batch: number },
  consume: (process: Process, bodies: readonly Body[]) => Promise<readonly number[]>,
): SimulatedQueue<Body> => {
  const { scheduler, random } = world;
  const messages = new Map<number, Message<Body>>();
  const deadLetters: Body[] = [];
  let ids = 0;
  let polling = false;

  const poll = (): void => {
    if (polling) return;
    polling = true;
    // a little later, so that a batch may gather
    scheduler.at(scheduler.now() + random.int(1_000), () => {
      polling = false;
      void receive();
    });
  };

  const receive = async (): Promise<void> => {
    const now = scheduler.now();
    const visible = [...messages.values()].filter((message) => message.visibleAt <= now);
    if (visible.length === 0) return;
    const batch: Message<Body>[] = [];
    const size = world.duplicate > 0 ? 1 + random.int(world.batch) : world.batch;
    while (batch.length < size && visible.length > 0) batch.push(...visible.splice(random.int(visible.length), 1));
    for (const message of batch) {
      message.receives += 1;
      // now and then a message shows again while it is still being worked on (F06)
      message.visibleAt = now + (random.chance(world.duplicate / 4) ? random.int(3_000) : VISIBILITY);
      scheduler.at(message.visibleAt, poll);
    }
    if (visible.length > 0) poll();
    const dead = batch.filter((message) => message.receives > MAX_RECEIVES);
    for (const message of dead) {
      messages.delete(message.id);
      deadLetters.push(message.body);
    }
    const work = batch.filter((message) => !dead.includes(message));
    const failed = await scheduler.run(name, world.skewOf(), (process) =>
      consume(
        process,
        work.map(({ body }) => structuredClone(body)),
      ).catch(() => work.map((_, n) => n)),
    );
    if (failed === 'killed') return;
    work.forEach((message, n) => {
      // done, and yet delivered once more (F07)
      if (!failed.includes(n) && !random.chance(world.duplicate / 4)) messages.delete(message.id);
    });
  };

  return {
    deadLetters,
    async send(bodies, { delaySeconds = 0 } = {}) {
      for (const body of bodies) {
        const copies = random.chance(world.duplicate) ? 1 + random.int(4) : 1;
        for (let copy = 0; copy < copies; copy += 1) {
          ids += 1;
          const visibleAt = scheduler.now() + delaySeconds * 1_000;
          messages.set(ids, { id: ids, body: JSON.parse(JSON.stringify(body)), visibleAt, receives: 0 });
          scheduler.at(visibleAt, poll);
        }
      }
    },
  };
};
