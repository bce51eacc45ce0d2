import type { SendClass } from '../customer/customer.ts';
import type { DueWork } from '../journey/due-work.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Queue } from '../platform/queue.ts';
import { DAY, type Instant, MINUTE } from '../platform/time.ts';
import type { SettlePayload } from './contract.ts';
import type { SendOrder } from './message.ts';
import { messageRow } from './message-row.ts';
import type { Timeline, TimelineKey } from './timeline-store.ts';

/** How long a Send event may take before its absence counts. SES delivers most within seconds. */
export const SETTLE_AFTER = 15 * MINUTE;

/** How often a message may go once more by rule; statutory messages may until their use-by. */
const RESENDS: Readonly<Record<SendClass, number>> = { marketing: 0, service: 1, statutory: Number.POSITIVE_INFINITY };

/**
 * Notes that a call was made (or was about to be) and nobody knows how it ended. The due work comes before the row: a
 * crash between the two leaves an order that comes again, never a row that nobody settles.
 * @param call.row `at` of the message's row; `call.owner` of the reservation it was made under
 */
export const markUnknown = async (
  { timeline, due }: { readonly timeline: Timeline; readonly due: Pick<DueWork, 'place'> },
  order: SendOrder,
  call: { readonly row: Instant; readonly owner: string; readonly now: Instant },
): Promise<void> => {
  const payload: SettlePayload = { order, row: call.row, owner: call.owner };
  const at = (call.now + SETTLE_AFTER) as Instant;
  await due.place([{ at, kind: 'settle', id: `${order.sendId}-${call.owner}`, payload }], call.now);
  await writeUnknown(timeline, payload);
};

const writeUnknown = async (timeline: Timeline, { order, row, owner }: SettlePayload): Promise<void> => {
  const key = messageRow(order, row);
  const change = { reason: 'unknown-outcome', order };
  const first = { ...change, policyIds: key.policyIds, details: { owner, resends: 0 } };
  if ((await timeline.record({ ...key, state: 'unknown', ...first })) === 'written') return;
  if ((await timeline.advance(key, 'unknown', first)) === 'advanced') return;
  const known = await timeline.get(key);
  if (known?.state !== 'unknown' || known.details?.owner === owner) return;
  // a resend ended as unknown too: from now on its reservation is the one in question
  await timeline.complete(key, { ...change, details: { owner, resends: Number(known.details?.resends ?? 0) + 1 } });
};

/** What settling did. `parked`: it stays on the list of unknown outcomes until an operator decides. */
export type SettleOutcome = { readonly kind: 'settled' | 'superseded' | 'parked' | 'resent' };

/**
 * Decides a message whose outcome stayed unknown: a Send event has settled it meanwhile, or its absence decides by
 * class. Service mail goes once more, statutory mail until its use-by, both flagged; marketing is parked, because it
 * must never go twice. Idempotent.
 * @param ports.orders the send queue of the order's class
 */
export const settleUnknown = async (
  ports: { readonly timeline: Timeline; readonly orders: Queue<SendOrder> },
  { order, row, owner }: SettlePayload,
): Promise<SettleOutcome> => {
  const key = messageRow(order, row);
  let found = await ports.timeline.get(key);
  if (found === undefined || found.state === 'held') {
    // the worker that placed this due work died before it wrote the row
    await writeUnknown(ports.timeline, { order, row, owner });
    found = await ports.timeline.get(key);
  }
  if (found?.state !== 'unknown') return { kind: 'settled' };
  if (found.details?.owner !== owner) return { kind: 'superseded' };
  if (Number(found.details?.resends ?? 0) >= RESENDS[order.sendClass]) {
    await park(ports.timeline, key);
    return { kind: 'parked' };
  }
  await ports.orders.send([{ ...order, dueAt: row, resend: { of: owner, by: 'rule' } }]);
  return { kind: 'resent' };
};

/** Leaves a message to an operator. `because`: why a resend was given up. */
export const park = async (timeline: Timeline, key: TimelineKey, because?: string): Promise<void> =>
  timeline.complete(key, { details: { parked: true, ...(because === undefined ? {} : { because }) } });

/** How long an operator's resend may take to go out, quiet hours included. */
const OPERATOR_USE_BY = DAY;

/**
 * An operator's "resend anyway" of a message whose outcome is unknown: it may arrive twice. Consent, suppression and
 * quiet hours still hold.
 * @returns `resent`, or `settled` where the row is not unknown any more
 * @throws EngagementError `not-found` where there is no such row
 */
export const resendAnyway = async (
  ports: { readonly timeline: Timeline; readonly orders: Queue<SendOrder> },
  key: TimelineKey,
  now: Instant,
): Promise<{ readonly kind: 'resent' | 'settled' }> => {
  const found = await ports.timeline.get(key);
  if (!found) throw new EngagementError('not-found', `no message ${key.id} in the timeline: reload the list`);
  const owner = found.details?.owner;
  if (found.state !== 'unknown' || found.order === undefined || typeof owner !== 'string') return { kind: 'settled' };
  const useBy = Math.max(found.order.useBy, now + OPERATOR_USE_BY) as Instant;
  await ports.orders.send([{ ...found.order, dueAt: found.at, useBy, resend: { of: owner, by: 'operator' } }]);
  return { kind: 'resent' };
};
