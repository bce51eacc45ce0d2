import { EngagementError } from '../../shared/platform/errors.ts';
import { formatInstant, type Instant } from '../../shared/platform/time.ts';
import type { MovableClock } from './clock.ts';
import type { Engine } from './engine.ts';

/** What happened while the clock moved. */
export interface MoveCounts {
  readonly sent: number;
  readonly held: number;
  readonly skipped: number;
  readonly failed: number;
}

export type MoveResult = MoveCounts & { readonly now: string };

export interface MoveParts {
  readonly clock: MovableClock;
  readonly engine: Engine;
  /** Running totals; a move reports their difference. */
  readonly totals: () => MoveCounts;
  /** Told after each instant at which something was done. */
  readonly onProgress: (now: Instant, counts: MoveCounts) => void;
  /** Told when a move begins. */
  readonly beforeMove: () => void;
  /** Housekeeping when a move has ended. */
  readonly afterMove: () => Promise<void>;
}

/** Moves the clock, one move at a time. */
export interface ClockMover {
  /** True while a move runs. */
  moving(): boolean;
  /** Runs everything that falls due up to and including `to`, in order of time.
   *  @throws EngagementError conflict while another move runs, bad-input for a time that has passed */
  move(to: Instant): Promise<MoveResult>;
}

export const createClockMover = ({
  clock,
  engine,
  totals,
  beforeMove,
  onProgress,
  afterMove,
}: MoveParts): ClockMover => {
  let moving = false;
  const difference = (before: MoveCounts): MoveCounts => {
    const after = totals();
    return {
      sent: after.sent - before.sent,
      held: after.held - before.held,
      skipped: after.skipped - before.skipped,
      failed: after.failed - before.failed,
    };
  };

  const run = async (to: Instant): Promise<MoveResult> => {
    const before = totals();
    beforeMove();
    await engine.whenIdle();
    for (let next = engine.nextDueAt(); clock.now() < to; next = engine.nextDueAt()) {
      clock.set(next === undefined || next > to ? to : next);
      await engine.whenIdle();
      onProgress(clock.now(), difference(before));
    }
    await afterMove();
    return { now: formatInstant(clock.now()), ...difference(before) };
  };

  return {
    moving: () => moving,
    async move(to) {
      if (moving) throw new EngagementError('conflict', 'the clock is moving: wait for the answer to the move before');
      if (to < clock.now()) {
        throw new EngagementError(
          'bad-input',
          `cannot move the clock back from ${formatInstant(clock.now())} to ${formatInstant(to)}`,
        );
      }
      moving = true;
      try {
        return await run(to);
      } finally {
        moving = false;
      }
    },
  };
};
