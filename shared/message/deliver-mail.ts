import type { RecentContact } from '../customer/customer.ts';
import type { ReserveOutcome } from '../customer/gate-store.ts';
import { EngagementError, unreachable } from '../platform/errors.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import type { Conclusions } from './conclude-order.ts';
import { tagsOf } from './mail-tags.ts';
import type { MailTags, SendAnswer } from './mailer.ts';
import type { Proof, SendOrder } from './message.ts';
import { messageRow } from './message-row.ts';
import { decideMail, readRecipients } from './read-recipients.ts';
import type { ComposedMail, Recipient, SendOutcome, SendPorts } from './send-ports.ts';
import { markUnknown } from './unknown-outcome.ts';

/** Until when a reservation's owner may be at work: longer than a function may run, shorter than the queue waits
 *  before it delivers again (3 minutes). */
export const LEASE = 2 * MINUTE;

/** A message that the provider had no room for is decided again after this long. */
const THROTTLE_WAIT = 2 * MINUTE;
/** Calls within one run before that; the pause in milliseconds doubles from one to the next. */
const THROTTLE_CALLS = 3;
const THROTTLE_PAUSE = 250;
/** How often a gate may change under our hands before the order goes back to its queue. */
const RESERVE_TRIES = 5;

type Rendered = Extract<ComposedMail, { kind: 'rendered' }>;

/** `at` of the message's row: as an earlier reservation has it, else when the order was due. */
export const rowOf = (order: SendOrder, known: RecentContact | undefined): Instant =>
  known ? (known.row ?? known.at) : order.dueAt;

/** True where the order is the resend of exactly the call that `known` reserved. */
export const isResendOf = (order: SendOrder, known: RecentContact | undefined): boolean =>
  order.resend !== undefined && order.resend.of === known?.owner;

/**
 * An order whose message another owner has reserved: done, being done, or of unknown outcome.
 * @throws EngagementError `conflict` (retryable) while the other owner may still be at work
 */
export const followUp = async (ports: SendPorts, order: SendOrder, known: RecentContact): Promise<SendOutcome> => {
  const row = rowOf(order, known);
  const found = await ports.timeline.get(messageRow(order, row));
  const open = found === undefined || found.state === 'held' || found.state === 'unknown';
  if (!open || (found?.state === 'unknown' && found.details?.owner === known.owner)) return { kind: 'done' };
  const now = ports.clock();
  if (now < known.leaseUntil)
    throw new EngagementError('conflict', `message ${order.sendId} is at another worker: wait for its lease`, {
      retryable: true,
    });
  await markUnknown(ports, order, { row, owner: known.owner, now });
  return { kind: 'unknown' };
};

/** One call; once more only after answers that say "not sent". A mailer that throws has said nothing. */
const call = async (ports: SendPorts, mail: Rendered, to: string, tags: MailTags): Promise<SendAnswer> => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ports.mailer
      .send({ raw: mail.raw, to, tags })
      .catch((): SendAnswer => ({ kind: 'unknown', code: 'no-answer' }));
    if (answer.kind !== 'throttled' || attempt === THROTTLE_CALLS) return answer;
    await ports.pause(THROTTLE_PAUSE * 2 ** (attempt - 1));
  }
};

/** Writes down how the call ended. */
const conclude = async (
  ports: SendPorts,
  ends: Conclusions,
  { order, owner, row, proof, mail }: { order: SendOrder; owner: string; row: Instant; proof: Proof; mail: Rendered },
  answer: SendAnswer,
): Promise<SendOutcome> => {
  const release = (): Promise<void> => ports.gates.release(order.partyId, [order.sendId], owner);
  switch (answer.kind) {
    case 'accepted':
      return ends.accepted(order, row, answer.messageId, { proof, details: { template: mail.template } });
    case 'unknown':
      await markUnknown(ports, order, { row, owner, now: ports.clock() });
      return { kind: 'unknown' };
    case 'throttled':
      // released before it is held: a crash in between brings the order again as if nothing had been
      await release();
      return ends.hold(order, row, 'no-quota', (ports.clock() + THROTTLE_WAIT) as Instant);
    case 'refused':
      if (answer.permanent) return ends.fail(order, row, 'rejected', answer.code);
      await release();
      throw new EngagementError('misconfigured', `provider refused with ${answer.code}: check the sending identity`);
    default:
      return unreachable(answer);
  }
};

/**
 * Reserves one composed mail, calls the provider once and writes its row. The reservation is the ledger's act and the
 * mark of the call in one: whoever finds it without a row knows that the outcome is unknown (ADR 0050). Where the gate
 * changed since it was read, everything is read and decided again.
 */
export const deliverMail = async (
  ports: SendPorts,
  ends: Conclusions,
  composed: { readonly recipient: Recipient; readonly mail: Rendered; readonly proof: Proof },
): Promise<SendOutcome> => {
  const { mail, proof } = composed;
  const { order } = composed.recipient;
  const owner = ports.token();
  let { recipient } = composed;
  for (let attempt = 0; attempt < RESERVE_TRIES; attempt += 1) {
    const known = recipient.gate.recent[order.sendId];
    if (known && !isResendOf(order, known)) return followUp(ports, order, known);
    const row = rowOf(order, known);
    if (order.resend && (await ports.timeline.get(messageRow(order, row)))?.state !== 'unknown')
      return { kind: 'done' };

    const at = ports.clock();
    const leaseUntil = (at + LEASE) as Instant;
    const contact: RecentContact = { at, channel: 'email', sendClass: order.sendClass, owner, leaseUntil, row };
    const reserve = (): Promise<ReserveOutcome> =>
      known
        ? ports.gates.takeOver(recipient.gate, [order.sendId], known.owner, contact)
        : ports.gates.reserve(recipient.gate, [order.sendId], contact);
    // without an answer the reservation may stand: asked again, the gate knows our token
    const reserved = await reserve().catch(reserve);
    if (reserved.kind === 'taken') return followUp(ports, order, reserved.contact);
    if (reserved.kind === 'reserved') {
      // flagged before the second call, because nobody may be there after it
      if (order.resend) await ports.timeline.complete(messageRow(order, row), { details: { resent: true } });
      const { campaign, step, sendClass } = order;
      const tags = tagsOf({ ...messageRow(order, row), campaign, step, sendClass, proof });
      const answer = await call(ports, mail, recipient.profile.email as string, tags);
      return conclude(ports, ends, { order, owner, row, proof, mail }, answer);
    }
    const [fresh] = await readRecipients(ports, [order]);
    if (fresh === undefined || fresh instanceof Error) throw fresh;
    recipient = fresh;
    const decision = decideMail(recipient, ports.clock(), ports.settings);
    if (decision.kind === 'hold') return ends.hold(order, row, decision.reason, decision.until);
    if (decision.kind === 'skip') return ends.skip(order, row, decision.reason);
  }
  throw new EngagementError('conflict', `gate of party ${order.partyId} is busy: the order comes again`, {
    retryable: true,
  });
};
