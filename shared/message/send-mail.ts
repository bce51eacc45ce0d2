import { EngagementError } from '../platform/errors.ts';
import { inParallel } from '../platform/parallel.ts';
import { type Conclusions, createConclusions } from './conclude-order.ts';
import { compareUrgency } from './decide-together.ts';
import { deliverMail, type Run } from './deliver-mail.ts';
import { followUp } from './follow-up.ts';
import type { SendOrder } from './message.ts';
import { type MailPlan, type PlannedPart, planMails } from './plan-mails.ts';
import { scopeOf } from './read-recipients.ts';
import type { SendOutcome, SendPorts } from './send-ports.ts';

/** Persons at a time: each mail waits for the provider, so a batch does not take the sum of them. */
const CONCURRENCY = 5;
/** How often a gate may change under our hands before the order goes back to its queue. */
const TRIES = 5;

/** What one batch carries along. */
interface Batch {
  readonly ports: SendPorts;
  readonly ends: Conclusions;
  readonly run: Run;
}

const carryOutPart = async (
  batch: Batch,
  { verdict, mail, proof }: PlannedPart,
  again: () => Promise<SendOutcome>,
): Promise<SendOutcome> => {
  const { ports, ends, run } = batch;
  const { row, decision } = verdict;
  const { order } = verdict.recipient;
  switch (decision.kind) {
    case 'hold':
      return ends.hold(order, row, decision.reason, decision.until, proof);
    case 'shelve':
      return ends.shelve(order, row, { reason: decision.reason, scope: scopeOf(verdict.recipient) }, proof);
    case 'skip':
      return ends.skip(order, row, decision.reason, proof);
    case 'send':
      if (mail === undefined)
        throw new EngagementError('conflict', `order ${order.sendId} was decided and not composed`, {
          retryable: true,
        });
      if (mail.kind === 'failed') return ends.fail(order, row, mail.reason, mail.detail, proof);
      return deliverMail(ports, ends, run, { verdict, mail, proof }, again);
  }
};

/** Carries out an order: what is left out gets its row, the message goes, what was reserved before is followed up. */
const carryOut = async (batch: Batch, plan: MailPlan, attempt: number): Promise<SendOutcome> => {
  if (plan.error !== undefined) throw plan.error;
  const again = async (): Promise<SendOutcome> => {
    if (attempt === TRIES)
      throw new EngagementError('conflict', `gate of party ${plan.order.partyId} is busy: the order comes again`, {
        retryable: true,
      });
    const [fresh] = await planMails(batch.ports, [plan.order], true);
    return carryOut(batch, fresh as MailPlan, attempt + 1);
  };
  for (const part of plan.refused) await carryOutPart(batch, part, again);
  const outcome = plan.main && (await carryOutPart(batch, plan.main, again));
  const followed: SendOutcome[] = [];
  for (const part of plan.reserved) followed.push(await followUp(batch.ports, part));
  return outcome ?? followed.find(({ kind }) => kind === 'unknown') ?? { kind: 'done' };
};

/** Any fault as an outcome. */
export const asRetry = (cause: unknown): SendOutcome => ({
  kind: 'retry',
  error:
    cause instanceof EngagementError
      ? cause
      : new EngagementError('unavailable', 'a store or queue failed while sending: the order comes again', {
          retryable: true,
          cause,
        }),
});

/**
 * Sends a batch of orders (ADR 0050): reads gates, enrolments and campaigns strongly, decides, takes room at the
 * provider, composes, keeps the proof of the whole batch in one object, and then for each mail reserves, calls the
 * provider once and writes the timeline row. What is not sent gets its row with the reason. Orders of one person go one
 * after the other, the more urgent first.
 *
 * One order's fault is that order's outcome `retry`; the others are done. The same order twice in a batch is done once.
 * @param orders at most 25, all of one channel that is sent by wire
 * @returns one outcome per order, in the same order
 * @throws EngagementError where the batch could not be read or its proof not be kept; then nothing was sent or written
 */
export const sendMail = async (ports: SendPorts, orders: readonly SendOrder[]): Promise<readonly SendOutcome[]> => {
  const keyOf = (order: SendOrder): string =>
    JSON.stringify([order.sendId, order.resend?.of, order.enrolments.map(({ policyId }) => policyId ?? null)]);
  const distinct = [...new Map(orders.map((order) => [keyOf(order), order])).values()];
  const plans = await planMails(ports, distinct);
  const batch: Batch = { ports, ends: createConclusions(ports), run: { reserved: new WeakMap() } };
  const byParty = [...Map.groupBy(plans, ({ order }) => order.partyId).values()];
  const byKey = new Map<string, SendOutcome>();
  await inParallel(byParty, CONCURRENCY, async (those) => {
    for (const plan of those.toSorted((a, b) => compareUrgency(a.order, b.order)))
      byKey.set(keyOf(plan.order), await carryOut(batch, plan, 1).catch(asRetry));
  });

  const seen = new Set<string>();
  return orders.map((order) => {
    const key = keyOf(order);
    const outcome = byKey.get(key) as SendOutcome;
    const repeated = seen.has(key);
    seen.add(key);
    return repeated && outcome.kind !== 'retry' ? { kind: 'done' } : outcome;
  });
};
