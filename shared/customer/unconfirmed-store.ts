import type { PartyId } from '../platform/ids.ts';
import { itemKey, type Key, type Table } from '../platform/table.ts';
import { DAY, type Instant } from '../platform/time.ts';

/** How long a new address waits to be confirmed; its link works as long. */
export const CONFIRM_DAYS = 7;

/** An e-mail address that a customer gave on a page and that nobody has confirmed yet. */
export interface UnconfirmedAddress {
  readonly partyId: PartyId;
  readonly email: string;
  /** Names the address in its link without telling it: an older link does not confirm a newer address. */
  readonly mark: string;
  readonly givenAt: Instant;
  /** Set once it is the customer's address. */
  readonly confirmedAt?: Instant;
}

/** The new address of each person, at most one: the latest that was given. */
export interface UnconfirmedAddresses {
  /** Strong. */
  getMany(ids: readonly PartyId[]): Promise<Map<PartyId, UnconfirmedAddress>>;
  /** Replaces one given before. */
  put(address: UnconfirmedAddress): Promise<void>;
  /** Notes that it was confirmed, unless a newer one stands. */
  confirm(address: UnconfirmedAddress, at: Instant): Promise<void>;
}

const keyOf = (partyId: PartyId): Key => ({ pk: `C#${partyId}`, sk: 'UNCONFIRMED' });

/** Unconfirmed addresses over the table: `C#<partyId>` / `UNCONFIRMED`. Forgotten a day after their link expired. */
export const createUnconfirmedAddresses = (table: Table): UnconfirmedAddresses => ({
  async getMany(ids) {
    const items = await table.getMany(ids.map(keyOf), { consistent: true });
    const found = new Map<PartyId, UnconfirmedAddress>();
    for (const id of ids) {
      const item = items.get(itemKey(keyOf(id)));
      if (item) found.set(id, item.address as UnconfirmedAddress);
    }
    return found;
  },

  async put(address) {
    const expiresAt = Math.ceil((address.givenAt + (CONFIRM_DAYS + 1) * DAY) / 1_000);
    const { mark } = address;
    await table.put({
      ...keyOf(address.partyId),
      entity: 'UnconfirmedAddress',
      schemaVersion: 1,
      address,
      mark,
      expiresAt,
    });
  },

  async confirm({ partyId, mark }, at) {
    await table.update(keyOf(partyId), { set: [{ path: ['address', 'confirmedAt'], value: at }] }, [
      { path: ['mark'], is: mark },
    ]);
  },
});
