import type { JourneyMessage } from '../journey/contract.ts';
import type { DueItem, DueWork } from '../journey/due-work.ts';
import type { Shelving } from '../journey/shelf.ts';
import { derivedId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { FailReason, HoldReason, MessageState, Proof, SendOrder, SkipReason } from './message.ts';
import { messageRow } from './message-row.ts';
import { narrowed, sendIdsOf } from './send-ids.ts';
import type { SendOutcome } from './send-ports.ts';
import type { Timeline, TimelineChange } from './timeline-store.ts';
import { park } from './unknown-outcome.ts';

/** Why an order lies on its campaign's shelf, and where in the house that was said. */
export interface Shelved {
  readonly reason: 'paused' | 'stopped';
  readonly scope: string;
}

/** How an order ends; each end writes the message's one row, and may be written again. `trace`: the decision. */
export interface Conclusions {
  accepted(order: SendOrder, row: Instant, messageId: string, more: TimelineChange): Promise<SendOutcome>;
  /** Decided again at `until`. */
  hold(order: SendOrder, row: Instant, reason: HoldReason, until: Instant, trace?: Proof): Promise<SendOutcome>;
  /** Decided again once somebody resumes the campaign or releases the stop. */
  shelve(order: SendOrder, row: Instant, shelved: Shelved, trace?: Proof): Promise<SendOutcome>;
  skip(order: SendOrder, row: Instant, reason: SkipReason, trace?: Proof): Promise<SendOutcome>;
  /** The journeys hear of it: a step whose message failed for good may have a branch of its own. */
  fail(order: SendOrder, row: Instant, reason: FailReason, detail: string, trace?: Proof): Promise<SendOutcome>;
}

/** What journeys are told of a message that failed for good; nothing of a broadcast, which has none. */
export const stepFailures = (
  { enrolments, step, broadcast }: Pick<SendOrder, 'enrolments' | 'step' | 'broadcast'>,
  because: string,
): JourneyMessage[] => (broadcast ? [] : enrolments.map((ref) => ({ kind: 'step-failed', ref, step, because })));

/** Ends of orders over the timeline, the due work, the shelf and the journeys. */
export const createConclusions = (ports: {
  readonly timeline: Timeline;
  readonly due: Pick<DueWork, 'place'>;
  readonly shelf: Shelving;
  readonly changes: Pick<Queue<JourneyMessage>, 'send'>;
  readonly clock: () => Instant;
}): Conclusions => {
  const { timeline, due, shelf, changes, clock } = ports;

  /** @returns whether the row stands in `state` now, rather than in one that it had reached already */
  const write = async (
    order: SendOrder,
    row: Instant,
    state: MessageState,
    change: TimelineChange,
  ): Promise<boolean> => {
    const entry = { ...messageRow(order, row), state, ...change };
    if ((await timeline.record(entry)) === 'written') return true;
    // when it was held it may have been about more policies
    return (await timeline.advance(entry, state, { ...change, policyIds: entry.policyIds })) === 'advanced';
  };

  /**
   * Says why a message was not sent, of each policy in a row of its own: another order for one of them alone may still
   * go, and takes the row that bears its id for the message that it became.
   */
  const writeSkipped = async (order: SendOrder, row: Instant, change: TimelineChange): Promise<void> => {
    const [main, ...others] =
      order.enrolments.length === 1 ? [order] : order.enrolments.map((_, n) => narrowed(order, [n]));
    // where each would stand by itself: it may have been held there
    for (const own of others) await write(own, own.dueAt, 'skipped', change);
    // last: it is what keeps a repeat of the order from coming here again (soak, seed 1903)
    await write(main ?? order, row, 'skipped', change);
  };

  /**
   * Says that a message failed. Another order for the first of several policies may have said it of that one: the
   * others get a row of their own, so that none is without a reason.
   */
  const writeFailed = async (order: SendOrder, row: Instant, change: TimelineChange): Promise<void> => {
    if (await write(order, row, 'failed', change)) return;
    if (order.enrolments.length === 1) return;
    const told = new Set<string | undefined>((await timeline.get(messageRow(order, row)))?.policyIds);
    const rest = order.enrolments.flatMap(({ policyId }, part) => (told.has(policyId) ? [] : [part]));
    if (rest.length === 0 || rest.length === order.enrolments.length) return;
    const own = narrowed(order, rest);
    // where it would stand by itself: it may have been held there
    await writeFailed(own, own.dueAt, change);
  };

  const itemOf = (order: SendOrder, at: Instant): DueItem => ({
    at,
    kind: 'order',
    id: [
      order.sendId,
      ...(order.enrolments.length > 1 ? [derivedId(...sendIdsOf(order))] : []),
      ...(order.resend ? [order.resend.of] : []),
    ].join('-'),
    payload: order,
  });

  const writeHeld = async (order: SendOrder, row: Instant, change: TimelineChange): Promise<void> => {
    // a held resend leaves the row as it is: unknown
    if (order.resend || (await write(order, row, 'held', change))) return;
    if ((await timeline.get(messageRow(order, row)))?.state === 'held')
      await timeline.complete(messageRow(order, row), change);
  };

  const traced = (trace: Proof | undefined): Pick<TimelineChange, 'trace'> => (trace ? { trace } : {});

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

    async hold(order, row, reason, until, trace) {
      // first the row: it would stay held for ever if the order came due, and went with another message, before it
      await writeHeld(order, row, { reason, details: { until }, ...traced(trace) });
      await due.place([itemOf(order, until)], clock());
      return { kind: 'held', reason, until };
    },

    async shelve(order, row, { reason, scope }, trace) {
      await writeHeld(order, row, { reason, ...traced(trace) });
      // at its own instant, so that laid down twice it lies there once
      await shelf.lay(order.campaign, [itemOf(order, order.dueAt)], scope);
      return { kind: 'held', reason };
    },

    async skip(order, row, reason, trace) {
      // a resend that may not go leaves the first call's outcome as unknown as it was
      if (order.resend) await park(timeline, messageRow(order, row), reason);
      else await writeSkipped(order, row, { reason, details: { decidedAt: clock() }, ...traced(trace) });
      return { kind: 'skipped', reason };
    },

    async fail(order, row, reason, detail, trace) {
      if (order.resend) await park(timeline, messageRow(order, row), reason);
      else {
        // before the row: it is what keeps a repeat of the order from coming here again
        const failures = stepFailures(order, reason);
        if (failures.length > 0) await changes.send(failures);
        await writeFailed(order, row, { reason, details: { detail, failedAt: clock() }, ...traced(trace) });
      }
      return { kind: 'failed', reason };
    },
  };
};
