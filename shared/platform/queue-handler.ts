import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type * as z from 'zod';
import { EngagementError, isRetryable } from './errors.ts';
import { codeOf, type EventLog } from './logging.ts';

/** What a consumer knows of a message beside its content. */
export interface MessageContext {
  /** The queue's id of the message: the same on every delivery. */
  readonly messageId: string;
  /** 1 on the first delivery. */
  readonly attempt: number;
}

export interface QueueHandlerOptions<Schema extends z.ZodType> {
  /** The message's contract; a body that does not fit goes to the DLQ by way of its receive count. */
  readonly schema: Schema;
  readonly log: EventLog;
  /** Does one message. Throw to have it delivered again. */
  readonly handle: (message: z.output<Schema>, context: MessageContext) => Promise<void>;
  /** How many messages of a batch at a time; 1 keeps the order of the batch. */
  readonly concurrency?: number;
}

const parseBody = <Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new EngagementError('bad-input', 'message body is not JSON: see the sender', { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  // paths and codes only: values may be personal
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'} (${issue.code})`).join(', ');
  throw new EngagementError('bad-input', `message does not fit its contract at ${where}: see the sender's version`);
};

/**
 * The one shape of a queue consumer: parses each message, handles it, and reports exactly the failed ones back, so that
 * a poison message delays nobody and nothing that succeeded is done again (F08, F09).
 */
export const queueHandler = <Schema extends z.ZodType>({
  schema,
  log,
  handle,
  concurrency = 1,
}: QueueHandlerOptions<Schema>) =>
  middy<SQSEvent, SQSBatchResponse>().handler(async (event) => {
    const failed: string[] = [];
    const work = [...event.Records];
    const worker = async (): Promise<void> => {
      for (let record = work.shift(); record !== undefined; record = work.shift()) {
        try {
          const attempt = Number(record.attributes.ApproximateReceiveCount);
          await handle(parseBody(schema, record.body), { messageId: record.messageId, attempt });
        } catch (error) {
          failed.push(record.messageId);
          log.error('message.failed', {
            code: codeOf(error),
            messageId: record.messageId,
            retryable: isRetryable(error),
          });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
    log.info('batch.done', { received: event.Records.length, failed: failed.length });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
