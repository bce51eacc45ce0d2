import type { Definitions } from '../campaign/definition-store.ts';
import { handOverOrders, type OrderPorts } from '../journey/hand-over-orders.ts';
import type { SendOrder } from '../message/message.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import type { MemberPages } from './members.ts';
import { beforeOf, broadcastStep, orderOf, type Run } from './run.ts';

export interface ArbitratePorts extends Omit<OrderPorts, 'orders'> {
  readonly definitions: Pick<Definitions, 'get'>;
  readonly audience: (run: Run) => Promise<MemberPages>;
}

/** The runs that want their messages out in the same minute as `run` and go before it. */
const rivalsOf = (run: Run, all: readonly Run[]): readonly Run[] =>
  all.filter(
    (other) =>
      other.mode === 'orders' &&
      Math.floor(other.dueAt / MINUTE) === Math.floor(run.dueAt / MINUTE) &&
      (other.campaign !== run.campaign || other.occurrence !== run.occurrence) &&
      beforeOf(other, run) < 0,
  );

/**
 * Decides the orders of a run together with what other runs of the same minute have for the same persons (C10): those
 * before it are looked upon as sent if they may be, whether they are queued yet or not, so that the scarce contact goes to
 * the message that matters most. What loses is held or skipped here, with its reason.
 * @returns the orders that go
 */
export const createArbitrate =
  (ports: ArbitratePorts) =>
  async (orders: readonly SendOrder[], run: Run, all: readonly Run[], now: Instant): Promise<readonly SendOrder[]> => {
    const others: SendOrder[] = [];
    for (const rival of rivalsOf(run, all)) {
      const pinned = await ports.definitions.get(rival.campaign, rival.definition);
      const step = broadcastStep(pinned.definition);
      if (step === undefined) continue;
      const shared = await (await ports.audience(rival)).among(
        orders.map(({ partyId }) => partyId),
        now,
      );
      others.push(...[...shared].map((partyId) => orderOf(rival, pinned, step, partyId)));
    }
    if (others.length === 0) return orders;
    const own = new Set(orders.map(({ sendId }) => sendId));
    const going: SendOrder[] = [];
    await handOverOrders(
      [...orders, ...others],
      {
        ...ports,
        orders: { send: async (sent) => void going.push(...sent.filter(({ sendId }) => own.has(sendId))) },
        concludeLost: (lost, at) =>
          ports.concludeLost(
            lost.filter(({ order }) => own.has(order.sendId)),
            at,
          ),
      },
      now,
    );
    return going;
  };
