import type { Bus } from '../platform/bus.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { PAGES_SOURCE, type Unsubscribed } from './contract.ts';
import { type Invitation, invitationIdOf } from './invitation.ts';

export interface UnsubscribePorts {
  /** Shuts marketing mail for everyone at the party's address, in each gate, before it returns (shared/message/opt-out). */
  readonly optOut: (partyId: PartyId, at: Instant) => Promise<void>;
  readonly bus: Bus;
}

/**
 * Stops marketing mail. Effective before it returns: a send that reserves later sees the shut gate (N4, F31).
 * Any number of times is the same as once.
 */
export const unsubscribe = async (
  { optOut, bus }: UnsubscribePorts,
  invitation: Invitation,
  now: Instant,
): Promise<void> => {
  const { partyId } = invitation;
  await optOut(partyId, now);
  const detail: Unsubscribed = {
    schemaVersion: 1,
    eventId: derivedId('unsubscribed', invitationIdOf(invitation)),
    occurredAt: formatInstant(now),
    partyId,
    channel: 'email',
    purpose: 'marketing',
  };
  await bus.publish([{ source: PAGES_SOURCE, detailType: 'Unsubscribed', detail, at: now }]);
};
