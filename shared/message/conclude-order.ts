import type { DueWork } from '../journey/due-work.ts';
import type { Instant } from '../platform/time.ts';
import type { FailReason, HoldReason, MessageState, SendOrder, SkipReason } from './message.ts';
import { messageRow } from './message-row.ts';
import type { SendOutcome } from './send-ports.ts';
import type { Timeline, TimelineChange } from './timeline-store.ts';
import { park } from './unknown-outcome.ts';

/** How an order ends; each end writes the message's one row, and may be written again. */
export interface Conclusions {
  accepted(order: SendOrder, row: Instant, messageId: string, more: TimelineChange): Promise<SendOutcome>;
  hold(order: SendOrder, row: Instant, reason: HoldReason, until: Instant): Promise<SendOutcome>;
  skip(order: SendOrder, row: Instant, reason: SkipReason): Promise<SendOutcome>;
  fail(order: SendOrder, row: Instant, reason: FailReason, detail: string): Promise<SendOutcome>;
}

/** Ends of orders over the timeline and the due work. */
export const createConclusions = (ports: {
  readonly timeline: Timeline;
  readonly due: Pick<DueWork, 'place'>;
  readonly clock: () => Instant;
}): Conclusions => {
  const { timeline, due, clock } = ports;

  /** @returns whether the row stands in `state` now, rather than in one that it had reached already */
  const write = async (
    order: SendOrder,
    row: Instant,
    state: MessageState,
    change: TimelineChange,
  ): Promise<boolean> => {
    const entry = { ...messageRow(order, row), state, ...change };
    if ((await timeline.record(entry)) === 'written') return true;
    return (await timeline.advance(entry, state, change)) === 'advanced';
  };

  return {
    async accepted(order, row, messageId, { details, ...more }) {
      const change: TimelineChange = {
        ...more,
        details: { ...details, messageId, acceptedAt: clock() },
      };
      // an event of the mail wrote the row before us: it knows less than we do
      if (!(await write(order, row, 'accepted', change)))
        await timeline.complete(messageRow(order, row), { ...change, policyIds: messageRow(order, row).policyIds });
      return { kind: 'sent', messageId };
    },

    async hold(order, row, reason, until) {
      const id = order.resend ? `${order.sendId}-${order.resend.of}` : order.sendId;
      await due.place([{ at: until, kind: 'order', id, payload: order }], clock());
      // a held resend leaves the row as it is: unknown
      if (order.resend) return { kind: 'held', reason, until };
      const change = { reason, details: { until } };
      if (!(await write(order, row, 'held', change)) && (await timeline.get(messageRow(order, row)))?.state === 'held')
        await timeline.complete(messageRow(order, row), change);
      return { kind: 'held', reason, until };
    },

    async skip(order, row, reason) {
      // a resend that may not go leaves the first call's outcome as unknown as it was
      if (order.resend) await park(timeline, messageRow(order, row), reason);
      else await write(order, row, 'skipped', { reason, details: { decidedAt: clock() } });
      return { kind: 'skipped', reason };
    },

    async fail(order, row, reason, detail) {
      if (order.resend) await park(timeline, messageRow(order, row), reason);
      else await write(order, row, 'failed', { reason, details: { detail, failedAt: clock() } });
      return { kind: 'failed', reason };
    },
  };
};
