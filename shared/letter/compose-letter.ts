import type { Gate, RecentContact } from '../customer/customer.ts';
import { type Conclusions, createConclusions } from '../message/conclude-order.ts';
import { type ContactDecision, decideContact } from '../message/contact-rules.ts';
import type { FailReason, Proof, SendOrder } from '../message/message.ts';
import { messageRow } from '../message/message-row.ts';
import { keepProof } from '../message/proof.ts';
import { journeyRefusal, readRecipients } from '../message/read-recipients.ts';
import type { Recipient, SendOutcome, SendPorts } from '../message/send-ports.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import type { Instant } from '../platform/time.ts';
import { MINUTE } from '../platform/time.ts';
import { isPostable } from './address-block.ts';
import type { Letter } from './letter.ts';
import { letterFile } from './letter-files.ts';
import type { Letters } from './letter-store.ts';
import { cutOffInstant, nextHandOverDay } from './print-calendar.ts';
import { type PrintHouse, printHouseFor } from './print-houses.ts';

/** A letter as made for one recipient, or why it cannot be. */
export type ComposedLetter =
  | {
      readonly kind: 'composed';
      readonly pdf: Uint8Array;
      readonly pages: number;
      readonly sha256: string;
      readonly template: string;
      readonly addressLines: readonly string[];
    }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

/** Everything that composing needs from outside. */
export interface LetterPorts
  extends Pick<
    SendPorts,
    'gates' | 'enrolments' | 'profiles' | 'policies' | 'timeline' | 'due' | 'proof' | 'settings' | 'clock' | 'token'
  > {
  readonly letters: Letters;
  /** The print bucket. */
  readonly files: Pick<Objects, 'put'>;
  /** Makes the letter; `on` is the instant it is dated by and the same for every repeat. */
  readonly compose: (recipient: Recipient, on: Instant, house: PrintHouse) => Promise<ComposedLetter>;
}

/** Longer than a function may run, shorter than the queue waits before it delivers again. */
const LEASE = 2 * MINUTE;
const TRIES = 5;

/** Whether a letter may be made for this recipient now: the journey, then the contact rules. Pure. */
const decideLetter = (recipient: Recipient, now: Instant, ports: Pick<LetterPorts, 'settings'>): ContactDecision => {
  const { order, gate, profile } = recipient;
  const refusal = journeyRefusal(recipient);
  if (refusal && !gate.situations.includes('deceased')) return { kind: 'skip', reason: refusal };
  return decideContact({ order, gate, reachable: isPostable(profile.address), now, settings: ports.settings });
};

/**
 * Reserves until the gate holds our reservation. Everything is read and decided again where the gate changed.
 * @returns our or the earlier worker's reservation, or what was decided instead
 */
const reserve = async (
  ports: LetterPorts,
  first: Recipient,
): Promise<{ recipient: Recipient; contact: RecentContact } | Exclude<ContactDecision, { kind: 'send' }>> => {
  const { order } = first;
  const owner = ports.token();
  let recipient = first;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = ports.clock();
    const decision = decideLetter(recipient, now, ports);
    if (decision.kind !== 'send') return decision;
    const contact: RecentContact = {
      at: now,
      channel: 'post',
      sendClass: order.sendClass,
      owner,
      leaseUntil: (now + LEASE) as Instant,
      row: order.dueAt,
    };
    const ask = () => ports.gates.reserve(recipient.gate, [order.sendId], contact);
    // Without an answer the reservation may stand: asked again, the gate knows our token.
    const outcome = await ask().catch(ask);
    if (outcome.kind === 'reserved') return { recipient, contact };
    if (outcome.kind === 'taken') return { recipient, contact: waitFor(outcome.contact, order, now) };
    const [fresh] = await readRecipients(ports, [order]);
    if (fresh === undefined || fresh instanceof Error) throw fresh;
    recipient = fresh;
  }
  throw new EngagementError('conflict', `gate of party ${order.partyId} is busy: the order comes again`, {
    retryable: true,
  });
};

/** @returns the reservation of a worker that is gone. @throws `conflict` (retryable) while it may still be at work */
const waitFor = (known: RecentContact, order: SendOrder, now: Instant): RecentContact => {
  if (now >= known.leaseUntil) return known;
  throw new EngagementError('conflict', `letter ${order.sendId} is at another worker: wait for its lease`, {
    retryable: true,
  });
};

