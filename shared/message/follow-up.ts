import { EngagementError } from '../platform/errors.ts';
import { messageRow } from './message-row.ts';
import { type ReservedPart, rowOf } from './order-parts.ts';
import type { SendOutcome, SendPorts } from './send-ports.ts';
import type { Timeline, TimelineKey } from './timeline-store.ts';
import { markUnknown } from './unknown-outcome.ts';

/** An order that was held for itself has a row of its own; the message that went in its place has another. */
const closeRow = async (timeline: Timeline, row: TimelineKey, message: string): Promise<void> => {
  if ((await timeline.get(row))?.state === 'held')
    await timeline.advance(row, 'skipped', { reason: 'merged', details: { message } });
};

/**
 * Follows up an order whose message another owner has reserved: done, being done, or of unknown outcome.
 * @throws EngagementError `conflict` (retryable) while the other owner may still be at work, and while an order that names
 *   only a part of the message waits for the one that names all of it
 */
export const followUp = async (
  ports: Pick<SendPorts, 'timeline' | 'due' | 'clock'>,
  { order, own, known, whole }: ReservedPart,
): Promise<SendOutcome> => {
  const row = rowOf(order, known);
  const key = messageRow(order, row);
  const found = await ports.timeline.get(key);
  const open = found === undefined || found.state === 'held' || found.state === 'unknown';
  if (!open || (found?.state === 'unknown' && found.details?.owner === known.owner)) {
    // written by an event of the mail, whose tags hold only so many
    if (found && whole && !found.details?.leftOut && found.policyIds.length < key.policyIds.length)
      await ports.timeline.complete(key, { policyIds: key.policyIds });
    const other = messageRow(own, own.dueAt);
    if (other.id !== key.id || other.at !== key.at) await closeRow(ports.timeline, other, order.sendId);
    return { kind: 'done' };
  }
  const now = ports.clock();
  const wait = (why: string): EngagementError =>
    new EngagementError('conflict', `message ${order.sendId} ${why}`, { retryable: true });
  if (now < known.leaseUntil) throw wait('is at another worker: wait for its lease');
  if (!whole) throw wait('serves more than this order names: wait for the one that names all of it');
  await markUnknown(ports, order, { row, owner: known.owner, now });
  return { kind: 'unknown' };
};
