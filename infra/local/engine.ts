import type { Instant } from '../../shared/platform/time.ts';
import type { Fake, VirtualClock } from './wire.ts';

/** Something that works by itself as soon as there is work: an event source. */
export interface Pump {
  /** Starts what can be started now. */
  start(): void;
  /** True while there is work that it has not finished. */
  busy(): boolean;
}

/** Runs whatever is due at the virtual now, whenever something wakes it; it has no timers. */
export interface Engine {
  /** Something may have become due: look, soon. */
  wake(): void;
  /** True when nothing is due at now and nothing is in flight. */
  idle(): boolean;
  /** Resolves when idle. */
  whenIdle(): Promise<void>;
  /** The earliest instant after now at which something falls due by itself. */
  nextDueAt(): Instant | undefined;
  /** Counts work that is neither a pump's nor a fake's (a page being served) as in flight. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Starts nothing any more. What runs is left to its fate: every step survives that. */
  stop(): void;
}

export interface EngineParts {
  readonly clock: VirtualClock;
  readonly pumps: readonly Pump[];
  readonly fakes: readonly Fake[];
  /** Told of a fake that failed while working by itself. */
  readonly onFault: (error: unknown) => void;
}

export const createEngine = ({ clock, pumps, fakes, onFault }: EngineParts): Engine => {
  const running = new Set<Fake>();
  /** A fake that found nothing to do although it was due, and when: asked again only when the clock has moved. */
  const stalled = new Map<Fake, Instant>();
  let waiters: (() => void)[] = [];
  let scheduled = false;
  let stopped = false;
  let guests = 0;

  const isDue = (fake: Fake): boolean => {
    if (!fake.run || stalled.get(fake) === clock.now()) return false;
    const at = fake.nextDueAt?.();
    return at !== undefined && at <= clock.now();
  };

  const runFake = async (fake: Fake): Promise<void> => {
    running.add(fake);
    const at = clock.now();
    try {
      if (await fake.run?.()) stalled.delete(fake);
      else stalled.set(fake, at);
    } catch (error) {
      stalled.set(fake, at);
      onFault(error);
    } finally {
      running.delete(fake);
      wake();
    }
  };

  const idle = (): boolean =>
    !scheduled &&
    guests === 0 &&
    running.size === 0 &&
    fakes.every((fake) => (fake.busy?.() ?? 0) === 0 && !isDue(fake)) &&
    pumps.every((pump) => !pump.busy());

  const step = (): void => {
    scheduled = false;
    if (stopped) return;
    for (const fake of fakes) if (!running.has(fake) && isDue(fake)) void runFake(fake);
    for (const pump of pumps) pump.start();
    if (!idle()) return;
    const resolved = waiters;
    waiters = [];
    for (const resolve of resolved) resolve();
  };

  const wake = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(step);
  };

  const whenIdle = (): Promise<void> =>
    new Promise((resolve) => {
      waiters.push(resolve);
      wake();
    });

  return {
    wake,
    idle,
    whenIdle,
    nextDueAt() {
      const times = fakes
        .filter((fake) => fake.run)
        .map((fake) => fake.nextDueAt?.())
        .filter((at): at is Instant => at !== undefined && at > clock.now());
      return times.length === 0 ? undefined : (Math.min(...times) as Instant);
    },
    async during(work) {
      guests++;
      try {
        return await work();
      } finally {
        guests--;
        wake();
      }
    },
    stop() {
      stopped = true;
    },
  };
};
