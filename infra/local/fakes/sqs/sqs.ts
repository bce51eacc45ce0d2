import { EngagementError } from '../../../../shared/platform/errors.ts';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { QueueResource } from '../../template/resources.ts';
import { type Fake, WireRefusal, type WireRequest, type World } from '../../wire.ts';
import type { FaultPlan } from '../fault-plan.ts';
import { jsonAnswer, jsonOperation, jsonRefusal, notCovered, readJson } from '../json-protocol.ts';
import { seededRandom } from '../seeded-random.ts';
import { SQS_ACTIONS } from './actions.ts';
import { createMessageStore, type NewMessage, type ReceivedMessage, readHandle } from './store.ts';

/** The queues: their wire protocol, and what the runtime's event sources use without it. */
export interface Sqs extends Fake {
  /** Delivery by another service. @throws EngagementError `not-found` for a queue that is not in the template */
  send(queueArn: string, body: string, attributes?: Readonly<Record<string, string>>, from?: string): string;
  add(queue: QueueResource, message: NewMessage): string;
  /** Up to `max` visible messages, hidden for the queue's visibility timeout or for `hiddenMs`. */
  receive(queueArn: string, max: number, hiddenMs?: number): ReceivedMessage[];
  /** Done: the message goes. A receipt that is no longer the newest changes nothing. */
  delete(queueArn: string, receiptHandle: string): void;
  /** Failed: visible again at once, or on its dead-letter queue when it has been received often enough. */
  release(queueArn: string, receiptHandle: string): void;
  /** Hides a message in flight for `ms` from now. @returns false where it is not in flight under this receipt */
  hide(queueArn: string, receiptHandle: string, ms: number): boolean;
  /** At the start, before any worker: what was in flight when the process died is visible again. */
  releaseAllInFlight(): void;
  purge(queueArn: string): void;
  count(queueArn: string): { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  visibleCount(queueArn: string): number;
  inFlight(queueArn: string): number;
  /** When the next hidden or delayed message shows, on any queue. */
  nextVisibleAt(): Instant | undefined;
  /** Calls back with a queue's ARN, synchronously, whenever something became visible on it. @returns how to stop */
  onVisible(listener: (queueArn: string) => void): () => void;
  /** Resolves when something becomes visible, or after `ms` of real time (long polling). */
  untilVisible(queueArn: string, ms: number): Promise<void>;
}

export interface SqsOptions {
  /** Seed of the delivery order. */
  readonly seed?: number;
  /** Asked at each delivery for `duplicate`, action `ReceiveMessage`, the queue's name as principal. */
  readonly faults?: FaultPlan;
}

/** Makes the queues of the template, with what the state file holds. */
export const createSqs = (world: World, { seed = 1, faults }: SqsOptions = {}): Sqs => {
  const { queues } = world.resources;
  const byArn = new Map(queues.map((queue) => [queue.arn, queue]));
  const store = createMessageStore(world.db, () => world.clock.now(), seededRandom(seed));
  const listeners = new Set<(queueArn: string) => void>();
  // undefined: the state file may hold visible messages from before, which the first `run` announces
  let announced: Instant | undefined;

  const queueOf = (arn: string): QueueResource => {
    const queue = byArn.get(arn);
    if (!queue) throw new EngagementError('not-found', `queue ${arn} is not in the template`);
    return queue;
  };
  const deadLettersOf = (queue: QueueResource): QueueResource | undefined =>
    queue.redrive && queueOf(queue.redrive.deadLetterArn);
  const announce = (arn: string): void => {
    for (const listener of listeners) listener(arn);
  };
  const receiptOf = (handle: string) => {
    const receipt = readHandle(handle);
    if (!receipt) throw new WireRefusal(400, 'ReceiptHandleIsInvalid', `The input receipt handle is invalid.`);
    return receipt;
  };

  const sqs: Sqs = {
    add(queue, message) {
      const id = store.add(queue, message);
      if ((message.delayMs ?? queue.delayMs) === 0) announce(queue.arn);
      return id;
    },
    send: (arn, body, attributes = {}, from = 'service') =>
      sqs.add(queueOf(arn), {
        body,
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
        ),
        senderId: from,
      }),
    receive(arn, max, hiddenMs) {
      const queue = queueOf(arn);
      const call = { service: 'sqs', action: 'ReceiveMessage', principal: queue.name };
      const timeoutOf = () =>
        faults?.strikeDelivery(call) === 'duplicate' ? 0 : (hiddenMs ?? queue.visibilityTimeoutMs);
      return store.receive(queue, max, timeoutOf, deadLettersOf(queue));
    },
    delete(arn, handle) {
      store.remove(queueOf(arn), receiptOf(handle));
    },
    release(arn, handle) {
      sqs.hide(arn, handle, 0);
    },
    hide(arn, handle, ms) {
      const queue = queueOf(arn);
      const hidden = store.hide(queue, receiptOf(handle), ms, deadLettersOf(queue));
      if (hidden && ms === 0) announce(arn);
      return hidden;
    },
    releaseAllInFlight: () => store.releaseAllInFlight(),
    purge: (arn) => store.purge(queueOf(arn)),
    count: (arn) => store.count(queueOf(arn)),
    visibleCount: (arn) => store.count(queueOf(arn)).visible,
    inFlight: (arn) => store.count(queueOf(arn)).inFlight,
    nextVisibleAt: () => store.nextVisibleAt(world.clock.now()),
    onVisible(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    untilVisible: (arn, ms) =>
      new Promise((resolve) => {
        const stop = sqs.onVisible((shown) => shown === arn && done());
        const timer = setTimeout(() => done(), ms);
        const done = (): void => {
          clearTimeout(timer);
          stop();
          resolve();
        };
      }),

    accepts: ({ headers }) => headers['x-amz-target']?.startsWith('AmazonSQS.') ?? false,
    actionOf(request) {
      const { action, queue } = readCall(request, queues);
      return { action: action.permission, resources: [queue.arn] };
    },
    async handle(request) {
      const { action, queue, input } = readCall(request, queues);
      return jsonAnswer('1.0', await action.handle(sqs, queue, input as never, request));
    },
    refuse: (_request, refusal) =>
      jsonRefusal('1.0', refusal, { 'x-amzn-query-error': `${queryCodeOf(refusal.code)};Sender` }),
    nextDueAt: () => (announced === undefined ? world.clock.now() : store.nextVisibleAt(announced)),
    async run() {
      const since = announced;
      announced = world.clock.now();
      store.expire();
      const shown = store.shownSince(since);
      for (const arn of shown) announce(arn);
      return shown.length > 0;
    },
    counts: () => Object.fromEntries(queues.map((queue) => [queue.name, sum(store.count(queue))])),
  };
  return sqs;
};

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** Reads a call: its action, its queue (by URL or name), its parameters. @throws WireRefusal */
const readCall = (request: WireRequest, queues: readonly QueueResource[]) => {
  const name = jsonOperation(request);
  const action = SQS_ACTIONS[name];
  if (!action) throw notCovered(`sqs:${name}`);
  const input = readJson(action.schema, request, `sqs:${name}`) as { QueueUrl?: string; QueueName?: string };
  const wanted = input.QueueName ?? input.QueueUrl?.split('/').at(-1);
  const queue = queues.find((candidate) => candidate.name === wanted);
  if (!queue) throw new WireRefusal(400, 'QueueDoesNotExist', 'The specified queue does not exist.');
  return { action, queue, input };
};

/** Some errors kept the code of the older protocol in their header, and the SDK reads it there. */
const queryCodeOf = (code: string): string =>
  code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : code;
