import type { PartyId } from '../platform/ids.ts';
import type { MatchKey } from './match-key.ts';
import type { KeyHash } from './match-key-store.ts';
import type { JoinReason, PersonRecord } from './record.ts';

/** A match key of a record with its stored form. */
export interface HashedKey {
  readonly kind: MatchKey['kind'];
  readonly hash: KeyHash;
}

/** Where a record belongs by what is known of its keys. */
export type Placement =
  /** All its keys that anybody has lead to this party. */
  | { readonly kind: 'join'; readonly partyId: PartyId; readonly reason: JoinReason }
  /** Nobody has any of its keys. */
  | { readonly kind: 'new' }
  /** Its keys lead to different people: it joins none of them. */
  | { readonly kind: 'unclear'; readonly candidates: readonly PartyId[] };

/**
 * Decides where a record that no party holds yet belongs (ADR 0032). A number that a source states and the exact keys
 * count alike: where two of them disagree, no order of trust is guessed.
 * @param stated parties of the numbers in other sources that the record states
 * @param holders the party of each key that somebody has
 */
export const placeRecord = (
  keys: readonly HashedKey[],
  stated: readonly PartyId[],
  holders: ReadonlyMap<KeyHash, PartyId>,
): Placement => {
  const found: { readonly partyId: PartyId; readonly reason: JoinReason }[] = [
    ...stated.map((partyId) => ({ partyId, reason: 'number' as const })),
    ...keys.flatMap(({ kind, hash }) => {
      const partyId = holders.get(hash);
      return partyId === undefined ? [] : [{ partyId, reason: kind }];
    }),
  ];
  const [first] = found;
  if (first === undefined) return { kind: 'new' };
  const candidates = [...new Set(found.map(({ partyId }) => partyId))];
  return candidates.length === 1 ? { kind: 'join', ...first } : { kind: 'unclear', candidates };
};

/** A text that is equal for records that say the same. The as-of day is not part of it: the same said again later is
 *  nothing new, and files without such a day would change with every import. */
export const recordContent = ({
  scope,
  knownFrom,
  authority,
  data,
  consents,
  nationalId,
  sameAs,
}: PersonRecord): string => JSON.stringify([scope, knownFrom, authority, data, consents, nationalId ?? null, sameAs]);

/** Of several versions of the same record in one batch the latest stands, the earlier ones are history. */
export const latestVersions = <Entry extends { readonly record: PersonRecord }>(entries: readonly Entry[]): Entry[] => {
  const latest = new Map<string, Entry>();
  for (const entry of entries) {
    const name = `${entry.record.source}\n${entry.record.key}`;
    const known = latest.get(name);
    if (!known || entry.record.asOf >= known.record.asOf) latest.set(name, entry);
  }
  return [...latest.values()];
};
