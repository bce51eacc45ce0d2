import type { Definitions } from '../campaign/definition-store.ts';
import type { SendOrder, TimelineEntry } from '../message/message.ts';
import { again } from '../message/send-again.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { resendAnyway } from '../message/unknown-outcome.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Queue } from '../platform/queue.ts';
import type { AudiencesMessage } from './contract.ts';
import { troubleOf } from './read-runs.ts';
import { broadcastStep, orderOf } from './run.ts';
import type { Runs } from './run-store.ts';

export interface ResendPorts {
  readonly runs: Pick<Runs, 'get' | 'page' | 'outcomes'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly timeline: Timeline;
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
}

/** What an operator asked for. */
export type ResendRequest = Omit<Extract<AudiencesMessage, { kind: 'resend' }>, 'kind'>;

const WIDTH = 8;

/**
 * Sends a page of what failed in a run again, after whatever made it fail was put right; or, by the word of an operator who
 * knows that it may arrive twice, of what is of unknown outcome. A failed message was never accepted: its repeat is a
 * message of its own, whose id follows from the failure, so that it goes once however often and wherever it is asked for.
 * @returns where the next page begins; undefined after the last one
 */
export const resend = async (
  { campaign, occurrence, outcome, at, after }: ResendRequest,
  ports: ResendPorts,
): Promise<number | undefined> => {
  const run = await ports.runs.get({ campaign, occurrence });
  if (run === undefined) return undefined;
  const { entries, next } = await troubleOf(ports, run, outcome, after);
  if (outcome === 'unknown') {
    const anyway = ({ partyId, at: row, id }: TimelineEntry) =>
      resendAnyway(ports, { partyId, at: row, kind: 'message', id }, at);
    await inParallel(entries, WIDTH, anyway);
    return next;
  }
  const pinned = await ports.definitions.get(campaign, run.definition);
  const step = broadcastStep(pinned.definition);
  const orders =
    step === undefined
      ? []
      : entries.flatMap(({ partyId, details }) => again(orderOf(run, pinned, step, partyId), details?.failedAt, at));
  if (orders.length > 0) await ports.orders.send(orders);
  return next;
};
