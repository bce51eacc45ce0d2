import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import {
  type CallOutcome,
  createFaultPlan,
  type FaultPlan,
  performUnder,
} from '../../../infra/local/fakes/fault-plan.ts';
import { OPERATOR, principalOf } from '../../../infra/local/principal.ts';
import type { QueueResource, Resources } from '../../../infra/local/template/resources.ts';
import {
  type Fake,
  type InvokeResult,
  WireRefusal,
  type WireRequest,
  type WireResponse,
  type World,
} from '../../../infra/local/wire.ts';
import { type Instant, parseInstant } from '../../../shared/platform/time.ts';

/** A world to put fakes into: its clock and deliveries in the test's hand, its wire a real HTTP server. */
export interface TestWorld extends World {
  readonly faults: FaultPlan;
  /** What `deliver` was asked for, in order. */
  readonly delivered: { arn: string; body: string; attributes: Readonly<Record<string, string>> }[];
  /** What `invoke` was asked for. */
  readonly invoked: { functionId: string; event: unknown }[];
  /** Moves the clock. */
  setNow(iso: string): void;
  moveBy(ms: number): void;
  /** Where deliveries go beside being kept; throw to refuse. */
  onDeliver: (arn: string, body: string, attributes: Readonly<Record<string, string>>) => void | Promise<void>;
  onInvoke: (functionId: string, event: unknown) => InvokeResult;
  /** Serves the fakes on a free port. @returns its origin */
  serve(...fakes: Fake[]): Promise<string>;
  close(): Promise<void>;
}

const NOTHING: Resources = {
  account: '000000000000',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:4601',
  origin: 'http://127.0.0.1:4600',
  functions: [],
  queues: [],
  eventSources: [],
  tables: [],
  buckets: [],
  topics: [],
  subscriptions: [],
  buses: [],
  rules: [],
  schedules: [],
  configurationSets: [],
  emailIdentities: [],
  receiptRules: [],
  userPools: [],
  secrets: [],
  apis: [],
};

/** @param file the state file; memory without one */
export const createTestWorld = (resources: Partial<Resources>, file = ':memory:'): TestWorld => {
  let now = parseInstant('2019-01-31T09:00:00Z') as Instant;
  const faults = createFaultPlan();
  const closers: (() => Promise<void>)[] = [];
  const db = new DatabaseSync(file);
  const world: TestWorld = {
    db,
    clock: { now: () => now },
    resources: { ...NOTHING, ...resources },
    faults,
    delivered: [],
    invoked: [],
    trace: () => {},
    onDeliver: () => {},
    onInvoke: () => ({ kind: 'returned', value: null }),
    async invoke(functionId, event) {
      world.invoked.push({ functionId, event });
      return world.onInvoke(functionId, event);
    },
    async deliver(arn, body, attributes = {}) {
      world.delivered.push({ arn, body, attributes });
      await world.onDeliver(arn, body, attributes);
    },
    setNow(iso) {
      now = parseInstant(iso) as Instant;
    },
    moveBy(ms) {
      now = (now + ms) as Instant;
    },
    async serve(...fakes) {
      const server = createServer((incoming, outgoing) => {
        const blocks: Buffer[] = [];
        incoming.on('data', (block: Buffer) => blocks.push(block));
        incoming.on('end', () => {
          const url = new URL(incoming.url ?? '/', 'http://local');
          const headers = Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]));
          const request: WireRequest = {
            method: incoming.method ?? 'GET',
            path: url.pathname,
            query: url.searchParams,
            headers,
            body: Buffer.concat(blocks),
            principal: principalOf(headers, url.searchParams),
          };
          void answer(fakes, faults, request).then((outcome) => {
            if (outcome.kind === 'drop') outgoing.destroy();
            if (outcome.kind !== 'answer') return;
            outgoing.writeHead(outcome.response.status, outcome.response.headers);
            outgoing.end(request.method === 'HEAD' ? undefined : outcome.response.body);
          });
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(
        () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      );
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async close() {
      for (const close of closers) await close();
      db.close();
    },
  };
  return world;
};

const answer = async (fakes: readonly Fake[], faults: FaultPlan, request: WireRequest): Promise<CallOutcome> => {
  const fake = fakes.find((candidate) => candidate.accepts(request));
  const refuse = (refusal: WireRefusal): WireResponse =>
    fake?.refuse?.(request, refusal) ?? { status: refusal.status, body: `${refusal.code}: ${refusal.message}` };
  if (!fake) return { kind: 'answer', response: { status: 501, body: 'no fake accepts this request' } };
  try {
    const [service = '', action = ''] = fake.actionOf(request).action.split(':');
    const rule = faults.strikeCall({ service, action, principal: request.principal });
    const effects = { killHost: () => {}, killSystem: () => {} };
    return await performUnder(rule, service, () => fake.handle(request), refuse, effects);
  } catch (error) {
    if (error instanceof WireRefusal) return { kind: 'answer', response: refuse(error) };
    return { kind: 'answer', response: { status: 500, body: String(error instanceof Error ? error.stack : error) } };
  }
};

/** Settings for any SDK client against a test world. */
export const clientSettings = (endpoint: string, accessKeyId: string = OPERATOR) => ({
  endpoint,
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: { accessKeyId, secretAccessKey: 'local' },
});

export const queueNamed = (name: string, more: Partial<QueueResource> = {}): QueueResource => ({
  logicalId: name,
  name,
  arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
  url: `http://127.0.0.1:4601/000000000000/${name}`,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  retentionMs: 4 * 86_400_000,
  policy: [],
  ...more,
});
