import { type ChildProcess, fork } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { Resources } from '../../template/resources.ts';
import { type Fake, WireRefusal, type WireRequest, type WireResponse } from '../../wire.ts';
import type { FaultEffects, ReportedRule } from '../fault-plan.ts';
import { dynamoActionOf, isDynamoRequest, operationOf } from './access.ts';
import type { FromTable, ToTable } from './process.ts';
import { refuse } from './server.ts';

export interface DynamoDbOptions {
  /** Where LevelDB keeps its files; absent: memory, for tests. */
  readonly folder?: string;
  /** 0: any free port. */
  readonly port?: number;
  readonly resources: Pick<Resources, 'tables' | 'functions'>;
  readonly effects: FaultEffects;
  /** The process ended without being asked to. */
  readonly onExit?: (code: number | null) => void;
}

/** The running table. As a `Fake` it hands calls at the common endpoint on to its own process. */
export interface DynamoDb extends Fake {
  /** Functions talk to it directly: `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly url: string;
  /** Rules with service `dynamodb`; those of other services are ignored. */
  setFaults(rules: readonly unknown[]): Promise<void>;
  /** All rules, counted as they met calls to the table. */
  faultReport(): Promise<readonly ReportedRule[]>;
  /** Deletes the items whose time to live is over. @returns how many */
  sweepExpired(now: Instant): Promise<number>;
  stop(): Promise<void>;
}

/** How long a predecessor that is still closing may hold the folder's lock, in milliseconds. */
const LOCK_PATIENCE = 10_000;

/** Starts the table's process and makes the template's tables where they are missing.
 *  @throws EngagementError `misconfigured` where the folder cannot be used */
export const startDynamoDb = async (options: DynamoDbOptions): Promise<DynamoDb> => {
  const { child, port } = await startPatiently(options, performance.now() + LOCK_PATIENCE);
  const url = `http://127.0.0.1:${port}`;
  const { tables } = options.resources;
  const waiting = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  let stopping = false;

  child.on('message', (message: FromTable) => {
    if (message.kind === 'kill') options.effects[message.what === 'host' ? 'killHost' : 'killSystem']();
    if (message.kind !== 'done') return;
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      resolve();
      if (!stopping) options.onExit?.(code);
    });
  });
  const ask = (message: ToTable & { id: number }): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.set(message.id, resolve);
      child.send(message);
    });

  return {
    url,
    accepts: ({ headers }) => isDynamoRequest(headers),
    actionOf: ({ headers, body }) => dynamoActionOf(operationOf(headers), parse(body), tables),
    handle: (request) => forward(port, request),
    refuse: (_request, refusal) => refuse(refusal),
    async setFaults(rules) {
      await ask({ kind: 'faults', rules, id: ++lastId });
    },
    faultReport: async () => (await ask({ kind: 'fault-report', id: ++lastId })) as readonly ReportedRule[],
    sweepExpired: async (now) => Number(await ask({ kind: 'sweep', now, id: ++lastId })),
    async stop() {
      stopping = true;
      if (child.connected) child.send({ kind: 'stop' } satisfies ToTable);
      await exited;
    },
  };
};

const startPatiently = async (
  options: DynamoDbOptions,
  until: number,
): Promise<{ child: ChildProcess; port: number }> => {
  // detached: a signal to the process group must not reach it before its parent has let go
  const child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), { detached: true, execArgv: [] });
  const { folder, port = 0, resources } = options;
  const statements = Object.fromEntries(resources.functions.map((found) => [found.logicalId, found.statements]));
  const begun = await new Promise<FromTable>((resolve) => {
    child.once('message', (message: FromTable) => resolve(message));
    child.once('exit', (code) => resolve({ kind: 'failed', message: `its process ended with code ${code}` }));
    child.send({
      kind: 'start',
      ...(folder === undefined ? {} : { folder }),
      port,
      tables: resources.tables,
      statements,
    } satisfies ToTable);
  });
  if (begun.kind === 'ready') return { child, port: begun.port };
  const reason = begun.kind === 'failed' ? begun.message : begun.kind;
  if (performance.now() > until || reason.includes('--fresh')) {
    throw new EngagementError('misconfigured', `the local table did not start: ${reason}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  return startPatiently(options, until);
};

const parse = (body: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new WireRefusal(400, 'SerializationException', 'the request body is not JSON');
  }
};

const forward = (port: number, { method, path, headers, body }: WireRequest): Promise<WireResponse> =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (incoming) => {
      const blocks: Buffer[] = [];
      incoming.on('data', (block: Buffer) => blocks.push(block));
      incoming.on('end', () => {
        const answered = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
        resolve({
          status: incoming.statusCode ?? 500,
          headers: Object.fromEntries(answered),
          body: Buffer.concat(blocks),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
