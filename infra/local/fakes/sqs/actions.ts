import * as z from 'zod';
import { MINUTE, SECOND } from '../../../../shared/platform/time.ts';
import type { QueueResource } from '../../template/resources.ts';
import { WireRefusal, type WireRequest } from '../../wire.ts';
import { type MessageAttributes, md5, md5OfAttributes, messageAttributes, sizeOf } from './attributes.ts';
import type { Sqs } from './sqs.ts';
import type { ReceivedMessage } from './store.ts';

/** 1 MiB, since 2026-01 (SQS quotas); it was 256 KiB. */
const MAX_BYTES = 1_048_576;
const MAX_ENTRIES = 10;
const MAX_DELAY_SECONDS = 900;
const MAX_VISIBILITY_SECONDS = 43_200;

const queueUrl = z.string();
const entryId = z.string();
const sendFields = {
  MessageBody: z.string(),
  DelaySeconds: z.number().optional(),
  MessageAttributes: messageAttributes.optional(),
  MessageSystemAttributes: z
    .strictObject({ AWSTraceHeader: z.strictObject({ DataType: z.literal('String'), StringValue: z.string() }) })
    .optional(),
};
const sendInput = z.strictObject({ QueueUrl: queueUrl, ...sendFields });
const sendEntry = z.strictObject({ Id: entryId, ...sendFields });
const deleteEntry = z.strictObject({ Id: entryId, ReceiptHandle: z.string() });
const visibilityEntry = z.strictObject({ Id: entryId, ReceiptHandle: z.string(), VisibilityTimeout: z.number() });
const batchOf = <Entry extends z.ZodType>(entry: Entry) =>
  z.strictObject({ QueueUrl: queueUrl, Entries: z.array(entry).default([]) });

/** One action of the protocol: what it reads, and what it does on the queue. */
export interface SqsAction {
  readonly schema: z.ZodType;
  /** The action IAM knows it by: a batch counts as the single one. */
  readonly permission: string;
  readonly handle: (sqs: Sqs, queue: QueueResource, input: never, request: WireRequest) => unknown;
}

const action = <Schema extends z.ZodType>(
  schema: Schema,
  permission: string,
  handle: (sqs: Sqs, queue: QueueResource, input: z.output<Schema>, request: WireRequest) => unknown,
): SqsAction => ({ schema, permission, handle });

const invalid = (message: string, code = 'InvalidParameterValue'): WireRefusal => new WireRefusal(400, code, message);

const send = (
  sqs: Sqs,
  queue: QueueResource,
  input: Omit<z.output<typeof sendInput>, 'QueueUrl'>,
  principal: string,
) => {
  const { MessageBody: body, DelaySeconds: delay, MessageAttributes: attributes = {} } = input;
  checkMessage(body, attributes, delay);
  const trace = input.MessageSystemAttributes?.AWSTraceHeader.StringValue;
  const messageId = sqs.add(queue, {
    body,
    attributes,
    senderId: principal,
    ...(delay === undefined ? {} : { delayMs: delay * SECOND }),
    ...(trace === undefined ? {} : { traceHeader: trace }),
  });
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(body),
    ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
    ...(trace === undefined ? {} : { MD5OfMessageSystemAttributes: md5OfAttributes(systemAttributes(trace)) }),
  };
};

const systemAttributes = (trace: string): MessageAttributes => ({
  AWSTraceHeader: { DataType: 'String', StringValue: trace },
});

