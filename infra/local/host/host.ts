import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { InvokeResult } from '../wire.ts';
import { addMetrics } from './metrics.ts';
import type { FromHost, FromWorker, HostedFunction, Invocation, ToHost, WorkerData } from './protocol.ts';

/** The function host: a process of its own, one worker thread for each execution environment, kept warm. */

interface Environment {
  readonly worker: Worker;
  readonly fn: HostedFunction;
  loaded: boolean;
  current?: Run;
  timer?: NodeJS.Timeout;
}

interface Run {
  readonly invocation: Invocation;
  readonly metrics: Record<string, number>;
}

const send = (message: FromHost): void => {
  // Nobody is left to be told once the parent was killed; the channel's end closes this process.
  process.send?.(message, undefined, undefined, () => {});
};

const failed = (name: string, message: string, timedOut = false): InvokeResult => ({
  kind: 'failed',
  error: { name, message },
  ...(timedOut ? { timedOut } : {}),
});

const start = ({ functions, logs, compileCache, maxWorkers }: Extract<ToHost, { kind: 'start' }>): void => {
  const byId = new Map(functions.map((fn) => [fn.logicalId, fn]));
  const environments = new Set<Environment>();
  const waiting: Invocation[] = [];
  const files = new Map<string, number>();

  // Written through: what a function logged before it was killed is what one wants to read.
  const log = (fn: HostedFunction, text: string): void => {
    const file = files.get(fn.logicalId) ?? openSync(join(logs, `${fn.name}.log`), 'a');
    files.set(fn.logicalId, file);
    writeSync(file, text);
  };

  const finish = (environment: Environment, result: InvokeResult): void => {
    clearTimeout(environment.timer);
    const run = environment.current;
    delete environment.current;
    if (!run) return;
    if (result.kind === 'failed') log(environment.fn, `${JSON.stringify({ level: 'ERROR', ...result })}\n`);
    send({ kind: 'result', id: run.invocation.id, result, metrics: run.metrics });
  };

  const startTimer = (environment: Environment): void => {
    const { fn } = environment;
    environment.timer = setTimeout(() => {
      finish(environment, failed('Sandbox.Timedout', `task timed out after ${fn.timeoutMs / 1000} seconds`, true));
      retire(environment);
      dispatch();
    }, fn.timeoutMs);
  };

  /** Ends an environment in an unknown state; its next run gets a new one, as on Lambda. */
  const retire = (environment: Environment): void => {
    environments.delete(environment);
    void environment.worker.terminate();
  };

  const open = (fn: HostedFunction, now: number): Environment => {
    const data: WorkerData = { fn, now, compileCache };
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: data,
      env: { ...fn.environment },
      // The worker captures what is written itself; what slips through must not reach the terminal.
      stdout: true,
      stderr: true,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const environment: Environment = { worker, fn, loaded: false };
    environments.add(environment);
    worker.stderr.on('data', (chunk: Buffer) => log(fn, chunk.toString('utf8')));
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'loaded':
          environment.loaded = true;
          if (environment.current) startTimer(environment);
          break;
        case 'lines':
          log(fn, message.text);
          if (environment.current) addMetrics(message.text, environment.current.metrics);
          break;
        case 'result':
          finish(environment, message.result);
          dispatch();
          break;
      }
    });
    worker.on('error', (error) => finish(environment, failed('Runtime.ExitError', error.message)));
    worker.on('exit', (code) => {
      finish(environment, failed('Runtime.ExitError', `runtime exited with code ${code}`));
      environments.delete(environment);
      dispatch();
    });
    return environment;
  };

  const run = (environment: Environment, invocation: Invocation): void => {
    environment.current = { invocation, metrics: {} };
    if (environment.loaded) startTimer(environment);
    environment.worker.postMessage({ id: invocation.id, event: invocation.event, now: invocation.now });
  };

  /** A free environment of `fn`, or room for a new one. The least used make room for what is needed now. */
  const environmentFor = (fn: HostedFunction, now: number): Environment | undefined => {
    const own = [...environments].filter((environment) => environment.fn === fn);
    const free = own.find((environment) => !environment.current);
    if (free) return free;
    if (own.length >= fn.concurrency) return undefined;
    if (environments.size >= maxWorkers) {
      const idle = [...environments].find((environment) => !environment.current);
      if (!idle) return undefined;
      retire(idle);
    }
    return open(fn, now);
  };

  const dispatch = (): void => {
    for (let at = 0; at < waiting.length; ) {
      const invocation = waiting[at] as Invocation;
      const fn = byId.get(invocation.functionId);
      const environment = fn && environmentFor(fn, invocation.now);
      if (fn && !environment) {
        at++;
        continue;
      }
      waiting.splice(at, 1);
      if (environment) run(environment, invocation);
      else
        send({
          kind: 'result',
          id: invocation.id,
          result: failed('ResourceNotFoundException', `no function "${invocation.functionId}"`),
          metrics: {},
        });
    }
  };

  process.on('message', (message: ToHost) => {
    if (message.kind !== 'invoke') return;
    waiting.push(message);
    dispatch();
  });
  send({ kind: 'ready' });
};

// The parent was killed: nothing it would have been told is worth finishing.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when functions may end.
process.on('SIGINT', () => {});
process.once('message', (message: ToHost) => {
  if (message.kind === 'start') start(message);
});
