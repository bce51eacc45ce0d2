import type { Gate, Profile, RecentContact } from '../customer/customer.ts';
import { withReservation } from '../customer/recent-contacts.ts';
import type { Instant } from '../platform/time.ts';
import { type Asking, createPlannedAskings } from './asking.ts';
import type { ContactSettings } from './contact-settings.ts';
import { decideOrder, journeyStateOf, type OrderDecision, type OrderQuestion } from './decide-order.ts';
import { compareUrgency } from './decide-together.ts';
import { type DecisionTrace, type MessageContent, settingsHash } from './decision-trace.ts';
import type { SendOrder } from './message.ts';
import { type OpenPart, type OrderParts, partsOf } from './order-parts.ts';
import { type RecipientPorts, readRecipients } from './read-recipients.ts';
import type { Recipient, SendPorts } from './send-ports.ts';

/** A part of an order with what was decided for it. */
export interface Verdict extends OpenPart {
  readonly question: OrderQuestion;
  readonly decision: OrderDecision;
  /** The person's gate as it was read: one object for all orders of a person in a batch. That of the recipient also
   *  holds what was decided before this. */
  readonly read: Gate;
}

/** An order with what is to be done about it, before anything is written. */
export interface DecidedOrder {
  readonly order: SendOrder;
  /** Set where it could not be decided; then there is nothing else. */
  readonly error?: unknown;
  readonly reserved: OrderParts['reserved'];
  /** Enrolments left out of the message because their journeys do not stand any more. */
  readonly refused: readonly Verdict[];
  /** The message, decided; absent where all of the order was reserved before. */
  readonly main?: Verdict;
}

const hashes = new WeakMap<object, string>();

/** The trace of a verdict. */
export const traceOf = (
  { question, decision }: Pick<Verdict, 'question' | 'decision'>,
  content?: MessageContent,
): DecisionTrace => {
  const { settings } = question;
  const hash = hashes.get(settings) ?? settingsHash(settings);
  hashes.set(settings, hash);
  return { format: 1, question, settings: hash, answer: decision, ...(content ? { content } : {}) };
};

/** How a batch is decided. */
export interface DecideOptions {
  /** There is an address for the order's channel. */
  readonly reachable: (profile: Profile, order: SendOrder) => boolean;
  /** An order for the same person later in the batch is decided as if those before it had been sent. */
  readonly contactOf: (part: OpenPart, now: Instant) => RecentContact;
}

const questionOf = (
  { recipient }: OpenPart,
  asking: Asking | undefined,
  settings: ContactSettings,
  reachable: DecideOptions['reachable'],
  now: Instant,
): OrderQuestion => {
  const { order, control, enrolments, gate, profile } = recipient;
  const country = profile.address?.country;
  return {
    order,
    control,
    journeys: enrolments.map((enrolment) => journeyStateOf(enrolment, order.step)),
    gate,
    ...(asking === undefined ? {} : { asking }),
    reachable: reachable(profile, order),
    ...(country === undefined ? {} : { country }),
    now,
    settings,
  };
};

/**
 * Decides a batch of orders, those of one person together (C10): the more urgent first, each later one as if those
 * before it had gone.
 * @returns one entry per order, in the same order
 */
export const decideOrders = async (
  ports: RecipientPorts & Pick<SendPorts, 'settings' | 'asking'>,
  orders: readonly SendOrder[],
  now: Instant,
  { reachable, contactOf }: DecideOptions,
): Promise<readonly DecidedOrder[]> => {
  const [settings, recipients] = await Promise.all([ports.settings(), readRecipients(ports, orders)]);
  // after the gates: whoever asked by a contact that a gate holds, is seen
  const askings = await ports.asking.read(orders);
  const planned = createPlannedAskings();
  const gates = new Map<string, Gate>();
  const verdictOf = (part: OpenPart, read: Gate, asking?: Asking): Verdict => {
    const question = questionOf(part, asking, settings, reachable, now);
    return { ...part, question, decision: decideOrder(question), read };
  };
  const decideOne = (order: SendOrder, found: Recipient | Error, asking: Asking | Error | undefined): DecidedOrder => {
    if (found instanceof Error) return { order, error: found, reserved: [], refused: [] };
    if (asking instanceof Error) return { order, error: asking, reserved: [], refused: [] };
    const gate = gates.get(order.partyId) ?? found.gate;
    const { reserved, refused, open } = partsOf({ ...found, gate });
    if (open === undefined) return { order, reserved, refused: [] };
    const main = verdictOf(open, found.gate, planned.seen(order, asking));
    if (main.decision.kind === 'send') {
      gates.set(order.partyId, withReservation(gate, open.sendIds, contactOf(open, now)));
      planned.goes(order, asking, now);
    }
    return { order, reserved, refused: refused.map(({ part }) => verdictOf(part, found.gate)), main };
  };
  const decided = new Map<number, DecidedOrder>();
  const byUrgency = orders.map((order, n) => ({ order, n })).sort((a, b) => compareUrgency(a.order, b.order));
  for (const { order, n } of byUrgency)
    decided.set(n, decideOne(order, recipients[n] as Recipient | Error, askings[n]));
  return orders.map((_, n) => decided.get(n) as DecidedOrder);
};
