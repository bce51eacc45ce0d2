import type { PartyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { JoinedRecord, PersonData } from './record.ts';
import { OWN_WORD } from './record.ts';
import { type PersonPorts, updatePerson, type Writes } from './update-person.ts';

/** What a person may say about themselves without anybody looking at it. */
export type OwnWord = Partial<Pick<PersonData, 'locale' | 'email'>>;

/** Above every mapping's: what the customer said stands whatever a department's file says later (ADR 0033). */
const AUTHORITY = 1_000_000;

/**
 * Notes what the customer said on a page of ours. It outranks every source, so that a later import does not undo it; a
 * later word of the customer replaces it. Safe to repeat.
 * @returns `unknown` where there is no such person
 */
export const sayOwnWord = async (
  ports: PersonPorts,
  partyId: PartyId,
  said: OwnWord,
  now: Instant,
): Promise<'changed' | 'same' | 'unknown'> => {
  const before = (await ports.profiles.persons([partyId])).get(partyId);
  if (before === undefined) return 'unknown';
  const records = Object.entries(said).map(
    // a record for each field, so that two of them said at once both stand
    ([field, value]): JoinedRecord => ({
      source: OWN_WORD,
      key: field,
      scope: before.profile.scope,
      asOf: now,
      knownFrom: now,
      authority: AUTHORITY,
      data: { [field]: value },
      consents: [],
      joinedBy: 'own-word',
      joinedAt: now,
    }),
  );
  const writes: Writes = { puts: [], deletes: [] };
  const outcome = await updatePerson(ports, partyId, records, now, writes, { before, isUnfinished: true });
  await ports.table.writeMany(writes.puts, writes.deletes);
  return outcome;
};
