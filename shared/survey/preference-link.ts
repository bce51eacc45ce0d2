import { type AddressBook, addressHash } from '../customer/address-book.ts';
import type { Bus } from '../platform/bus.ts';
import type { DailyLimit } from '../platform/daily-limit.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Table } from '../platform/table.ts';
import { DAY, formatInstant, type Instant } from '../platform/time.ts';
import { PAGES_SOURCE, type PreferenceLinkAsked } from './contract.ts';

/** Addresses for which somebody asked for a link, for two days: the event bears the keyed hash only. */
export interface AskedAddresses {
  /** @param mark keyed hash of the address */
  note(mark: string, email: string, now: Instant): Promise<void>;
  /** By what the address book knows the address; undefined where nobody asked. */
  find(mark: string): Promise<string | undefined>;
}

/** Addresses over the table: `ASK#<mark>` / `ADDRESS`. */
export const createAskedAddresses = (table: Table): AskedAddresses => {
  const keyOf = (mark: string) => ({ pk: `ASK#${mark}`, sk: 'ADDRESS' });
  return {
    async note(mark, email, now) {
      const expiresAt = Math.ceil((now + 2 * DAY) / 1_000);
      const hash = addressHash(email);
      await table.put({ ...keyOf(mark), entity: 'AskedAddress', schemaVersion: 1, hash, expiresAt });
    },

    async find(mark) {
      return (await table.get(keyOf(mark), { consistent: true }))?.hash as string | undefined;
    },
  };
};

export interface AskLinkPorts {
  readonly asked: Pick<AskedAddresses, 'note'>;
  readonly limit: DailyLimit;
  readonly bus: Bus;
}

/** Most links for one address in a day. */
const LINKS_A_DAY = 3;
/** Most asked for from one network address in a day: an office or a mobile network shares one. */
const ASKED_FROM_ONE = 30;
/** Most links that go to one mailbox at once; what they change, counts for everyone there. */
const LINKS_A_MAILBOX = 3;

/**
 * Somebody asks for the link to their preferences. Whether we know the address is not looked at here: the same reads,
 * writes and one event in both cases, so that neither answer nor time tells (S29).
 * @param request.from keyed hash of the network address that asks
 */
export const askForLink = async (
  ports: AskLinkPorts,
  request: { readonly email: string; readonly mark: string; readonly from: string },
  now: Instant,
): Promise<void> => {
  const { email, mark, from } = request;
  const allowed = [
    await ports.limit.take(`from-${from}`, ASKED_FROM_ONE, now),
    await ports.limit.take(`link-${mark}`, LINKS_A_DAY, now),
  ];
  if (allowed.includes(false)) return;
  await ports.asked.note(mark, email, now);
  const detail: PreferenceLinkAsked = {
    schemaVersion: 1,
    eventId: derivedId('preference-link-asked', mark, now),
    occurredAt: formatInstant(now),
    address: mark,
  };
  await ports.bus.publish([{ source: PAGES_SOURCE, detailType: 'PreferenceLinkAsked', detail, at: now }]);
};

/** Who gets a link: those whose address it is. */
export const whoAsked = async (
  {
    asked,
    addressBook,
  }: { readonly asked: Pick<AskedAddresses, 'find'>; readonly addressBook: Pick<AddressBook, 'partiesAtHash'> },
  { address }: Pick<PreferenceLinkAsked, 'address'>,
): Promise<readonly PartyId[]> => {
  const hash = await asked.find(address);
  const there = hash === undefined ? [] : await addressBook.partiesAtHash(hash);
  return [...there].sort().slice(0, LINKS_A_MAILBOX);
};
