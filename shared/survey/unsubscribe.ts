import type { SendClass } from '../customer/customer.ts';
import type { OptOut } from '../message/opt-out.ts';
import type { Bus } from '../platform/bus.ts';
import { derivedId } from '../platform/ids.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { PAGES_SOURCE, type Unsubscribed } from './contract.ts';
import { type Invitation, invitationIdOf } from './invitation.ts';

export interface UnsubscribePorts {
  /** Stops mail to everyone at the person's address, in force at every gate when it returns (message/opt-out.ts). */
  readonly optOut: (request: OptOut) => Promise<unknown>;
  readonly bus: Bus;
}

/** The words of the page, as the consent ledger names them; raise it when their meaning changes. */
const WORDING = 'unsubscribe-page-1';

/**
 * Stops e-mail as the mail's class asks for. Effective before it returns: a send that reserves later sees the shut gate
 * (N4, F31). Any number of times is the same as once.
 */
export const unsubscribe = async (
  { optOut, bus }: UnsubscribePorts,
  invitation: Invitation & { readonly sendClass?: SendClass },
  now: Instant,
): Promise<void> => {
  const { partyId, sendClass = 'marketing' } = invitation;
  await optOut({ partyId, sendClass, wording: WORDING, source: 'unsubscribe-page', at: now });
  const detail: Unsubscribed = {
    schemaVersion: 1,
    eventId: derivedId('unsubscribed', invitationIdOf(invitation), sendClass),
    occurredAt: formatInstant(now),
    partyId,
    channel: 'email',
    sendClass,
  };
  await bus.publish([{ source: PAGES_SOURCE, detailType: 'Unsubscribed', detail, at: now }]);
};
