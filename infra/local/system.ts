import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { EngagementError } from '../../shared/platform/errors.ts';
import { DAY, formatInstant, type Instant } from '../../shared/platform/time.ts';
import { createAwsEndpoint } from './aws-endpoint.ts';
import { type MovableClock, openClock } from './clock.ts';
import { createEngine, type Engine } from './engine.ts';
import { createEventSource, type EventSource } from './event-source.ts';
import { startDynamoDb } from './fakes/dynamodb/dynamodb.ts';
import type { FaultEffects } from './fakes/fault-plan.ts';
import { registerTextGateway } from './fakes/text-gateway/register.ts';
import { createGateway, type GatewayTargets } from './gateway/gateway.ts';
import { createHttpApi } from './gateway/http-api.ts';
import { createRouter, json } from './gateway/local-http.ts';
import { localRoutes } from './gateway/local-routes.ts';
import { plus } from './host/metrics.ts';
import type { MetricSums } from './host/protocol.ts';
import { type FunctionHost, startHost } from './host/start-host.ts';
import { hostedFunctions } from './hosted-functions.ts';
import { listenAsPair } from './listen.ts';
import { type ClockMover, createClockMover, type MoveCounts } from './move-clock.ts';
import { OPERATOR, SECRET_KEY } from './principal.ts';
import { createServices, type Services } from './services.ts';
import { openState } from './state.ts';
import { readTemplate } from './template/read-template.ts';
import type { NamedTemplate } from './template/resolve.ts';
import type { Resources } from './template/resources.ts';
import { CACHE, ROOT, synthesize } from './template/synthesize.ts';
import { createTrace } from './trace.ts';
import type { InvokeResult } from './wire.ts';

export interface SystemOptions {
  /** 0: any free pair of ports. */
  readonly port: number;
  /** State folder. */
  readonly state: string;
  readonly fresh: boolean;
  /** Virtual time of a new state; undefined: the machine's. */
  readonly now?: Instant;
  /** A line for the terminal. */
  readonly say: (line: string) => void;
  /** Told while the clock moves. */
  readonly onProgress: (now: Instant, counts: MoveCounts) => void;
  /** Templates to run; default: the app's, at this origin. */
  readonly templates?: (origin: string) => Promise<readonly NamedTemplate[]>;
}

/** A running system. */
export interface System {
  readonly origin: string;
  readonly awsEndpoint: string;
  readonly clock: MovableClock;
  /** False where the state folder is new. */
  readonly existed: boolean;
  readonly resources: Resources;
  readonly engine: Engine;
  readonly mover: ClockMover;
  readonly services: Services;
  readonly s3: S3Client;
  stop(): Promise<void>;
}

/** The last virtual time at which the table's expired items were swept, and how seldom that is done. */
const SWEEP_EVERY = 2 * DAY;

/**
 * Starts everything: state folder, template, table, functions, services, servers. What an earlier process left in
 * flight is taken up again; the clock goes on where it stood.
 * @throws EngagementError where the folder or a port is taken, or the template asks for what is not imitated
 */
