import type { Instant } from '../../shared/platform/time.ts';

/** Numbers from a seed: the only randomness of a simulation, so that a seed replays it. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** 0 … `below` − 1 */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return { next, int, chance: (p) => next() < p, pick: (items) => items[int(items.length)] as never };
};

/** One run of a function: it can be killed between any two of its calls, and then does nothing any more. */
export interface Process {
  readonly name: string;
  readonly startedAt: number;
  /** Its clock is off by this many milliseconds. */
  readonly skew: number;
  alive: boolean;
  kill(): void;
}

/**
 * Runs everything on one virtual time line: whenever all are waiting, a random one may go on; when nobody can, the
 * clock jumps to the next timer. Nothing happens at the same time, everything may happen in any order.
 */
export interface Scheduler {
  now(): Instant;
  /** How many steps were taken: orders events more finely than the clock. */
  step(): number;
  at(instant: number, act: () => void): void;
  /** Waits for one's turn; never returns to a killed process. */
  turn(process: Process): Promise<void>;
  /** Resolves when the clock has moved on by that much. */
  sleep(process: Process, milliseconds: number): Promise<void>;
  /** Starts a process. @returns what it returned, or `killed` */
  run<T>(name: string, skew: number, act: (process: Process) => Promise<T>): Promise<T | 'killed'>;
  /** Until nobody waits and no timer is left. */
  drain(): Promise<void>;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createScheduler = (start: Instant, random: Random, maxSteps = 300_000): Scheduler => {
  let now = start;
  let step = 0;
  const ready: { process: Process; resume: () => void }[] = [];
  const timers: { at: number; order: number; act: () => void }[] = [];
  let order = 0;

  const at = (instant: number, act: () => void): void => {
    timers.push({ at: Math.max(instant, now), order: order++, act });
  };
  const turn = (process: Process): Promise<void> => {
    if (!process.alive) return new Promise(() => {});
    return new Promise((resume) => ready.push({ process, resume }));
  };
  return {
    now: () => now,
    step: () => step,
    at,
    turn,
    sleep: (process, milliseconds) =>
      new Promise((resolve) => {
        at(now + milliseconds, () => {
          if (process.alive) resolve();
        });
      }),
    async run(name, skew, act) {
      let killed: (value: 'killed') => void = () => {};
      const death = new Promise<'killed'>((resolve) => {
        killed = resolve;
      });
      const process: Process = {
        name,
        startedAt: step,
        skew,
        alive: true,
        kill() {
          process.alive = false;
          killed('killed');
        },
      };
      const outcome = await Promise.race([act(process), death]);
      process.alive = false;
      return outcome;
    },
    async drain() {
      for (;;) {
        await settled();
        const next = ready.length > 0 ? ready.splice(random.int(ready.length), 1)[0] : undefined;
        if (next) {
          step += 1;
          if (step > maxSteps) throw new Error(`simulation did not end after ${maxSteps} steps`);
          // a dead process' call is never answered
          if (next.process.alive) next.resume();
          continue;
        }
        const soonest = Math.min(...timers.map((timer) => timer.at));
        if (soonest === Number.POSITIVE_INFINITY) return;
        now = Math.max(now, soonest) as Instant;
        const due = timers.filter((timer) => timer.at <= now).sort((a, b) => a.at - b.at || a.order - b.order);
        for (const timer of due) timers.splice(timers.indexOf(timer), 1);
        for (const timer of due) timer.act();
      }
    },
  };
};
