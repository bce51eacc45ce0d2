import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type WebhookCall, webhookCall } from '../../shared/message/webhook-call.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { WebhookOutcome } from '../../shared/relay/call-webhook.ts';

/** Calls of other systems at a time; each may take five seconds. */
const CONCURRENCY = 5;

const isWebhook = ({ body }: SQSRecord): boolean => {
  try {
    return (JSON.parse(body) as { readonly kind?: unknown } | null)?.kind === 'webhook';
  } catch {
    return false;
  }
};

/**
 * The consumer of the queue `outbound`: webhooks one by one, texts as a batch of orders. What is neither is no order and
 * goes to the DLQ.
 */
export const createHandler = ({
  call,
  orders,
  log,
}: {
  readonly call: (call: WebhookCall) => Promise<WebhookOutcome>;
  /** The consumer of orders. */
  readonly orders: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
  readonly log: EventLog;
}) => {
  const webhooks = queueHandler({
    schema: webhookCall,
    log,
    concurrency: CONCURRENCY,
    handle: async (message) => {
      const { kind } = await call(message);
      log.info('webhook.called', { endpoint: message.endpoint, campaign: message.campaign, outcome: kind });
    },
  });
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }, context) => {
    const answers = await Promise.all([
      webhooks({ Records: Records.filter(isWebhook) }, context),
      orders({ Records: Records.filter((record) => !isWebhook(record)) }, context),
    ]);
    return { batchItemFailures: answers.flatMap(({ batchItemFailures }) => batchItemFailures) };
  });
};