/** True where another delivery of the order brought it to an end. */
const isDone = async (ports: LetterPorts, order: SendOrder, gate: Gate): Promise<boolean> => {
  const row = gate.recent[order.sendId]?.row ?? order.dueAt;
  const found = await ports.timeline.get(messageRow(order, row));
  return found !== undefined && found.state !== 'held';
};

/** Files the letter, queues its batch and writes its row: each step may be repeated, and each finds what was done. */
const file = async (
  ports: LetterPorts,
  { order, policy }: Recipient,
  contact: RecentContact,
  made: Extract<ComposedLetter, { kind: 'composed' }>,
  house: PrintHouse,
): Promise<void> => {
  const row = contact.row ?? contact.at;
  const [proof] = (await keepProof(ports.proof, ports.token(), [made.pdf], ports.clock())) as [Proof];
  await ports.files.put(letterFile(order.sendId), made.pdf, { contentType: 'application/pdf' });
  const letter: Letter = await ports.letters.add({
    letterId: order.sendId,
    // By the reservation's instant, not by now: a repeat after the cut-off must find the same day.
    printOn: nextHandOverDay(contact.at, house),
    house: house.house,
    partyId: order.partyId,
    policyIds: order.enrolments.map(({ policyId }) => policyId),
    policyNos: [policy.policyNo],
    enrolments: order.enrolments,
    campaign: order.campaign,
    step: order.step,
    sendClass: order.sendClass,
    dueAt: order.dueAt,
    addressLines: made.addressLines,
    pages: made.pages,
    sha256: made.sha256,
    row,
    owner: contact.owner,
    state: 'composed',
  });
  const { printOn } = letter;
  const payload = { kind: 'print', house: house.house, printOn };
  const at = cutOffInstant(printOn, house);
  await ports.due.place([{ at, kind: 'print', id: `${printOn}#${house.house}`, payload }], ports.clock());
  const details = {
    template: made.template,
    printOn,
    pages: letter.pages,
    sha256: letter.sha256,
    composedAt: ports.clock(),
  };
  const entry = { ...messageRow(order, row), state: 'composed' as const, proof, details };
  if ((await ports.timeline.record(entry)) === 'refused')
    await ports.timeline.advance(entry, 'composed', { proof, details });
};

const composeOne = async (ports: LetterPorts, ends: Conclusions, recipient: Recipient): Promise<SendOutcome> => {
  const { order, gate } = recipient;
  if (await isDone(ports, order, gate)) return { kind: 'done' };
  const known = gate.recent[order.sendId];
  const reserved = known
    ? { recipient, contact: waitFor(known, order, ports.clock()) }
    : await reserve(ports, recipient);
  if ('kind' in reserved) {
    return reserved.kind === 'hold'
      ? ends.hold(order, order.dueAt, reserved.reason, reserved.until)
      : ends.skip(order, order.dueAt, reserved.reason);
  }
  const { contact } = reserved;
  const house = printHouseFor(recipient.policy.zone);
  const made = await ports.compose(reserved.recipient, contact.at, house);
  if (made.kind === 'failed') {
    // Nothing will be printed under this reservation: once the cause is mended the letter may be ordered again.
    await ports.gates.release(order.partyId, [order.sendId], contact.owner);
    return ends.fail(order, contact.row ?? contact.at, made.reason, made.detail);
  }
  await file(ports, reserved.recipient, contact, made, house);
  return { kind: 'sent', messageId: order.sendId };
};

/**
 * Composes letters (channel `post`): the same contact rules and the same reservation as a mail, then the PDF into the
 * print bucket, the letter's row into its print day and the batch's hand-over into the due work (F36). Everything after
 * the reservation is named by it, so a worker that dies anywhere is followed by one that finishes the same letter.
 *
 * One order's fault is that order's outcome `retry`; the others are done.
 * @returns one outcome per order, in the same order; `sent` means composed
 */
export const composeLetters = async (
  ports: LetterPorts,
  orders: readonly SendOrder[],
): Promise<readonly SendOutcome[]> => {
  const recipients = await readRecipients(ports, orders);
  const ends = createConclusions(ports);
  const outcomes: SendOutcome[] = [];
  for (const recipient of recipients) {
    try {
      if (recipient instanceof Error) throw recipient;
      outcomes.push(await composeOne(ports, ends, recipient));
    } catch (cause) {
      const error =
        cause instanceof EngagementError
          ? cause
          : new EngagementError('unavailable', 'a store failed while composing: the order comes again', {
              retryable: true,
              cause,
            });
      outcomes.push({ kind: 'retry', error });
    }
  }
  return outcomes;
};
