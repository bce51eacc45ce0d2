import type { Process, Random, Scheduler } from './scheduler.ts';

/** How likely each fault is at a call. All 0: nothing ever goes wrong. */
export interface FaultRates {
  /** The process dies before the call, or after it was done. */
  readonly kill: number;
  /** The call fails without effect. */
  readonly fail: number;
  /** The call takes effect and its answer is lost. */
  readonly lostReply: number;
  /** The provider is at its limit; it loses its answer after accepting, or before. */
  readonly throttle: number;
  readonly mailLost: number;
  readonly mailUnanswered: number;
  /** The provider refuses a mail for good. */
  readonly refuse: number;
  /** An event of a mail never comes. */
  readonly eventLost: number;
  /** A call takes up to five seconds of virtual time, so that others overtake. */
  readonly slow: number;
  /** A queue delivers a message again although it was done, or while it is being done. */
  readonly duplicate: number;
  /** Clocks differ by up to this many milliseconds. */
  readonly skew: number;
}

export const noFaults: FaultRates = {
  kill: 0,
  fail: 0,
  lostReply: 0,
  throttle: 0,
  mailLost: 0,
  mailUnanswered: 0,
  refuse: 0,
  eventLost: 0,
  slow: 0,
  duplicate: 0,
  skew: 0,
};

export const hardFaults: FaultRates = {
  kill: 0.02,
  fail: 0.01,
  lostReply: 0.02,
  throttle: 0.05,
  mailLost: 0.03,
  mailUnanswered: 0.03,
  refuse: 0.02,
  eventLost: 0.1,
  slow: 0.2,
  duplicate: 0.15,
  skew: 5 * 60_000,
};

/** What can happen to one call. */
export type Fault = 'kill-before' | 'kill-after' | 'fail' | 'lost-reply';
export const FAULTS: readonly Fault[] = ['kill-before', 'kill-after', 'fail', 'lost-reply'];

/** One fault at the n-th call of a run (from 0), counted over all processes: for walking through every crash point. */
export interface PlannedFault {
  readonly call: number;
  readonly fault: Fault;
}

/** Decides call by call, and counts. */
export interface Faults {
  readonly rates: FaultRates;
  readonly counts: Record<Fault | 'calls', number>;
  next(): Fault | undefined;
}

export const createFaults = (random: Random, rates: FaultRates, planned?: PlannedFault): Faults => {
  const counts = { calls: 0, 'kill-before': 0, 'kill-after': 0, fail: 0, 'lost-reply': 0 };
  const draw = (): Fault | undefined => {
    if (planned?.call === counts.calls - 1) return planned.fault;
    const drawn = random.next();
    if (drawn < rates.kill / 2) return 'kill-before';
    if (drawn < rates.kill) return 'kill-after';
    if (drawn < rates.kill + rates.fail) return 'fail';
    return drawn < rates.kill + rates.fail + rates.lostReply ? 'lost-reply' : undefined;
  };
  return {
    rates,
    counts,
    next() {
      counts.calls += 1;
      const fault = draw();
      if (fault) counts[fault] += 1;
      return fault;
    },
  };
};

/** A port as one process sees it: each call waits for its turn, and may meet a fault before or after it is done. */
export const faulty = <Port extends object>(
  port: Port,
  process: Process,
  { scheduler, random, faults }: { scheduler: Scheduler; random: Random; faults: Faults },
): Port =>
  new Proxy(port, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]) => {
        await scheduler.turn(process);
        if (random.chance(faults.rates.slow)) await scheduler.sleep(process, random.int(5_000));
        const fault = faults.next();
        const die = (): Promise<never> => {
          process.kill();
          return new Promise(() => {});
        };
        if (fault === 'kill-before') return die();
        if (fault === 'fail') throw new Error('simulated: call failed');
        const answer: unknown = await method.apply(target, given);
        if (fault === 'kill-after') return die();
        if (fault === 'lost-reply') throw new Error('simulated: answer lost');
        await scheduler.turn(process);
        return answer;
      };
    },
  });
