import { createHmac } from 'node:crypto';
import { type PartyId, randomToken } from '../platform/ids.ts';
import { itemKey, type Key, type Table } from '../platform/table.ts';
import type { MatchKey } from './match-key.ts';

/** A match key as stored: keyed hash, so that nobody finds out from the table whether a given person is a customer. */
export type KeyHash = string & { readonly __brand: 'KeyHash' };

/** Which party shows which key first: `X#<kind>#<hash>` / `PARTY`. */
export interface MatchKeys {
  hash(key: MatchKey): KeyHash;
  /** Read strongly. */
  getMany(hashes: readonly KeyHash[]): Promise<Map<KeyHash, PartyId>>;
  /** Puts the key for `partyId` unless another has it. @returns who has it now: of two workers both get the same answer */
  claim(hash: KeyHash, partyId: PartyId): Promise<PartyId>;
  /** Gives the key to another party where it still is `from`'s. */
  hand(hash: KeyHash, from: PartyId, to: PartyId): Promise<void>;
}

const SECRET: Key = { pk: 'X#SECRET', sk: 'SECRET' };
const keyOf = (hash: KeyHash): Key => ({ pk: `X#${hash}`, sk: 'PARTY' });

const secretOf = async (table: Table): Promise<string> => {
  const stored = await table.get(SECRET, { consistent: true });
  if (stored) return stored.secret as string;
  const drawn = randomToken(32);
  const outcome = await table.put({ ...SECRET, entity: 'MatchSecret', schemaVersion: 1, secret: drawn }, [
    { path: ['pk'], absent: true },
  ]);
  return outcome.kind === 'written' ? drawn : secretOf(table);
};

/** Match keys over the table; draws the table's hash key at the first use ever. */
export const createMatchKeys = async (table: Table): Promise<MatchKeys> => {
  const secret = await secretOf(table);
  return {
    hash: ({ kind, parts }) =>
      `${kind}#${createHmac('sha256', secret)
        .update(JSON.stringify([kind, ...parts]))
        .digest('base64url')}` as KeyHash,

    async getMany(hashes) {
      const items = await table.getMany(hashes.map(keyOf), { consistent: true });
      const found = new Map<KeyHash, PartyId>();
      for (const hash of hashes) {
        const item = items.get(itemKey(keyOf(hash)));
        if (item) found.set(hash, item.partyId as PartyId);
      }
      return found;
    },

    async claim(hash, partyId) {
      const item = { ...keyOf(hash), entity: 'MatchKey', schemaVersion: 1, partyId };
      const outcome = await table.put(item, [{ path: ['pk'], absent: true }]);
      if (outcome.kind === 'written') return partyId;
      const standing = await table.get(keyOf(hash), { consistent: true });
      return (standing?.partyId as PartyId | undefined) ?? partyId;
    },

    async hand(hash, from, to) {
      await table.update(keyOf(hash), { set: [{ path: ['partyId'], value: to }] }, [{ path: ['partyId'], is: from }]);
    },
  };
};
