import type { RecentContact } from '../customer/customer.ts';
import { messageOf, sendIdsOfMessage } from '../customer/recent-contacts.ts';
import type { SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { journeyStateOf, partRefusal } from './decide-order.ts';
import type { SendOrder, SkipReason } from './message.ts';
import { narrowed, sendIdsOf } from './send-ids.ts';
import type { Recipient } from './send-ports.ts';

/** Parts of an order that were reserved before, all for one message. */
export interface ReservedPart {
  /** The order as that message stands for it … */
  readonly order: SendOrder;
  /** … and as it would stand by itself. */
  readonly own: SendOrder;
  readonly known: RecentContact;
  /** The order names everything that the message was reserved for, so that it can be settled by it. */
  readonly whole: boolean;
}

/** What of an order may still go, as one message. */
export interface OpenPart {
  /** The order and what belongs to it, for the enrolments that stand. */
  readonly recipient: Recipient;
  /** What is reserved for it, the message's own id first. */
  readonly sendIds: readonly SendId[];
  /** `at` of its timeline row. */
  readonly row: Instant;
  /** Set where it is the resend of exactly this reservation. */
  readonly known?: RecentContact;
}

/** An order taken apart by what became of its enrolments. */
export interface OrderParts {
  readonly reserved: readonly ReservedPart[];
  /** Enrolments that do not stand any more while others do. */
  readonly refused: readonly { readonly part: OpenPart; readonly reason: SkipReason }[];
  readonly open?: OpenPart;
}

/** `at` of the message's row: as an earlier reservation has it, else when the order was due. */
export const rowOf = (order: SendOrder, known: RecentContact | undefined): Instant =>
  known ? (known.row ?? known.at) : order.dueAt;

/** A recipient for some of its enrolments only. */
const narrowedTo = (recipient: Recipient, parts: readonly number[]): Recipient => {
  const order = narrowed(recipient.order, parts);
  const wanted = new Set<string | undefined>(order.enrolments.map(({ policyId }) => policyId));
  return {
    ...recipient,
    order,
    enrolments: recipient.order.broadcast ? [] : parts.map((part) => recipient.enrolments[part]),
    policies: recipient.policies.filter(({ policyId }) => wanted.has(policyId)),
  };
};

/** Parts reserved before, one for each message that they were reserved for. */
const reservedParts = ({ order, gate }: Recipient, parts: readonly number[]): ReservedPart[] => {
  const ids = sendIdsOf(order);
  const groups = Map.groupBy(parts, (part) => messageOf(gate, ids[part] as SendId) as SendId);
  return [...groups].map(([message, group]) => {
    // the message's own enrolment first, as send ids are counted
    const main = ids.indexOf(message);
    const parts = group.includes(main) ? [main, ...group.filter((part) => part !== main)] : group;
    return {
      order: narrowed(order, parts, message),
      own: narrowed(order, group),
      known: gate.recent[ids[group[0] as number] as SendId] as RecentContact,
      whole: sendIdsOfMessage(gate, message).every((id) => ids.includes(id)),
    };
  });
};

/**
 * Takes an order apart (C5): what another message was reserved for is left out, and so is what its journey does not stand
 * for any more, as long as something remains. Pure.
 */
export const partsOf = (recipient: Recipient): OrderParts => {
  const { order, gate, enrolments, control } = recipient;
  const ids = sendIdsOf(order);
  const all = ids.map((_, part) => part);
  const isOpen = (part: number): boolean => {
    const contact = gate.recent[ids[part] as SendId];
    return contact === undefined || contact.owner === order.resend?.of;
  };
  const open = all.filter(isOpen);
  const reserved = reservedParts(
    recipient,
    all.filter((part) => !isOpen(part)),
  );
  if (open.length === 0) return { reserved, refused: [] };

  const refusals = new Map(
    // a death, a pause or a cancellation is about all of it
    gate.situations.includes('deceased') || control.kind !== 'go'
      ? []
      : open.flatMap((part) => {
          const reason = partRefusal(order, journeyStateOf(enrolments[part], order.step), part);
          return reason === undefined ? [] : [[part, reason] as const];
        }),
  );
  const standing = open.filter((part) => !refusals.has(part));
  // where none stands, the decision about the whole says why
  const going = standing.length === 0 ? open : standing;
  if (order.resend) {
    const known = gate.recent[order.sendId];
    const sendIds = open.map((part) => ids[part] as SendId);
    const row = rowOf(order, known);
    // it stays the message that it was, whatever it speaks of now
    const { policies } = narrowedTo(recipient, going);
    const part = { recipient: { ...recipient, policies }, sendIds, row };
    return { reserved, refused: [], open: known ? { ...part, known } : part };
  }
  const partAt = (parts: readonly number[]): OpenPart => {
    const own = narrowedTo(recipient, parts);
    return { recipient: own, sendIds: parts.map((part) => ids[part] as SendId), row: own.order.dueAt };
  };
  return {
    reserved,
    refused: going === open ? [] : [...refusals].map(([part, reason]) => ({ part: partAt([part]), reason })),
    open: partAt(going),
  };
};
