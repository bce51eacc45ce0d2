import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { EngagementError } from './errors.ts';
import type { Queue } from './queue.ts';

/** Our budget per message: names only, so 64 KB is plenty and every hop on the way takes it (SNS stops at 256 KB). */
const MESSAGE_BYTES = 64 * 1024;

/** A queue in SQS: JSON bodies, batches of ten. */
export const createSqsQueue = <Message>(client: SQSClient, queueUrl: string): Queue<Message> => ({
  async send(messages, { delaySeconds } = {}) {
    const bodies = messages.map((message) => JSON.stringify(message));
    const tooLarge = bodies.find((body) => Buffer.byteLength(body) > MESSAGE_BYTES);
    if (tooLarge !== undefined)
      throw new EngagementError(
        'too-large',
        `queue message of ${Buffer.byteLength(tooLarge)} bytes exceeds ${MESSAGE_BYTES}: pass a reference instead of content`,
      );
    for (let start = 0; start < bodies.length; start += 10) {
      const entries = bodies.slice(start, start + 10).map((body, n) => ({
        Id: String(n),
        MessageBody: body,
        ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
      }));
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      if (answer.Failed !== undefined && answer.Failed.length > 0)
        throw new EngagementError(
          'unavailable',
          `queue refused ${answer.Failed.length} of ${entries.length} messages: send all again`,
          {
            retryable: true,
          },
        );
    }
  },
});

/** Queues by the name of the variable that holds their address. */
export const sqsQueues =
  (client: SQSClient, setting: (variable: string) => string) =>
  <Message>(variable: string): Queue<Message> =>
    createSqsQueue<Message>(client, setting(variable));
