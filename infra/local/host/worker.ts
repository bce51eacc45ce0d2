import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { InvokeResult } from '../wire.ts';
import type { FromWorker, ToWorker, WorkerData } from './protocol.ts';
import { installVirtualDate } from './virtual-date.ts';

/** One execution environment of one function, as Lambda would start it: one run at a time, module state kept warm. */

const { fn, now: startedAt, compileCache } = workerData as WorkerData;
const port = parentPort;
if (!port) throw new Error('worker.ts runs in a worker thread only');
const post = (message: FromWorker): void => port.postMessage(message);

enableCompileCache(compileCache);
let now = startedAt;
// Before the handler is loaded: libraries keep a reference to Date from when they were loaded.
installVirtualDate(() => now);

// Through the same port as the results, so that a run's lines never come after its result.
let pending = '';
const flush = (): void => {
  if (pending) post({ kind: 'lines', text: pending });
  pending = '';
};
const capture = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
  if (!pending) setImmediate(flush);
  pending += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  const done = rest.at(-1);
  if (typeof done === 'function') done();
  return true;
};
process.stdout.write = capture as typeof process.stdout.write;
process.stderr.write = capture as typeof process.stderr.write;

type Handler = (event: unknown, context: unknown) => unknown;

const failure = (error: unknown): InvokeResult => {
  const thrown = error instanceof Error ? error : new Error(String(error));
  return {
    kind: 'failed',
    error: { name: thrown.name, message: thrown.message, ...(thrown.stack ? { stack: thrown.stack } : {}) },
  };
};

const load = async (): Promise<Handler> => {
  const module = (await import(pathToFileURL(fn.entry).href)) as Record<string, unknown>;
  const handler = module[fn.exportName];
  if (typeof handler !== 'function') throw new Error(`${fn.entry} exports no function "${fn.exportName}"`);
  return handler as Handler;
};

const contextOf = (id: number): unknown => {
  const end = performance.now() + fn.timeoutMs;
  return {
    functionName: fn.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: fn.arn,
    memoryLimitInMB: String(fn.memoryMb),
    awsRequestId: `local-${fn.logicalId}-${id}`,
    logGroupName: `/aws/lambda/${fn.name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, end - performance.now()),
  };
};

const handler = load();
handler.then(
  () => post({ kind: 'loaded' }),
  () => post({ kind: 'loaded' }),
);

const run = async (message: ToWorker): Promise<void> => {
  now = message.now;
  let result: InvokeResult;
  try {
    const value = await (await handler)(JSON.parse(message.event), contextOf(message.id));
    result = { kind: 'returned', value: value === undefined ? null : JSON.parse(JSON.stringify(value)) };
  } catch (error) {
    result = failure(error);
  }
  flush();
  post({ kind: 'result', id: message.id, result });
};

port.on('message', (message: ToWorker) => void run(message));
