import { normaliseAddress } from '../customer/address-book.ts';
import type { ConsentLedger } from '../customer/consent-ledger.ts';
import type { Profile } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import { sayOwnWord } from '../customer/own-word.ts';
import type { UnconfirmedAddress, UnconfirmedAddresses } from '../customer/unconfirmed-store.ts';
import type { PersonPorts } from '../customer/update-person.ts';
import { noteConsent } from '../message/opt-out.ts';
import type { Timeline } from '../message/timeline-store.ts';
import type { Bus } from '../platform/bus.ts';
import type { DailyLimit } from '../platform/daily-limit.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { type AddressGiven, PAGES_SOURCE } from './contract.ts';

/** What a new address needs from outside. */
export interface NewAddressPorts {
  readonly unconfirmed: UnconfirmedAddresses;
  readonly gates: Pick<Gates, 'setConsent' | 'unsuppress'>;
  readonly ledger: Pick<ConsentLedger, 'append'>;
  readonly timeline: Pick<Timeline, 'record'>;
  readonly persons: PersonPorts;
  readonly changes: Queue<ChangeMessage>;
  readonly bus: Bus;
  readonly limit: DailyLimit;
}

/** The words of the page that confirms, as the consent ledger names them. */
const WORDING = 'confirm-address-1';
const SOURCE = 'confirm-page';
/** Most mails that one person can have sent to addresses of others in a day. */
const ADDRESSES_A_DAY = 3;

const eventOf = (
  detailType: 'AddressGiven' | 'AddressConfirmed',
  { partyId, mark }: UnconfirmedAddress,
  at: Instant,
) => {
  const detail: AddressGiven = {
    schemaVersion: 1,
    eventId: derivedId(detailType, partyId, mark, at),
    occurredAt: formatInstant(at),
    partyId,
  };
  return { source: PAGES_SOURCE, detailType, detail, at } as const;
};

const rowOf = ({ partyId }: UnconfirmedAddress, at: Instant, said: 'address-given' | 'address-confirmed') =>
  ({
    partyId,
    at,
    kind: 'reaction',
    id: derivedId(said, at),
    policyIds: [],
    details: { page: 'preferences', said },
  }) as const;

/**
 * Takes a new e-mail address: it is written down, and the programme `confirm-address` sends a link to it. Until somebody
 * with access to that mailbox presses the button there, nothing else changes (double opt-in).
 * @param mark keyed hash of the address, for its link
 */
export const giveAddress = async (
  ports: NewAddressPorts,
  { profile, email, mark }: { readonly profile: Profile; readonly email: string; readonly mark: string },
  now: Instant,
): Promise<'given' | 'same' | 'too-many'> => {
  const { partyId } = profile;
  if (profile.email !== undefined && normaliseAddress(profile.email) === normaliseAddress(email)) return 'same';
  if (!(await ports.limit.take(`address-${partyId}`, ADDRESSES_A_DAY, now))) return 'too-many';
  const address: UnconfirmedAddress = { partyId, email, mark, givenAt: now };
  await ports.unconfirmed.put(address);
  await ports.timeline.record(rowOf(address, now, 'address-given'));
  await ports.bus.publish([eventOf('AddressGiven', address, now)]);
  return 'given';
};

/** What a link to confirm can do: `outdated` where a newer address was given since, or none is known any more. */
export type AddressToConfirm =
  | { readonly kind: 'open' | 'confirmed'; readonly address: UnconfirmedAddress }
  | { readonly kind: 'outdated' };

/** Finds the address that a link names. */
export const addressToConfirm = async (
  { unconfirmed }: Pick<NewAddressPorts, 'unconfirmed'>,
  partyId: PartyId,
  mark: string | undefined,
): Promise<AddressToConfirm> => {
  const address = (await unconfirmed.getMany([partyId])).get(partyId);
  if (address === undefined || address.mark !== mark) return { kind: 'outdated' };
  return { kind: address.confirmedAt === undefined ? 'open' : 'confirmed', address };
};

/**
 * Makes the address the customer's, as their own word: no import undoes it. What shut the old mailbox says nothing of the
 * new one; that the new one may be written to about contracts is noted with the words of the page. The gate changes after
 * the profile, so that a send that read the old address does not get its reservation (F43). Idempotent.
 */
export const confirmAddress = async (
  ports: NewAddressPorts,
  address: UnconfirmedAddress,
  now: Instant,
): Promise<void> => {
  const { partyId, email } = address;
  await sayOwnWord(ports.persons, partyId, { email }, now);
  await ports.gates.unsuppress(partyId, 'email');
  await noteConsent(ports, {
    partyId,
    channel: 'email',
    purpose: 'service',
    given: true,
    wording: WORDING,
    source: SOURCE,
    at: now,
    who: 'customer',
  });
  await ports.timeline.record(rowOf(address, now, 'address-confirmed'));
  await ports.changes.send([{ kind: 'party', partyId, because: 'page:address-confirmed' }]);
  await ports.bus.publish([eventOf('AddressConfirmed', address, now)]);
  // last: what a crash leaves undone is done again by the next press
  await ports.unconfirmed.confirm(address, now);
};
