import type { SendClass } from '../../shared/customer/customer.ts';
import type { DueWork } from '../../shared/journey/due-work.ts';
import { type Shelf, unshelve } from '../../shared/journey/shelf.ts';
import { goOnPreFlight, type PreFlightPorts } from '../../shared/launch/compute-pre-flight.ts';
import { type AudiencesMessage, audiencesMessageSchema } from '../../shared/launch/contract.ts';
import { type ResendPorts, resend } from '../../shared/launch/resend-failed.ts';
import { type DailyPorts, runDaily } from '../../shared/launch/run-daily.ts';
import { type StartRunPorts, startRun } from '../../shared/launch/start-run.ts';
import { type WalkRunsPorts, walkRuns } from '../../shared/launch/walk-runs.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { unreachable } from '../../shared/platform/errors.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { Instant } from '../../shared/platform/time.ts';

type Send<Message> = Pick<Queue<Message>, 'send'>;

/** Where runs put their orders. */
export interface OrderQueues extends Readonly<Record<SendClass, Send<SendOrder>>> {
  readonly letters: Send<SendOrder>;
  readonly outbound: Send<SendOrder>;
}

/** Puts each order on the queue that it belongs on: letters and texts have theirs, mails one per class. */
export const ordersTo = (queues: OrderQueues): Send<SendOrder> => {
  const queueOf = ({ channel, sendClass }: SendOrder): Send<SendOrder> => {
    if (channel === 'post') return queues.letters;
    return channel === 'sms' ? queues.outbound : queues[sendClass];
  };
  return {
    async send(orders) {
      await Promise.all([...Map.groupBy(orders, queueOf)].map(([queue, group]) => queue.send(group)));
    },
  };
};

type Pass = Extract<AudiencesMessage, { kind: 'audience-pass' }>;

export interface WorkAudiencesDeps {
  readonly start: StartRunPorts;
  readonly walk: WalkRunsPorts;
  readonly preFlight: PreFlightPorts;
  readonly daily: DailyPorts;
  readonly resend: ResendPorts;
  readonly shelf: Shelf;
  readonly dueWork: Pick<DueWork, 'place'>;
  /** Passes over a shard of the audience rows. @returns where the next message goes on; undefined when it is done */
  readonly pass: (message: Pass, now: Instant) => Promise<string | undefined>;
  readonly audiences: Send<AudiencesMessage>;
  readonly log: EventLog;
  readonly clock: () => Instant;
}

/** Pages of audience rows that one message passes over: a page is 1 MB. */
const PASS_PAGES = 40;

/** Says that time is up after so many pages. */
export const timeLimit = (): (() => boolean) => {
  let pages = 0;
  return () => {
    pages += 1;
    return pages >= PASS_PAGES;
  };
};

/** Pages of a shelf that one message puts back. */
const SHELF_PAGES = 50;

/** The consumer of the audiences queue. */
export const createHandler = (deps: WorkAudiencesDeps) => {
  const { shelf, dueWork, audiences, log, clock } = deps;

  const putBack = async (campaign: string, from: string | undefined): Promise<void> => {
    let after = from;
    let moved = 0;
    for (let pages = 0; pages < SHELF_PAGES; pages += 1) {
      const page = await unshelve(campaign, after, { shelf, dueWork }, clock());
      moved += page.moved;
      after = page.next;
      if (after === undefined) break;
    }
    log.info('shelf.cleared', { campaign, moved });
    if (after !== undefined) await audiences.send([{ kind: 'unshelve', campaign, after }]);
  };

  const work = async (message: AudiencesMessage): Promise<void> => {
    switch (message.kind) {
      case 'run': {
        const { campaign, occurrence } = message;
        log.info('run.started', { campaign, occurrence, outcome: await startRun(message, deps.start, clock()) });
        return;
      }
      case 'walk':
        log.info('runs.walked', { ...(await walkRuns(deps.walk)) });
        return;
      case 'unshelve':
        return putBack(message.campaign, message.after);
      case 'pre-flight': {
        const found = await deps.preFlight.preFlights.get(message);
        if (found !== undefined) await goOnPreFlight(found, deps.preFlight);
        return;
      }
      case 'resend': {
        const after = await resend(message, deps.resend);
        if (after !== undefined) await audiences.send([{ ...message, after }]);
        return;
      }
      case 'audience-pass': {
        const after = await deps.pass(message, clock());
        if (after !== undefined) await audiences.send([{ ...message, after }]);
        return;
      }
      case 'daily':
        return runDaily(deps.daily, clock());
      default:
        return unreachable(message);
    }
  };
  return queueHandler({ schema: audiencesMessageSchema, log, handle: work });
};