const checkMessage = (body: string, attributes: MessageAttributes, delay: number | undefined): void => {
  if (body === '') throw invalid('The request must contain the parameter MessageBody.', 'MissingParameter');
  // oxlint-disable-next-line no-control-regex -- the characters XML 1.0 forbids are what the service refuses
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(body)) {
    throw invalid('Invalid characters found in the message body.', 'InvalidMessageContents');
  }
  if (sizeOf(body, attributes) > MAX_BYTES) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`);
  }
  if (Object.keys(attributes).length > 10)
    throw invalid('Number of message attributes exceeds the allowed maximum 10.');
  if (delay !== undefined && !(Number.isInteger(delay) && delay >= 0 && delay <= MAX_DELAY_SECONDS)) {
    throw invalid(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
};

/** Does each entry; those that fail are told one by one, the others are done. */
const batch = <Entry extends { readonly Id: string }>(entries: readonly Entry[], one: (entry: Entry) => object) => {
  if (entries.length === 0) {
    throw invalid('There should be at least one entry in the request.', 'EmptyBatchRequest');
  }
  if (entries.length > MAX_ENTRIES) {
    throw invalid(
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
      'TooManyEntriesInBatchRequest',
    );
  }
  if (entries.some(({ Id: id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    throw invalid(
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores.',
      'InvalidBatchEntryId',
    );
  }
  if (new Set(entries.map(({ Id: id }) => id)).size < entries.length) {
    throw invalid('Two or more batch entries in the request have the same Id.', 'BatchEntryIdsNotDistinct');
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...one(entry) });
    } catch (error) {
      if (!(error instanceof WireRefusal)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
};

const changeVisibility = (sqs: Sqs, queue: QueueResource, handle: string, seconds: number): object => {
  if (!(Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_VISIBILITY_SECONDS)) {
    throw invalid(`Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`);
  }
  if (!sqs.hide(queue.arn, handle, seconds * SECOND)) {
    throw invalid(
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  return {};
};

const answerMessage = (message: ReceivedMessage, names: readonly string[], attributeNames: readonly string[]) => {
  const system: Record<string, string | undefined> = systemAttributesOf(message);
  const wanted = names.includes('All') ? Object.keys(system) : names;
  const chosen = Object.entries(message.attributes).filter(([name]) =>
    attributeNames.some(
      (asked) =>
        asked === 'All' ||
        asked === '.*' ||
        asked === name ||
        (asked.endsWith('.*') && name.startsWith(asked.slice(0, -1))),
    ),
  );
  const digest = md5OfAttributes(Object.fromEntries(chosen));
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted.map((name) => [name, system[name]])) }),
    ...(digest === undefined ? {} : { MessageAttributes: Object.fromEntries(chosen), MD5OfMessageAttributes: digest }),
  };
};

/** The system attributes of a received message, as the wire and the event to a function carry them. */
const systemAttributesOf = (message: ReceivedMessage): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  SenderId: message.senderId,
  SentTimestamp: String(message.sentAt),
  ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
  ...(message.sourceArn === undefined ? {} : { DeadLetterQueueSourceArn: message.sourceArn }),
});

const attributesOf = (sqs: Sqs, queue: QueueResource): Record<string, string> => {
  const { visible, inFlight, delayed } = sqs.count(queue.arn);
  const { redrive } = queue;
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(queue.visibilityTimeoutMs / SECOND),
    DelaySeconds: String(queue.delayMs / SECOND),
    MessageRetentionPeriod: String(queue.retentionMs / SECOND),
    MaximumMessageSize: String(MAX_BYTES),
    ReceiveMessageWaitTimeSeconds: '0',
    ...(redrive === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.deadLetterArn,
            maxReceiveCount: redrive.maxReceiveCount,
          }),
        }),
  };
};

/** What of the protocol is covered; anything else is refused by name. */
export const SQS_ACTIONS: Readonly<Record<string, SqsAction>> = {
  SendMessage: action(sendInput, 'sqs:SendMessage', (sqs, queue, input, { principal }) =>
    send(sqs, queue, input, principal),
  ),
  SendMessageBatch: action(batchOf(sendEntry), 'sqs:SendMessage', (sqs, queue, { Entries: entries }, { principal }) => {
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry.MessageBody, entry.MessageAttributes ?? {}), 0);
    if (bytes > MAX_BYTES) {
      throw invalid(
        `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${bytes} bytes.`,
        'BatchRequestTooLong',
      );
    }
    return batch(entries, (entry) => send(sqs, queue, entry, principal));
  }),
  ReceiveMessage: action(
    z.strictObject({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: z.int().min(1).max(10).default(1),
      VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_SECONDS).optional(),
      WaitTimeSeconds: z.int().min(0).max(20).default(0),
      AttributeNames: z.array(z.string()).default([]),
      MessageSystemAttributeNames: z.array(z.string()).default([]),
      MessageAttributeNames: z.array(z.string()).default([]),
    }),
    'sqs:ReceiveMessage',
    async (sqs, queue, input) => {
      const hiddenMs = input.VisibilityTimeout === undefined ? undefined : input.VisibilityTimeout * SECOND;
      let messages = sqs.receive(queue.arn, input.MaxNumberOfMessages, hiddenMs);
      if (messages.length === 0 && input.WaitTimeSeconds > 0) {
        await sqs.untilVisible(queue.arn, Math.min(input.WaitTimeSeconds * SECOND, MINUTE));
        messages = sqs.receive(queue.arn, input.MaxNumberOfMessages, hiddenMs);
      }
      const names = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
      return messages.length === 0
        ? {}
        : { Messages: messages.map((message) => answerMessage(message, names, input.MessageAttributeNames)) };
    },
  ),
  DeleteMessage: action(
    z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string() }),
    'sqs:DeleteMessage',
    (sqs, queue, input) => {
      sqs.delete(queue.arn, input.ReceiptHandle);
      return {};
    },
  ),
  DeleteMessageBatch: action(batchOf(deleteEntry), 'sqs:DeleteMessage', (sqs, queue, { Entries: entries }) =>
    batch(entries, ({ ReceiptHandle: handle }) => {
      sqs.delete(queue.arn, handle);
      return {};
    }),
  ),
  ChangeMessageVisibility: action(
    z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string(), VisibilityTimeout: z.number() }),
    'sqs:ChangeMessageVisibility',
    (sqs, queue, input) => changeVisibility(sqs, queue, input.ReceiptHandle, input.VisibilityTimeout),
  ),
  ChangeMessageVisibilityBatch: action(
    batchOf(visibilityEntry),
    'sqs:ChangeMessageVisibility',
    (sqs, queue, { Entries: entries }) =>
      batch(entries, (entry) => changeVisibility(sqs, queue, entry.ReceiptHandle, entry.VisibilityTimeout)),
  ),
  GetQueueUrl: action(
    z.strictObject({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() }),
    'sqs:GetQueueUrl',
    (_sqs, queue) => ({ QueueUrl: queue.url }),
  ),
  GetQueueAttributes: action(
    z.strictObject({ QueueUrl: queueUrl, AttributeNames: z.array(z.string()).default([]) }),
    'sqs:GetQueueAttributes',
    (sqs, queue, { AttributeNames: names }) => {
      const all = attributesOf(sqs, queue);
      const wanted = names.includes('All') ? Object.keys(all) : names;
      const unknown = wanted.find((name) => !(name in all));
      if (unknown !== undefined) throw invalid(`Unknown Attribute ${unknown}.`, 'InvalidAttributeName');
      return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted.map((name) => [name, all[name]])) };
    },
  ),
  PurgeQueue: action(z.strictObject({ QueueUrl: queueUrl }), 'sqs:PurgeQueue', (sqs, queue) => {
    sqs.purge(queue.arn);
    return {};
  }),
};
