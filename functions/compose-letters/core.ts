import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { composeLetters, type LetterPorts } from '../../shared/letter/compose-letter.ts';
import { sendOrder } from '../../shared/message/contract.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { SendOutcome } from '../../shared/message/send-ports.ts';
import { codeOf, type EventLog, type Meter, type MetricName } from '../../shared/platform/logging.ts';

const METRICS: Readonly<Partial<Record<SendOutcome['kind'], MetricName>>> = {
  sent: 'MessagesSent',
  held: 'MessagesHeld',
  skipped: 'MessagesSkipped',
  failed: 'MessagesFailed',
};

/** @returns the order, or undefined for a body that is none: it goes to the DLQ by way of its receive count (F09) */
const orderOf = (body: string): SendOrder | undefined => {
  try {
    return sendOrder.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

/** The consumer of the letters queue: whole batches, so that reads are shared; exactly those orders that must come again
 *  are reported back. */
export const createHandler = (deps: {
  /** Asked for at the first batch: nothing touches AWS before. */
  readonly ports: () => Promise<LetterPorts>;
  readonly log: EventLog;
  readonly meter: Meter;
}) =>
  middy<SQSEvent, SQSBatchResponse>().handler(async (event) => {
    const { log, meter } = deps;
    const failed: string[] = [];
    const fail = (messageId: string, code: string, retryable: boolean): void => {
      failed.push(messageId);
      log.error('message.failed', { code, messageId, retryable });
    };
    const taken: { messageId: string; order: SendOrder }[] = [];
    for (const { messageId, body } of event.Records) {
      const order = orderOf(body);
      if (order) taken.push({ messageId, order });
      else fail(messageId, 'bad-input', false);
    }

    let outcomes: readonly SendOutcome[] = [];
    try {
      const orders = taken.map(({ order }) => order);
      outcomes = orders.length === 0 ? [] : await composeLetters(await deps.ports(), orders);
    } catch (error) {
      // The batch could not be read: nothing was composed, all of it comes again.
      for (const { messageId } of taken) fail(messageId, codeOf(error), true);
    }
    outcomes.forEach((outcome, n) => {
      const { messageId, order } = taken[n] as { messageId: string; order: SendOrder };
      if (outcome.kind === 'retry') fail(messageId, outcome.error.code, outcome.error.retryable);
      const name = METRICS[outcome.kind];
      if (name) meter.count(name, 1, { campaign: order.campaign, step: order.step, sendClass: order.sendClass });
    });
    const count = (kind: SendOutcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
    log.info('letters.decided', {
      composed: count('sent'),
      held: count('held'),
      skipped: count('skipped'),
      failed: count('failed'),
    });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
