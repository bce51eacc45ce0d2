import * as z from 'zod';
import type { SendClass } from '../../shared/customer/customer.ts';
import { type DueMessage, type RunDuePorts, runDue } from '../../shared/journey/run-due.ts';
import { type PrintOrder, printOrderSchema } from '../../shared/letter/contract.ts';
import { sendOrder, settlePayload } from '../../shared/message/contract.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { Timeline } from '../../shared/message/timeline-store.ts';
import { settleUnknown } from '../../shared/message/unknown-outcome.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

const dueMessage = z.object({
  hour: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/),
  shard: z.int().min(0),
  upTo: z.iso.datetime(),
});

type Send<Message> = Pick<Queue<Message>, 'send'>;

/** Where due work goes. */
export interface DueQueues extends Readonly<Record<SendClass, Send<SendOrder>>> {
  readonly letters: Send<SendOrder>;
  readonly print: Send<PrintOrder>;
  readonly changes: Send<ChangeMessage>;
  readonly due: Send<DueMessage>;
}

/** The queue that an order belongs on: letters have theirs, mails one per class. */
const queueOf = (queues: DueQueues, order: SendOrder): Send<SendOrder> =>
  order.channel === 'post' ? queues.letters : queues[order.sendClass];

const sendOrders = async (queues: DueQueues, orders: readonly SendOrder[]): Promise<void> => {
  const groups = Map.groupBy(orders, (order) => queueOf(queues, order));
  await Promise.all([...groups].map(([queue, group]) => queue.send(group)));
};

/** The consumer of the due queue. */
export const createHandler = (deps: {
  readonly ports: Omit<RunDuePorts, 'orders' | 'changes' | 'heldOrders' | 'settle' | 'print' | 'timeline'>;
  readonly timeline: Timeline;
  readonly queues: DueQueues;
  readonly log: EventLog;
  readonly clock: () => Instant;
}) => {
  const { queues, timeline, log, clock } = deps;
  const orders: Send<SendOrder> = { send: (sent) => sendOrders(queues, sent) };
  const ports: RunDuePorts = {
    ...deps.ports,
    timeline,
    orders,
    changes: queues.changes,
    heldOrders: (payloads) =>
      sendOrders(
        queues,
        payloads.map((payload) => sendOrder.parse(payload)),
      ),
    settle: async (payloads) => {
      for (const payload of payloads) await settleUnknown({ timeline, orders }, settlePayload.parse(payload));
    },
    print: (payloads) => queues.print.send(payloads.map((payload) => printOrderSchema.parse(payload))),
  };
  return queueHandler({
    schema: dueMessage,
    log,
    handle: async (message) => {
      const upTo = parseInstant(message.upTo) as Instant;
      const { more, ...counts } = await runDue(message, upTo, ports, clock());
      log.info('steps.run', counts);
      if (more) await queues.due.send([message]);
    },
  });
};
