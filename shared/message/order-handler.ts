import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { derivedId } from '../platform/ids.ts';
import { codeOf, type EventLog, type Meter, type MetricName } from '../platform/logging.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import { sendOrder } from './contract.ts';
import type { CampaignHealth } from './health.ts';
import type { SendOrder } from './message.ts';
import type { OutcomeCounts } from './outcome-counts.ts';
import type { SendOutcome } from './send-ports.ts';

const METRICS: Readonly<Partial<Record<SendOutcome['kind'], MetricName>>> = {
  sent: 'MessagesSent',
  held: 'MessagesHeld',
  skipped: 'MessagesSkipped',
  failed: 'MessagesFailed',
};

/** @returns the order, or undefined for a body that is none: it goes to the DLQ by way of its receive count (F09) */
const orderOf = ({ body }: SQSRecord): SendOrder | undefined => {
  try {
    return sendOrder.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

/** One metric line per campaign, step, class and kind of outcome. */
const meterOutcomes = (meter: Meter, orders: readonly SendOrder[], outcomes: readonly SendOutcome[]): void => {
  const counts = new Map<string, { name: MetricName; order: SendOrder; count: number }>();
  outcomes.forEach((outcome, n) => {
    const [name, order] = [METRICS[outcome.kind], orders[n]];
    if (name === undefined || order === undefined) return;
    const key = JSON.stringify([name, order.campaign, order.step, order.sendClass]);
    counts.set(key, { name, order, count: (counts.get(key)?.count ?? 0) + 1 });
  });
  for (const { name, order, count } of counts.values())
    meter.count(name, count, { campaign: order.campaign, step: order.step, sendClass: order.sendClass });
};

const COUNTED = ['sent', 'held', 'skipped', 'failed', 'unknown'] as const;

/** The batch's share in the day's figures. Its name follows from what it did, so that a batch told twice counts once. */
const countOutcomes = async (
  counts: OutcomeCounts,
  name: string,
  orders: readonly SendOrder[],
  outcomes: readonly SendOutcome[],
  now: Instant,
): Promise<void> => {
  const concluded = outcomes.flatMap((outcome, n) => {
    const [order, kind] = [orders[n], COUNTED.find((counted) => counted === outcome.kind)];
    if (order === undefined || kind === undefined) return [];
    const reason = 'reason' in outcome ? { reason: outcome.reason } : {};
    const count = { campaign: order.campaign, step: order.step, outcome: kind, ...reason, count: 1 };
    return [{ sendId: order.sendId, count }];
  });
  const job = derivedId(name, ...concluded.flatMap(({ sendId, count }) => [sendId, count.outcome]).sort());
  await counts.record(
    civilDateAt(now, 'UTC' as ZoneId),
    job,
    concluded.map(({ count }) => count),
  );
};

/** How the batch went for each campaign, in the order in which its orders were done. */
const noteHealth = async (
  health: Pick<CampaignHealth, 'note'>,
  orders: readonly SendOrder[],
  outcomes: readonly SendOutcome[],
  at: Instant,
): Promise<void> => {
  const done = outcomes.flatMap(({ kind }, n) => {
    const order = orders[n];
    return order && (kind === 'sent' || kind === 'failed') ? [{ campaign: order.campaign, kind }] : [];
  });
  for (const [campaign, those] of Map.groupBy(done, (one) => one.campaign)) {
    const accepted = those.filter(({ kind }) => kind === 'sent').length;
    const failedSince = those.length - 1 - those.findLastIndex(({ kind }) => kind === 'sent');
    await health.note({ campaign, at, accepted, failed: those.length - accepted, failedSince });
  }
};

/** What a consumer of orders works with. */
export interface OrderHandlerOptions {
  /** Names its jobs among the day's figures: `send-mail`. */
  readonly name: string;
  /** Does the orders of a batch; one outcome an order, in their order. */
  readonly decide: (orders: readonly SendOrder[]) => Promise<readonly SendOutcome[]>;
  readonly counts: OutcomeCounts;
  readonly health: Pick<CampaignHealth, 'note'>;
  readonly clock: () => Instant;
  readonly log: EventLog;
  readonly meter: Meter;
}

/** The consumer of a queue of orders, mails or letters: whole batches, so that reads and proof are shared; exactly those
 *  orders that must come again are reported back. */
export const orderHandler = ({ name, decide, counts, health, clock, log, meter }: OrderHandlerOptions) =>
  middy<SQSEvent, SQSBatchResponse>().handler(async (event) => {
    const read = event.Records.map((record) => ({ record, order: orderOf(record) }));
    const taken = read.flatMap(({ record, order }) => (order ? [{ record, order }] : []));
    const orders = taken.map(({ order }) => order);
    const failed: string[] = [];
    const fail = ({ messageId }: SQSRecord, code: string, retryable: boolean): void => {
      failed.push(messageId);
      log.error('message.failed', { code, messageId, retryable });
    };
    for (const { record, order } of read) if (!order) fail(record, 'bad-input', false);

    let outcomes: readonly SendOutcome[] = [];
    try {
      outcomes = orders.length === 0 ? [] : await decide(orders);
    } catch (error) {
      // read or proof failed: nothing was sent, all of it comes again
      for (const { record } of taken) fail(record, codeOf(error), true);
    }
    outcomes.forEach((outcome, n) => {
      const record = taken[n]?.record;
      if (outcome.kind === 'retry' && record) fail(record, outcome.error.code, outcome.error.retryable);
    });
    meterOutcomes(meter, orders, outcomes);
    // figures for people: no reason to bring back orders that are done
    const lost = (figures: string) => (error: unknown) =>
      log.error('message.failed', { code: codeOf(error), messageId: figures, retryable: false });
    await Promise.all([
      countOutcomes(counts, name, orders, outcomes, clock()).catch(lost('outcome-counts')),
      noteHealth(health, orders, outcomes, clock()).catch(lost('campaign-health')),
    ]);
    const count = (kind: SendOutcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
    log.info('messages.decided', {
      accepted: count('sent'),
      held: count('held'),
      skipped: count('skipped'),
      failed: count('failed'),
      unknown: count('unknown'),
    });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
