import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { InvokeResult } from '../wire.ts';
import type { FromHost, HostedFunction, MetricSums, ToHost } from './protocol.ts';

export interface HostOptions {
  readonly functions: readonly HostedFunction[];
  /** Folder of the functions' log files. */
  readonly logs: string;
  /** Folder where compiled sources are kept between starts. */
  readonly compileCache: string;
  /** Warm environments at most, over all functions. */
  readonly maxWorkers: number;
  /** Told what the metrics of each run add up to, before its result is. */
  readonly onMetrics: (sums: MetricSums) => void;
  /** Told when the process died and another took its place. */
  readonly onRestart: () => void;
}

/** The function host as its parent sees it. */
export interface FunctionHost {
  /** Runs a function once. Never rejects: a dead host is a failed run. @param now virtual time, epoch milliseconds */
  invoke(functionId: string, event: unknown, now: number): Promise<InvokeResult>;
  /** SIGKILL, as a fault: runs in flight fail, a new process takes over. */
  kill(): void;
  /** Ends the process for good. */
  stop(): Promise<void>;
  readonly pid: () => number | undefined;
}

/** Starts the process that runs the functions, and starts it again whenever it dies. */
export const startHost = async (options: HostOptions): Promise<FunctionHost> => {
  const pending = new Map<number, (result: InvokeResult) => void>();
  let lastId = 0;
  let stopping = false;
  let child: ChildProcess;
  let ready: Promise<void>;

  const launch = (): void => {
    child = fork(fileURLToPath(new URL('host.ts', import.meta.url)), {
      // Fork would pass the parent's own flags on (a test runner's loaders, an inspector).
      execArgv: [],
      serialization: 'advanced',
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    });
    const { functions, logs, compileCache, maxWorkers } = options;
    const message: ToHost = { kind: 'start', functions, logs, compileCache, maxWorkers };
    child.send(message);
    const started = child;
    ready = new Promise((resolve) => {
      started.on('message', (received: FromHost) => {
        if (received.kind === 'ready') return resolve();
        options.onMetrics(received.metrics);
        pending.get(received.id)?.(received.result);
        pending.delete(received.id);
      });
    });
    started.on('exit', () => {
      const lost = [...pending.values()];
      pending.clear();
      if (!stopping) {
        launch();
        options.onRestart();
      }
      for (const settle of lost) {
        settle({ kind: 'failed', error: { name: 'HostDied', message: 'the function host ended during this run' } });
      }
    });
  };
  launch();
  // biome-ignore lint/style/noNonNullAssertion: launch has just set it
  await ready!;

  return {
    async invoke(functionId, event, now) {
      await ready;
      const id = ++lastId;
      return new Promise((resolve) => {
        pending.set(id, resolve);
        const message: ToHost = { kind: 'invoke', id, functionId, event: JSON.stringify(event), now };
        // A failed send means the process is going; its exit settles the run.
        child.send(message, () => {});
      });
    },
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await ended;
    },
    pid: () => child.pid,
  };
};