export const startSystem = async (options: SystemOptions): Promise<System> => {
  const { say } = options;
  const state = openState(options.state, options.fresh);
  const { clock, existed } = openClock(state.db, options.now ?? (Date.now() as Instant));
  const trace = createTrace(clock);
  let host: FunctionHost | undefined;
  let engine: Engine | undefined;
  let targets: GatewayTargets | undefined;
  let metrics: MetricSums = {};
  const effects: FaultEffects = {
    killHost: () => host?.kill(),
    killSystem: () => process.kill(process.pid, 'SIGKILL'),
  };

  const gateway = createGateway(
    () => targets,
    ({ path }) =>
      targets === undefined && path === '/local/status'
        ? json({ ready: false, now: formatInstant(clock.now()), idle: false, queues: {}, deadLetters: {}, counts: {} })
        : undefined,
  );
  const statements = new Map<string, Resources['functions'][number]['statements']>();
  const wire: { services?: Services } = {};
  const endpoint = createAwsEndpoint({
    fakes: () => wire.services?.fakes ?? [],
    statements,
    faults: { strikeCall: (call) => wire.services?.faults.strikeCall(call) },
    effects,
    clock,
    trace: trace.add,
    onHandled: () => engine?.wake(),
    warn: once(say),
  });
  const port = await listenAsPair(gateway, endpoint, options.port);
  const origin = `http://127.0.0.1:${port}`;
  const awsEndpoint = `http://127.0.0.1:${port + 1}`;

  const stacks = await (options.templates ?? synthesize)(origin);
  const resources = readTemplate(stacks, { origin, endpoint: awsEndpoint, root: ROOT });
  for (const fn of resources.functions) statements.set(fn.logicalId, fn.statements);

  const dynamodb = await startDynamoDb({
    folder: state.dynamodb,
    resources,
    effects,
    // Without its table the system can do nothing right; a restart takes everything up again.
    onExit: (code) => {
      say(`the table's process ended with code ${code}: stopping`);
      effects.killSystem();
    },
  });
  host = await startHost({
    functions: hostedFunctions(resources, dynamodb.url),
    logs: state.logs,
    compileCache: join(CACHE, 'compiled'),
    maxWorkers: 8 + 2 * availableParallelism(),
    onMetrics: (sums) => {
      metrics = plus(metrics, sums);
    },
    onRestart: () => say('the function host died and was started again'),
  });

  const invoke = async (functionId: string, event: unknown): Promise<InvokeResult> => {
    const begun = performance.now();
    const result = await (host as FunctionHost).invoke(functionId, event, clock.now());
    const took = `${Math.round(performance.now() - begun)} ms`;
    trace.add({
      service: 'lambda',
      action: result.kind,
      from: 'runtime',
      to: functionId,
      note: result.kind === 'failed' ? `${took}, ${result.error.name}: ${result.error.message.slice(0, 200)}` : took,
    });
    return result;
  };
  const services = createServices({
    world: { db: state.db, clock, resources, trace: trace.add, invoke },
    dynamodb,
    folder: state.path,
  });
  wire.services = services;

  const sources: readonly EventSource[] = resources.eventSources.map((source) =>
    createEventSource({
      othersRun: () => sources.some((other) => other.running() > 0),
      source,
      region: resources.region,
      concurrency: Math.min(4, source.maxConcurrency ?? 4),
      sqs: services.sqs,
      invoke: services.invoke,
      trace: trace.add,
      onDone: () => engine?.wake(),
    }),
  );
  const running = createEngine({
    clock,
    pumps: sources,
    fakes: services.fakes,
    onFault: (error) =>
      say(`a service failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  });
  engine = running;
  services.sqs.onVisible((queueArn) => {
    for (const source of sources) if (source.queueArn === queueArn) source.notice();
    running.wake();
  });

  const totals = (): MoveCounts => ({
    sent: services.ses.mailbox.count() + services.lettersSent(),
    held: metrics['MessagesHeld'] ?? 0,
    skipped: metrics['MessagesSkipped'] ?? 0,
    failed: metrics['MessagesFailed'] ?? 0,
  });
  let sweptAt = clock.now();
  const mover = createClockMover({
    clock,
    engine: running,
    totals,
    beforeMove: () => services.scheduler.forgetHints(),
    onProgress: options.onProgress,
    async afterMove() {
      if (clock.now() - sweptAt < SWEEP_EVERY) return;
      sweptAt = clock.now();
      await dynamodb.sweepExpired(sweptAt);
    },
  });

  const [api] = resources.apis;
  if (!api) throw new EngagementError('misconfigured', 'the template holds no HTTP API');
  const credentials = { accessKeyId: OPERATOR, secretAccessKey: SECRET_KEY };
  const sdk = { endpoint: awsEndpoint, region: resources.region, credentials };
  const s3 = new S3Client({ ...sdk, forcePathStyle: true });
  const table = new DynamoDBClient({ ...sdk, endpoint: dynamodb.url });
  targets = {
    local: createRouter(
      localRoutes({ clock, mover, engine: running, services, resources, trace, table, s3, totals, awsEndpoint }),
    ),
    cognito: services.cognito.serve,
    texts: ({ path, headers, body }) => {
      const { status, body: text } = services.texts.take(path.split('/')[2] ?? '', headers, body);
      return { status, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(text, 'utf8') };
    },
    api: createHttpApi({
      api,
      clock,
      // Whoever waits for a page keeps the system from being idle.
      invoke: (functionId, event) => running.during(() => services.invoke(functionId, event)),
      keys: services.cognito.jwks,
    }),
  };
  await registerTextGateway(table, resources, clock.now());
  services.sqs.releaseAllInFlight();
  running.wake();

  return {
    origin,
    awsEndpoint,
    clock,
    existed,
    resources,
    engine: running,
    mover,
    services,
    s3,
    async stop() {
      running.stop();
      gateway.close();
      endpoint.close();
      await host?.stop();
      await dynamodb.stop();
      gateway.closeAllConnections();
      endpoint.closeAllConnections();
      state.close();
    },
  };
};

/** Says each line once: a forgotten grant is one thing to mend, however many messages run into it. */
const once = (say: (line: string) => void): ((line: string) => void) => {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
};
