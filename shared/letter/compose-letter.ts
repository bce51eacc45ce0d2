import type { Profile, RecentContact } from '../customer/customer.ts';
import { type Conclusions, createConclusions } from '../message/conclude-order.ts';
import { decideOrder } from '../message/decide-order.ts';
import { type DecidedOrder, decideOrders, traceOf, type Verdict } from '../message/decide-orders.ts';
import type { MessageContent } from '../message/decision-trace.ts';
import { followUp } from '../message/follow-up.ts';
import type { FailReason, Proof, SendOrder } from '../message/message.ts';
import { messageRow } from '../message/message-row.ts';
import { type ReservedPart, rowOf } from '../message/order-parts.ts';
import { contactOf } from '../message/plan-mails.ts';
import { keepProof } from '../message/proof.ts';
import { scopeOf } from '../message/read-recipients.ts';
import { asRetry } from '../message/send-mail.ts';
import type { Recipient, SendOutcome, SendPorts } from '../message/send-ports.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import type { Instant } from '../platform/time.ts';
import { isPostable } from './address-block.ts';
import { type Letter, placeOf } from './letter.ts';
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
      readonly content: MessageContent;
      readonly addressLines: readonly string[];
    }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

/** Everything that composing needs from outside. */
export interface LetterPorts
  extends Pick<
    SendPorts,
    | 'gates'
    | 'asking'
    | 'enrolments'
    | 'profiles'
    | 'unconfirmed'
    | 'policies'
    | 'controls'
    | 'timeline'
    | 'due'
    | 'shelf'
    | 'changes'
    | 'proof'
    | 'settings'
    | 'clock'
    | 'token'
  > {
  readonly letters: Letters;
  /** The print bucket. */
  readonly files: Pick<Objects, 'put'>;
  /** Makes the letter; `on` is the instant it is dated by and the same for every repeat. */
  readonly compose: (recipient: Recipient, on: Instant, house: PrintHouse) => Promise<ComposedLetter>;
}

/** How often a gate may change under our hands before the order goes back to its queue. */
const TRIES = 5;

/** A verdict with the reservation that it was carried out under: ours, or an earlier worker's who is gone. */
interface Reserved {
  readonly recipient: Recipient;
  readonly contact: RecentContact;
  readonly verdict: Verdict;
}

const reachable = ({ address }: Profile): boolean => isPostable(address);

const decideOne = async (ports: LetterPorts, order: SendOrder): Promise<DecidedOrder> => {
  const now = ports.clock();
  const [decided] = await decideOrders(ports, [order], now, {
    reachable,
    contactOf: (part) => contactOf(part, 'planned', now),
  });
  if (decided === undefined || decided.error !== undefined) throw decided?.error;
  return decided;
};

