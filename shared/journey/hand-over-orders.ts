import type { Gate, Profile } from '../customer/customer.ts';
import type { ContactDecision } from '../message/contact-rules.ts';
import type { HoldReason, SendOrder, SkipReason } from '../message/message.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';

/** What handing over orders needs from outside. */
export interface OrderPorts {
  readonly gates: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Gate>> };
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  /** Puts each order on the queue of its class or channel. */
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
  /** Decides all messages that one person has due in a tick: statutory before service before marketing, then by priority,
   *  each seeing those before it as sent (C10). */
  readonly decideTogether: (
    orders: readonly SendOrder[],
    person: { readonly gate: Gate; readonly profile: Profile },
    now: Instant,
  ) => Promise<readonly { readonly order: SendOrder; readonly decision: ContactDecision }[]>;
  /** Ends of orders that do not go now; each writes the message's one row and may be written again. */
  readonly ends: {
    hold(order: SendOrder, row: Instant, reason: HoldReason, until: Instant): Promise<unknown>;
    skip(order: SendOrder, row: Instant, reason: SkipReason): Promise<unknown>;
  };
}

/** True where others of the same person have a say in when an order goes. A resend repeats what was decided before. */
const isShared = (orders: readonly SendOrder[]): boolean => orders.filter(({ resend }) => !resend).length > 1;

/**
 * Hands the orders of one tick to their queues. Where a person has several, they are decided together first, so that the
 * scarce contact goes to the message that matters most; what loses waits or is skipped, with its reason. A person with a
 * single order costs no read: whoever sends it decides.
 * @returns how many went to a queue
 */
export const handOverOrders = async (
  orders: readonly SendOrder[],
  ports: OrderPorts,
  now: Instant,
): Promise<{ readonly ordered: number }> => {
  const persons = [...Map.groupBy(orders, ({ partyId }) => partyId)];
  const shared = persons.filter(([, own]) => isShared(own)).map(([partyId]) => partyId);
  const [gates, profiles] =
    shared.length === 0
      ? [new Map<PartyId, Gate>(), new Map<PartyId, Profile>()]
      : await Promise.all([ports.gates.getMany(shared), ports.profiles.getMany(shared)]);

  const going: SendOrder[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  for (const [partyId, own] of persons) {
    const [gate, profile] = [gates.get(partyId), profiles.get(partyId)];
    if (!gate || !profile) {
      going.push(...own);
      continue;
    }
    going.push(...own.filter(({ resend }) => resend));
    const decided = await ports.decideTogether(
      own.filter(({ resend }) => !resend),
      { gate, profile },
      now,
    );
    for (const { order, decision } of decided) {
      const row = gate.recent[order.sendId]?.row ?? order.dueAt;
      if (decision.kind === 'send') going.push(order);
      if (decision.kind === 'hold') ends.push(() => ports.ends.hold(order, row, decision.reason, decision.until));
      if (decision.kind === 'skip') ends.push(() => ports.ends.skip(order, row, decision.reason));
    }
  }
  if (going.length > 0) await ports.orders.send(going);
  await Promise.all(ends.map((end) => end()));
  return { ordered: going.length };
};
