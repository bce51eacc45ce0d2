import type { Gate, Profile } from '../customer/customer.ts';
import type { LostOrder, PersonVerdict } from '../message/decide-person.ts';
import type { SendOrder } from '../message/message.ts';
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
  ) => Promise<readonly PersonVerdict[]>;
  /** Ends those that do not go now: keeps their decisions and writes their rows; may be done again. */
  readonly concludeLost: (lost: readonly LostOrder[], now: Instant) => Promise<void>;
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
  const lost: LostOrder[] = [];
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
    for (const { decision, ...asked } of decided)
      if (decision.kind === 'send') going.push(asked.order);
      else lost.push({ ...asked, decision, row: gate.recent[asked.order.sendId]?.row ?? asked.order.dueAt });
  }
  if (going.length > 0) await ports.orders.send(going);
  await ports.concludeLost(lost, now);
  return { ordered: going.length };
};
