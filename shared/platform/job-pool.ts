import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What became of a job. */
export type JobOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** Its process was ended: it took too long, needed too much memory, or broke. */
  | { readonly kind: 'killed'; readonly because: 'time' | 'memory' | 'crash' };

/** Runs jobs in processes of their own, each within its limits; what one job does to its process, no other feels. */
export interface JobPool<Job, Result> {
  /** @param cpuMs processor time that the job may take; on the clock of a busy machine it may lie ten times as long */
  run(job: Job, cpuMs: number): Promise<JobOutcome<Result>>;
  /** Ends every process. */
  close(): Promise<void>;
}

/** How often a running job is looked at, ms. */
const LOOK = 5;
/** How long a process may take to load its script, ms. */
const LOAD = 30_000;
/** Milliseconds of one tick of `/proc`, the same on every Linux. */
const TICK = 10;

/** Processor time of a process so far in ms, its children's not included; undefined where there is no `/proc`. */
const cpuOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name in brackets may hold anything, so fields are counted behind it
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return undefined;
  }
};

interface Slot {
  child?: ChildProcess;
  loaded: boolean;
  busy: boolean;
}

/**
 * A pool of processes that are kept warm and killed where a job passes its limits. Processes rather than threads: V8 may
 * end the whole process when a thread runs out of heap, or never come back from collecting (ADR 0090).
 *
 * The script sends `'ready'` once it has loaded, and one message per job. It gets no environment, may read nothing but its
 * own folder, write nothing and start nothing (Node's permission model), and ends with its parent.
 * @param options.memoryMb heap of one process
 */
export const createJobPool = <Job, Result>(options: {
  readonly script: URL;
  readonly size: number;
  readonly memoryMb: number;
}): JobPool<Job, Result> => {
  const slots: Slot[] = Array.from({ length: options.size }, () => ({ loaded: false, busy: false }));
  const waiting: (() => void)[] = [];
  const script = fileURLToPath(options.script);

  const open = (slot: Slot): ChildProcess => {
    const child = fork(script, [], {
      env: {},
      execArgv: [
        `--max-old-space-size=${options.memoryMb}`,
        '--max-semi-space-size=4',
        '--permission',
        `--allow-fs-read=${dirname(script)}`,
        `--allow-fs-read=${dirname(script)}/*`,
      ],
      cwd: dirname(script),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // an idle process must not keep its parent alive
    child.unref();
    child.channel?.unref();
    child.on('error', () => {});
    slot.child = child;
    slot.loaded = false;
    return child;
  };

  const retire = async (slot: Slot): Promise<void> => {
    const { child } = slot;
    delete slot.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.ref();
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  };

  const takeSlot = async (): Promise<Slot> => {
    for (;;) {
      const free = slots.find(({ busy, child }) => !busy && child !== undefined) ?? slots.find(({ busy }) => !busy);
      if (free !== undefined) {
        free.busy = true;
        return free;
      }
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
  };

  const runIn = (slot: Slot, job: Job, cpuMs: number): Promise<JobOutcome<Result>> => {
    const child = slot.child ?? open(slot);
    return new Promise((resolve) => {
      let began = false;
      let before: number | undefined;
      let deadline = performance.now() + LOAD;
      const end = (outcome: JobOutcome<Result>): void => {
        clearInterval(timer);
        child.off('message', onMessage).off('exit', onExit);
        resolve(outcome);
      };
      const kill = (because: 'time' | 'memory' | 'crash'): void => {
        void retire(slot);
        end({ kind: 'killed', because });
      };
      const begin = (): void => {
        slot.loaded = true;
        began = true;
        deadline = performance.now() + cpuMs * 10;
        before = cpuOf(child.pid ?? 0);
        child.send(job as object);
      };
      const look = (): void => {
        const used = began && before !== undefined ? (cpuOf(child.pid ?? 0) ?? before) - before : 0;
        if (used > cpuMs || performance.now() > deadline) kill('time');
      };
      const timer = setInterval(look, LOOK);
      const onMessage = (message: unknown): void => {
        if (message === 'ready') begin();
        else end({ kind: 'done', result: message as Result });
      };
      // V8 aborts where the heap is full
      const onExit = (code: number | null, signal: string | null): void =>
        kill(signal === 'SIGABRT' || signal === 'SIGTRAP' || code === 134 ? 'memory' : 'crash');
      child.on('message', onMessage).on('exit', onExit);
      if (slot.loaded) begin();
    });
  };

  return {
    run: async (job, cpuMs) => {
      const slot = await takeSlot();
      try {
        return await runIn(slot, job, cpuMs);
      } finally {
        slot.busy = false;
        waiting.shift()?.();
      }
    },
    close: async () => {
      await Promise.all(slots.map(retire));
    },
  };
};
