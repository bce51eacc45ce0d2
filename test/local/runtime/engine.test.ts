import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MovableClock } from '../../../infra/local/clock.ts';
import { createEngine } from '../../../infra/local/engine.ts';
import { createClockMover } from '../../../infra/local/move-clock.ts';
import type { Fake } from '../../../infra/local/wire.ts';
import type { Instant } from '../../../shared/platform/time.ts';

const START = 1_000 as Instant;

const clockAt = (begin: Instant): MovableClock => {
  let now = begin;
  return {
    now: () => now,
    set(to) {
      now = to;
    },
  };
};

/** A service with an agenda: at each time it does something, which may make further work. */
const agenda = (
  clock: MovableClock,
  times: number[],
  done: string[],
  name: string,
  more?: (at: number) => number[],
): Fake => {
  const left = [...times].sort((a, b) => a - b);
  return {
    accepts: () => false,
    actionOf: () => ({ action: '', resources: [] }),
    handle: async () => ({ status: 200 }),
    nextDueAt: () => left[0] as Instant | undefined,
    async run() {
      await Promise.resolve();
      let any = false;
      while (left[0] !== undefined && left[0] <= clock.now()) {
        const at = left.shift() as number;
        done.push(`${clock.now()} ${name} ${at}`);
        left.push(...(more?.(at) ?? []));
        left.sort((a, b) => a - b);
        any = true;
      }
      return any;
    },
  };
};

const systemOf = (clock: MovableClock, fakes: Fake[]) => {
  const faults: unknown[] = [];
  const engine = createEngine({ clock, pumps: [], fakes, onFault: (error) => void faults.push(error) });
  const mover = createClockMover({
    clock,
    engine,
    totals: () => ({ sent: 0, held: 0, skipped: 0, failed: 0 }),
    beforeMove: () => {},
    onProgress: () => {},
    afterMove: async () => {},
  });
  return { engine, mover, faults };
};

test('a move does all that falls due up to its end and nothing after, in order, each at its time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 900, max: 2_000 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 900, max: 2_000 }), { maxLength: 20 }),
      fc.integer({ min: 1_000, max: 2_000 }),
      async (left, right, target) => {
        const clock = clockAt(START);
        const done: string[] = [];
        const { mover } = systemOf(clock, [agenda(clock, left, done, 'a'), agenda(clock, right, done, 'b')]);
        await mover.move(target as Instant);
        expect(clock.now()).toBe(target);
        const all = [...left, ...right].filter((at) => at <= target);
        expect(done).toHaveLength(all.length);
        const times = done.map((line) => Number(line.split(' ')[0]));
        expect(times).toEqual([...times].sort((a, b) => a - b));
        for (const line of done) {
          const [ran, , due] = line.split(' ');
          expect(Number(ran)).toBe(Math.max(Number(due), START));
        }
      },
    ),
  );
});

test('work that work makes is done in the same move, at its own time', async () => {
  const clock = clockAt(START);
  const done: string[] = [];
  const { mover } = systemOf(clock, [agenda(clock, [1_100], done, 'a', (at) => (at < 1_400 ? [at + 100] : []))]);
  await mover.move(1_350 as Instant);
  expect(done).toEqual(['1100 a 1100', '1200 a 1200', '1300 a 1300']);
  await mover.move(2_000 as Instant);
  expect(done.at(-1)).toBe('1400 a 1400');
});

test('a service that fails while it works by itself stops neither the others nor the clock', async () => {
  const clock = clockAt(START);
  const done: string[] = [];
  const broken: Fake = { ...agenda(clock, [1_050], [], 'x'), run: () => Promise.reject(new Error('broken')) };
  const { mover, faults } = systemOf(clock, [broken, agenda(clock, [1_100], done, 'a')]);
  await mover.move(1_500 as Instant);
  expect(done).toEqual(['1100 a 1100']);
  expect(faults.length).toBeGreaterThan(0);
});

test('a second move is refused while one runs; so is one into the past', async () => {
  const clock = clockAt(START);
  const { mover } = systemOf(clock, [agenda(clock, [1_100], [], 'a')]);
  const first = mover.move(1_500 as Instant);
  await expect(mover.move(1_600 as Instant)).rejects.toThrow(/moving/);
  await first;
  await expect(mover.move(1_400 as Instant)).rejects.toThrow(/back/);
});
