import { createHash } from 'node:crypto';
import type { PartyId } from '../platform/ids.ts';
import { type Item, itemKey, queryAll, type Table } from '../platform/table.ts';
import type { ConsentState, Purpose } from './customer.ts';

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
  /** The same by `addressHash`. */
  partiesAtHash(hash: string): Promise<readonly PartyId[]>;
  /** Notes that somebody at the address refused mail for `purposes`, for those who come to it later (F43). Call it before
   *  asking who is there: whoever comes in between sees it. */
  refuse(address: string, purposes: readonly Purpose[], said: Pick<ConsentState, 'wording' | 'at'>): Promise<void>;
  /** What was refused at these addresses, strongly consistent, by the address as given. */
  refusalsAt(addresses: readonly string[]): Promise<ReadonlyMap<string, readonly Refusal[]>>;
}

/** What somebody at an address refused. */
export interface Refusal {
  readonly purpose: Purpose;
  readonly state: ConsentState;
}

const PURPOSES: readonly Purpose[] = ['service', 'marketing'];
const REFUSED = 'REFUSED';

/** Mailboxes are compared without case and surrounding space: two spellings of one mailbox must not escape an opt-out,
 *  and no provider of note tells them apart. */
export const normaliseAddress = (address: string): string => address.trim().normalize('NFC').toLowerCase();

/** By what an address is known in the table. Whoever guesses the address can compute it: never outside the table. */
export const addressHash = (address: string): string =>
  createHash('sha256').update(normaliseAddress(address)).digest('base64url');

const pkOf = (address: string): string => `ADDR#${addressHash(address)}`;

const toItem = (address: string, partyId: PartyId): Item => ({
  pk: pkOf(address),
  sk: partyId,
  entity: 'AddressLink',
  schemaVersion: 1,
});

/** The address book over the table: one item per address and party, the address itself only as a hash. */
export const createAddressBook = (table: Table): AddressBook => {
  const partiesUnder = async (pk: string): Promise<readonly PartyId[]> => {
    const parties: PartyId[] = [];
    for await (const item of queryAll(table, { pk, consistent: true }))
      if (item.sk !== REFUSED) parties.push(item.sk as PartyId);
    return parties;
  };
  return {
    async link(address, partyId) {
      await table.put(toItem(address, partyId));
    },

    linkMany: (links) => table.writeMany(links.map(({ address, partyId }) => toItem(address, partyId))),

    async unlink(address, partyId) {
      await table.remove({ pk: pkOf(address), sk: partyId });
    },

    partiesAt: (address) => partiesUnder(pkOf(address)),

    partiesAtHash: (hash) => partiesUnder(`ADDR#${hash}`),

    async refuse(address, purposes, { wording, at }) {
      await table.update(
        { pk: pkOf(address), sk: REFUSED },
        {
          set: [
            { path: ['entity'], value: 'AddressRefusal' },
            { path: ['schemaVersion'], value: 1 },
            ...purposes.map((purpose) => ({ path: [purpose] as const, value: { given: false, wording, at } })),
          ],
        },
      );
    },

    async refusalsAt(addresses) {
      const items = await table.getMany(
        [...new Set(addresses.map(pkOf))].map((pk) => ({ pk, sk: REFUSED })),
        { consistent: true },
      );
      return new Map(
        addresses.map((address) => {
          const item = items.get(itemKey({ pk: pkOf(address), sk: REFUSED }));
          const refused = PURPOSES.flatMap((purpose) =>
            item?.[purpose] === undefined ? [] : [{ purpose, state: item[purpose] as ConsentState }],
          );
          return [address, refused];
        }),
      );
    },
  };
};
