import type { Channel, Gate, SendClass } from './customer.ts';

/** Why a channel is shut to messages of a class until the person, or a new address, opens it. */
export type ClosedReason = 'suppressed' | 'opted-out' | 'no-consent';

/**
 * Why `channel` is shut to messages of a class, or undefined where it is open: suppression first, then consent. What
 * passes with time (quiet hours, caps, a complaint) is not asked here.
 *
 * A dead mailbox is shut for statutory messages too, because they would not arrive: the journey has another channel.
 * After soft bounces only, they are tried all the same. Whoever refused service on a channel refused advertising with
 * it; consent whose wording nobody can show is good for service only (product.md D1).
 * @param gate undefined where the person has none: nothing was asked, nothing is shut
 */
export const closedFor = (
  gate: Pick<Gate, 'consent' | 'suppressed'> | undefined,
  channel: Channel,
  sendClass: SendClass,
): ClosedReason | undefined => {
  const suppressed = gate?.suppressed[channel];
  if (suppressed !== undefined && !(suppressed === 'soft-bounces' && sendClass === 'statutory')) return 'suppressed';
  if (sendClass === 'statutory') return undefined;
  if (gate?.consent[`${channel}/service`]?.given === false) return 'opted-out';
  if (sendClass === 'service') return undefined;
  const marketing = gate?.consent[`${channel}/marketing`];
  if (marketing?.given === false) return 'opted-out';
  return marketing === undefined || marketing.wording === 'legacy-unproven' ? 'no-consent' : undefined;
};