/** Files the letter, queues its batch and writes its row: each step may be repeated, and each finds what was done. */
const file = async (
  ports: LetterPorts,
  { recipient, contact, verdict }: Reserved,
  made: Extract<ComposedLetter, { kind: 'composed' }>,
  house: PrintHouse,
): Promise<void> => {
  const { order, policies } = recipient;
  const row = contact.row ?? contact.at;
  const evidence = { trace: traceOf(verdict, made.content), body: made.pdf };
  const [proof] = (await keepProof(ports.proof, ports.token(), [evidence], ports.clock())) as [Proof];
  await ports.files.put(letterFile(order.sendId), made.pdf, { contentType: 'application/pdf' });
  const letter: Letter = await ports.letters.add({
    letterId: order.sendId,
    // By the reservation's instant, not by now: a repeat after the cut-off must find the same day.
    printOn: nextHandOverDay(contact.at, house),
    house: house.house,
    partyId: order.partyId,
    policyIds: policies.map(({ policyId }) => policyId),
    policyNos: policies.map(({ policyNo }) => policyNo),
    enrolments: order.enrolments,
    campaign: order.campaign,
    step: order.step,
    sendClass: order.sendClass,
    scope: scopeOf(recipient),
    order,
    place: placeOf(recipient.profile.address),
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
    template: made.content.hash,
    version: made.content.version,
    printOn,
    pages: letter.pages,
    sha256: letter.sha256,
    composedAt: ports.clock(),
  };
  const entry = { ...messageRow(order, row), state: 'composed' as const, proof, details };
  if ((await ports.timeline.record(entry)) === 'refused')
    await ports.timeline.advance(entry, 'composed', { proof, details });
};

/** Writes down what was decided against, with its trace. */
const refuse = async (ports: LetterPorts, ends: Conclusions, verdict: Verdict): Promise<SendOutcome> => {
  const { recipient, row, decision } = verdict;
  const { order } = recipient;
  const [trace] = await keepProof(ports.proof, ports.token(), [{ trace: traceOf(verdict) }], ports.clock());
  switch (decision.kind) {
    case 'hold':
      return ends.hold(order, row, decision.reason, decision.until, trace);
    case 'shelve':
      return ends.shelve(order, row, { reason: decision.reason, scope: scopeOf(recipient) }, trace);
    case 'skip':
      return ends.skip(order, row, decision.reason, trace);
    case 'send':
      throw new EngagementError('conflict', `letter ${order.sendId} may go and was not made`, { retryable: true });
  }
};

/** Composes and files what was reserved. */
const make = async (ports: LetterPorts, ends: Conclusions, reserved: Reserved): Promise<SendOutcome> => {
  const { recipient, contact, verdict } = reserved;
  const { order, policies, profile } = recipient;
  const asked = await ports.asking.ask(recipient, contact.at);
  if (asked.kind === 'refused') {
    await ports.gates.release(order.partyId, verdict.sendIds, contact.owner);
    const question = { ...verdict.question, asking: asked.asking };
    return refuse(ports, ends, { ...verdict, question, decision: decideOrder(question) });
  }
  const house = printHouseFor(policies[0]?.zone ?? profile.zone);
  const made = await ports.compose(recipient, contact.at, house);
  if (made.kind === 'failed') {
    await asked.unsend();
    const [trace] = await keepProof(ports.proof, ports.token(), [{ trace: traceOf(verdict) }], ports.clock());
    // Nothing will be printed under this reservation: once the cause is mended the letter may be ordered again.
    await ports.gates.release(order.partyId, verdict.sendIds, contact.owner);
    return ends.fail(order, contact.row ?? contact.at, made.reason, made.detail, trace);
  }
  await file(ports, reserved, made, house);
  return { kind: 'sent', messageId: order.sendId };
};

/**
 * A letter reserved by another worker: done, being made, or left behind. Nothing goes out by a reservation alone, so what
 * was left behind is made now under it, as of its instant, by whoever names all that it was reserved for.
 */
const resume = async (ports: LetterPorts, ends: Conclusions, part: ReservedPart): Promise<SendOutcome> => {
  const { order, known, whole } = part;
  const found = await ports.timeline.get(messageRow(order, rowOf(order, known)));
  if ((found !== undefined && found.state !== 'held') || ports.clock() < known.leaseUntil || !whole)
    return followUp(ports, part);
  const [decided] = await decideOrders(ports, [{ ...order, resend: { of: known.owner, by: 'rule' } }], known.at, {
    reachable,
    contactOf: (open) => contactOf(open, known.owner, known.at),
  });
  if (decided?.main === undefined) throw decided?.error;
  const { resend: _, ...own } = decided.main.recipient.order;
  const recipient = { ...decided.main.recipient, order: own };
  const verdict = { ...decided.main, recipient };
  if (verdict.decision.kind !== 'skip') return make(ports, ends, { recipient, contact: known, verdict });
  await ports.gates.release(order.partyId, verdict.sendIds, known.owner);
  return refuse(ports, ends, verdict);
};

/** True where another delivery of the order brought it to an end before it was reserved: skipped, or failed. */
const isDone = async (ports: LetterPorts, { recipient, row }: Verdict): Promise<boolean> => {
  const found = await ports.timeline.get(messageRow(recipient.order, row));
  return found !== undefined && found.state !== 'held';
};

const composeOne = async (
  ports: LetterPorts,
  ends: Conclusions,
  decided: DecidedOrder,
  attempt = 1,
): Promise<SendOutcome> => {
  if (decided.error !== undefined) throw decided.error;
  const { order, main } = decided;
  for (const verdict of decided.refused) await refuse(ports, ends, verdict);
  let outcome: SendOutcome | undefined;
  if (main && (await isDone(ports, main))) outcome = { kind: 'done' };
  else if (main && main.decision.kind !== 'send') outcome = await refuse(ports, ends, main);
  else if (main) {
    const contact = contactOf(main, ports.token(), ports.clock());
    const ask = () => ports.gates.reserve(main.recipient.gate, main.sendIds, contact);
    // Without an answer the reservation may stand: asked again, the gate knows our token.
    const reserved = await ask().catch(ask);
    if (reserved.kind !== 'reserved') {
      if (attempt === TRIES)
        throw new EngagementError('conflict', `gate of party ${order.partyId} is busy: the order comes again`, {
          retryable: true,
        });
      return composeOne(ports, ends, await decideOne(ports, order), attempt + 1);
    }
    outcome = await make(ports, ends, { recipient: main.recipient, contact, verdict: main });
  }
  const resumed: SendOutcome[] = [];
  for (const part of decided.reserved) resumed.push(await resume(ports, ends, part));
  return outcome ?? resumed.find(({ kind }) => kind !== 'done') ?? { kind: 'done' };
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
  const ends = createConclusions(ports);
  const now = ports.clock();
  const batch = await decideOrders(ports, orders, now, {
    reachable,
    contactOf: (part) => contactOf(part, 'planned', now),
  });
  const outcomes: SendOutcome[] = [];
  for (const decided of batch) outcomes.push(await composeOne(ports, ends, decided).catch(asRetry));
  return outcomes;
};
