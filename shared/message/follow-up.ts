import { EngagementError } from '../platform/errors.ts';
import { messageRow } from './message-row.ts';
import { type ReservedPart, rowOf } from './order-parts.ts';
import type { SendOutcome, SendPorts } from './send-ports.ts';
import { markUnknown } from './unknown-outcome.ts';

/**
 * Follows up an order whose message another owner has reserved: done, being done, or of unknown outcome.
 * @throws EngagementError `conflict` (retryable) while the other owner may still be at work, and while an order that names
 *   only a part of the message waits for the one that names all of it
 */
export const followUp = async (
  ports: Pick<SendPorts, 'timeline' | 'due' | 'clock'>,
  { order, known, whole }: ReservedPart,
): Promise<SendOutcome> => {
  const row = rowOf(order, known);
  const key = messageRow(order, row);
  const found = await ports.timeline.get(key);
  const open = found === undefined || found.state === 'held' || found.state === 'unknown';
  if (!open || (found?.state === 'unknown' && found.details?.owner === known.owner)) {
    // written by an event of the mail, whose tags hold only so many
    if (found && whole && found.policyIds.length < key.policyIds.length)
      await ports.timeline.complete(key, { policyIds: key.policyIds });
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
