import { createHash } from 'node:crypto';
import type { Pump } from './engine.ts';
import type { Sqs } from './fakes/sqs/sqs.ts';
import type { ReceivedMessage } from './fakes/sqs/store.ts';
import type { EventSourceResource } from './template/resources.ts';
import type { InvokeResult, TraceHop } from './wire.ts';

/** A pump that is told when its queue has something to show. */
export interface EventSource extends Pump {
  readonly queueArn: string;
  /** Runs in flight. */
  running(): number;
  /** Something became visible on the queue. */
  notice(): void;
}

export interface EventSourceParts {
  readonly source: EventSourceResource;
  readonly region: string;
  /** Runs at once at most. */
  readonly concurrency: number;
  /** True while any event source has a run in flight. */
  readonly othersRun: () => boolean;
  readonly sqs: Sqs;
  readonly invoke: (functionId: string, event: unknown) => Promise<InvokeResult>;
  readonly trace: (hop: TraceHop) => void;
  /** Told after each batch. */
  readonly onDone: () => void;
}

/**
 * Feeds a queue to a function as Lambda's event source mapping does: batches, partial failures, at least once. What a
 * function failed on stays hidden until its visibility timeout has passed in virtual time.
 */
export const createEventSource = ({
  source,
  region,
  concurrency,
  othersRun,
  sqs,
  invoke,
  trace,
  onDone,
}: EventSourceParts): EventSource => {
  // Whether there may be visible messages: set by the queue, cleared by an empty receive. So nothing polls.
  let hungry = source.enabled;
  // How many were announced since the queue was last seen empty. Nobody counts the queue: it may be long.
  let announced = Number.POSITIVE_INFINITY;
  let running = 0;

  const runBatch = async (batch: readonly ReceivedMessage[]): Promise<void> => {
    const result = await invoke(source.functionId, {
      Records: batch.map((message) => recordOf(message, source.queueArn, region)),
    });
    const failed = failedIn(result, batch, source.reportsFailures);
    for (const message of batch) {
      if (!failed.has(message.messageId)) sqs.delete(source.queueArn, message.receiptHandle);
    }
    if (failed.size > 0) {
      trace({
        service: 'sqs',
        action: 'failed',
        from: source.functionId,
        to: source.queueArn,
        note: `${failed.size} of ${batch.length}${result.kind === 'failed' ? `: ${result.error.name}` : ''}`,
      });
    }
  };

  return {
    queueArn: source.queueArn,
    start() {
      while (hungry && running < concurrency) {
        // A batch that may still grow waits for the runs that fill it, as with a batching window: in standing time
        // that costs nothing and saves most invocations. Nothing runs: it goes as it is.
        if (announced < source.batchSize && othersRun()) return;
        const batch = sqs.receive(source.queueArn, source.batchSize);
        announced = batch.length < source.batchSize ? 0 : announced - batch.length;
        if (batch.length === 0) {
          hungry = false;
          return;
        }
        running++;
        void runBatch(batch).finally(() => {
          running--;
          onDone();
        });
      }
    },
    busy: () => running > 0 || hungry,
    running: () => running,
    notice() {
      announced++;
      hungry = source.enabled;
    },
  };
};

/** Ids of the messages that were not worked off. As on Lambda, an answer that cannot be understood fails them all. */
const failedIn = (
  result: InvokeResult,
  batch: readonly ReceivedMessage[],
  reportsFailures: boolean,
): ReadonlySet<string> => {
  const all = new Set(batch.map(({ messageId }) => messageId));
  if (result.kind === 'failed') return all;
  if (!reportsFailures || result.value === null || result.value === '') return new Set();
  const { batchItemFailures } = result.value as { batchItemFailures?: unknown };
  if (batchItemFailures === undefined || batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return all;
  const ids = batchItemFailures.map((failure: { itemIdentifier?: unknown }) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
};

const recordOf = (message: ReceivedMessage, queueArn: string, region: string): unknown => ({
  messageId: message.messageId,
  receiptHandle: message.receiptHandle,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
    ...(message.sourceArn === undefined ? {} : { DeadLetterQueueSourceArn: message.sourceArn }),
  },
  messageAttributes: Object.fromEntries(
    Object.entries(message.attributes).map(([name, attribute]) => [
      name,
      {
        dataType: attribute.DataType,
        ...(attribute.StringValue === undefined ? {} : { stringValue: attribute.StringValue }),
        ...(attribute.BinaryValue === undefined ? {} : { binaryValue: attribute.BinaryValue }),
        stringListValues: [],
        binaryListValues: [],
      },
    ]),
  ),
  md5OfBody: createHash('md5').update(message.body).digest('hex'),
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: region,
});
