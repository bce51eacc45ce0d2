import * as z from 'zod';
import type { SendClass } from '../../shared/customer/customer.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { type DueMessage, type RunDuePorts, runDue } from '../../shared/journey/run-due.ts';
import { createShelving, type Shelf } from '../../shared/journey/shelf.ts';
import { type PrintOrder, printOrderSchema } from '../../shared/letter/contract.ts';
import type { Clicks } from '../../shared/message/click-store.ts';
import { createConclusions } from '../../shared/message/conclude-order.ts';
import type { ContactSettings } from '../../shared/message/contact-settings.ts';
import { clicksPayload, sendOrder, settlePayload } from '../../shared/message/contract.ts';
import { createConcludeLost, createDecidePerson, createKeepLost } from '../../shared/message/decide-person.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { settleClicks } from '../../shared/message/settle-clicks.ts';
import type { Timeline } from '../../shared/message/timeline-store.ts';
import { settleUnknown } from '../../shared/message/unknown-outcome.ts';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { finishAnswer } from '../../shared/survey/answer-survey.ts';
import type { Tasks } from '../../shared/task/task-store.ts';
import { type DeadlinePorts, workDeadlines } from '../../shared/task/work-deadlines.ts';

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
  readonly changes: Send<ChangeMessage | JourneyMessage>;
  readonly due: Send<DueMessage>;
  /** Texts by the insurer's gateway, and calls of other systems. */
  readonly outbound: Send<SendOrder | WebhookCall>;
  readonly audiences: Send<unknown>;
}

/** The queue that an order belongs on: letters and texts have theirs, mails one per class. */
const queueOf = (queues: DueQueues, order: SendOrder): Send<SendOrder> => {
  if (order.channel === 'post') return queues.letters;
  return order.channel === 'sms' ? queues.outbound : queues[order.sendClass];
};

const sendOrders = async (queues: DueQueues, orders: readonly SendOrder[]): Promise<void> => {
  const groups = Map.groupBy(orders, (order) => queueOf(queues, order));
  await Promise.all([...groups].map(([queue, group]) => queue.send(group)));
};

const readOrder = (payload: unknown): SendOrder => {
  const parsed = sendOrder.safeParse(payload);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new EngagementError('bad-input', `held order does not fit its contract at ${where}: see who placed it`);
};

/** What this function makes of queues and stores by itself. */
type OwnPorts =
  | 'orders'
  | 'changes'
  | 'calls'
  | 'audiences'
  | 'readOrder'
  | 'decideTogether'
  | 'concludeLost'
  | 'ends'
  | 'shelving'
  | 'settle'
  | 'print'
  | 'deadlines'
  | 'clicks'
  | 'answers'
  | 'timeline'
  | 'tasks';

/** The consumer of the due queue. */
export const createHandler = (deps: {
  readonly ports: Omit<RunDuePorts, OwnPorts>;
  readonly timeline: Timeline;
  readonly shelf: Shelf;
  /** The contact rules' figures in force. */
  readonly settings: () => Promise<ContactSettings>;
  readonly queues: DueQueues;
  /** Where tasks look up what they are about, and tell of it. */
  readonly about: Pick<DeadlinePorts, 'staff' | 'bus'>;
  readonly answering: Parameters<typeof finishAnswer>[0];
  readonly tasks: Tasks;
  readonly clicks: Clicks;
  /** The messages bucket, where decisions are kept, and the name of a new object there. */
  readonly proof: Pick<Objects, 'put'>;
  readonly token: () => string;
  readonly log: EventLog;
  readonly clock: () => Instant;
}) => {
  const { queues, timeline, shelf, settings, log, clock } = deps;
  const { controls, dueWork } = deps.ports;
  const orders: Send<SendOrder> = { send: (sent) => sendOrders(queues, sent) };
  const shelving = createShelving({ shelf, controls, dueWork, clock });
  const ends = createConclusions({ timeline, due: dueWork, shelf: shelving, changes: queues.changes, clock });
  const ports: RunDuePorts = {
    ...deps.ports,
    timeline,
    tasks: deps.tasks,
    orders,
    shelving,
    changes: queues.changes,
    calls: queues.outbound,
    audiences: queues.audiences,
    readOrder,
    decideTogether: createDecidePerson(settings),
    concludeLost: createConcludeLost(ends, createKeepLost(deps.proof, deps.token)),
    ends,
    settle: async (payloads) => {
      for (const payload of payloads) await settleUnknown({ timeline, orders }, settlePayload.parse(payload));
    },
    clicks: async (payloads) => {
      const settling = { timeline, clicks: deps.clicks, enrolments: deps.ports.enrolments, journeys: queues.changes };
      for (const payload of payloads) await settleClicks(settling, clicksPayload.parse(payload));
    },
    deadlines: (payloads) => workDeadlines({ ...deps.about, tasks: deps.tasks, timeline }, payloads, clock()),
    answers: async (payloads) => {
      for (const payload of payloads) await finishAnswer(deps.answering, payload);
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
