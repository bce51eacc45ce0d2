import { createHash } from 'node:crypto';
import type { PartyId } from '../platform/ids.ts';
import { type Item, queryAll, type Table } from '../platform/table.ts';

/** Everyone at an e-mail address: an opt-out or a dead mailbox concerns the address, not one record of a person. */
export interface AddressBook {
  /** Notes that the party's mail goes to `address`; again is no change. Call it before the profile is written. */
  link(address: string, partyId: PartyId): Promise<void>;
  /** The same for many at once. */
  linkMany(links: readonly { readonly address: string; readonly partyId: PartyId }[]): Promise<void>;
  /** The party's mail goes there no more. */
  unlink(address: string, partyId: PartyId): Promise<void>;
  /** Strongly consistent, in no particular order. */
  partiesAt(address: string): Promise<readonly PartyId[]>;
}

/** Mailboxes are compared without case and surrounding space: two spellings of one mailbox must not escape an opt-out,
 *  and no provider of note tells them apart. */
export const normaliseAddress = (address: string): string => address.trim().normalize('NFC').toLowerCase();

const pkOf = (address: string): string =>
  `ADDR#${createHash('sha256').update(normaliseAddress(address)).digest('base64url')}`;

const toItem = (address: string, partyId: PartyId): Item => ({
  pk: pkOf(address),
  sk: partyId,
  entity: 'AddressLink',
  schemaVersion: 1,
});

/** The address book over the table: one item per address and party, the address itself only as a hash. */
export const createAddressBook = (table: Table): AddressBook => ({
  async link(address, partyId) {
    await table.put(toItem(address, partyId));
  },

  linkMany: (links) => table.writeMany(links.map(({ address, partyId }) => toItem(address, partyId))),

  async unlink(address, partyId) {
    await table.remove({ pk: pkOf(address), sk: partyId });
  },

  async partiesAt(address) {
    const parties: PartyId[] = [];
    for await (const item of queryAll(table, { pk: pkOf(address), consistent: true })) parties.push(item.sk as PartyId);
    return parties;
  },
});
