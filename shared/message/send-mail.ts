import type { RecentContact } from '../customer/customer.ts';
import { EngagementError, unreachable } from '../platform/errors.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Instant } from '../platform/time.ts';
import { type Conclusions, createConclusions } from './conclude-order.ts';
import type { ContactDecision } from './contact-rules.ts';
import { deliverMail, followUp, isResendOf, rowOf } from './deliver-mail.ts';
import type { Proof, SendOrder } from './message.ts';
import { keepProof } from './proof.ts';
import { decideMail, readRecipients } from './read-recipients.ts';
import type { ComposedMail, Recipient, SendOutcome, SendPorts } from './send-ports.ts';

/** Mails at a time: each waits for the provider, so a batch does not take the sum of them. */
const CONCURRENCY = 5;

/** What is to be done with one order, decided before anything is written. */
type Plan =
  | { readonly kind: 'fault'; readonly order: SendOrder; readonly error: unknown }
  | { readonly kind: 'reserved-before'; readonly order: SendOrder; readonly known: RecentContact }
  | {
      readonly kind: 'decided';
      readonly order: SendOrder;
      readonly row: Instant;
      readonly decision: Exclude<ContactDecision, { kind: 'send' }>;
    }
  | {
      readonly kind: 'composed';
      readonly order: SendOrder;
      readonly recipient: Recipient;
      readonly mail: ComposedMail;
    };

const planOne = (ports: SendPorts, order: SendOrder, recipient: Recipient | EngagementError, now: Instant): Plan => {
  if (recipient instanceof Error) return { kind: 'fault', order, error: recipient };
  const known = recipient.gate.recent[order.sendId];
  if (known && !isResendOf(order, known)) return { kind: 'reserved-before', order, known };
  const decision = decideMail(recipient, now, ports.settings);
  if (decision.kind !== 'send') return { kind: 'decided', order, row: rowOf(order, known), decision };
  try {
    return { kind: 'composed', order, recipient, mail: ports.compose(recipient, now) };
  } catch (error) {
    return { kind: 'fault', order, error };
  }
};

const carryOut = async (
  ports: SendPorts,
  ends: Conclusions,
  plan: Plan,
  proof: Proof | undefined,
): Promise<SendOutcome> => {
  switch (plan.kind) {
    case 'fault':
      throw plan.error;
    case 'reserved-before':
      return followUp(ports, plan.order, plan.known);
    case 'decided':
      return plan.decision.kind === 'hold'
        ? ends.hold(plan.order, plan.row, plan.decision.reason, plan.decision.until)
        : ends.skip(plan.order, plan.row, plan.decision.reason);
    case 'composed': {
      const { order, recipient, mail } = plan;
      if (mail.kind === 'failed')
        return ends.fail(order, rowOf(order, recipient.gate.recent[order.sendId]), mail.reason, mail.detail);
      return deliverMail(ports, ends, { recipient, mail, proof: proof as Proof });
    }
    default:
      return unreachable(plan);
  }
};

const asRetry = (cause: unknown): SendOutcome => ({
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
 * Sends a batch of orders (ADR 0050): reads gates and enrolments strongly, decides by the contact rules, composes,
 * keeps the proof of the whole batch in one object, and then for each mail reserves, calls the provider once and writes
 * the timeline row. What is not sent gets its row with the reason.
 *
 * One order's fault is that order's outcome `retry`; the others are done. The same order twice in a batch is done once.
 * @param orders at most 25, all of channel `email`
 * @returns one outcome per order, in the same order
 * @throws EngagementError where the batch could not be read or its proof not be kept; then nothing was sent or written
 */
export const sendMail = async (ports: SendPorts, orders: readonly SendOrder[]): Promise<readonly SendOutcome[]> => {
  const keyOf = (order: SendOrder): string => JSON.stringify([order.sendId, order.resend?.of]);
  const distinct = [...new Map(orders.map((order) => [keyOf(order), order])).values()];
  const now = ports.clock();
  const recipients = await readRecipients(ports, distinct);
  const plans = distinct.map((order, n) => planOne(ports, order, recipients[n] as Recipient | EngagementError, now));

  const mails = plans.flatMap((plan) => (plan.kind === 'composed' && plan.mail.kind === 'rendered' ? [plan] : []));
  const raws = mails.map(({ mail }) => (mail as Extract<ComposedMail, { kind: 'rendered' }>).raw);
  // before any reservation: a mail without proof must not go, proof of a mail that did not go harms nobody
  const proofs = raws.length === 0 ? [] : await keepProof(ports.proof, ports.token(), raws, now);
  const proofOf = new Map<Plan, Proof | undefined>(mails.map((plan, n) => [plan, proofs[n]]));

  const ends = createConclusions(ports);
  const outcomes = await inParallel(plans, CONCURRENCY, (plan) =>
    carryOut(ports, ends, plan, proofOf.get(plan)).catch(asRetry),
  );
  const byKey = new Map(distinct.map((order, n) => [keyOf(order), outcomes[n] as SendOutcome]));
  const seen = new Set<string>();
  return orders.map((order) => {
    const key = keyOf(order);
    const outcome = byKey.get(key) as SendOutcome;
    const repeated = seen.has(key);
    seen.add(key);
    return repeated && outcome.kind !== 'retry' ? { kind: 'done' } : outcome;
  });
};
