import type { Gate, Profile } from '../customer/customer.ts';
import type { PartyId } from '../platform/ids.ts';

/** What is known of some customers, read once for all that is done about them. */
export interface People {
  readonly gates: ReadonlyMap<PartyId, Gate>;
  readonly profiles: ReadonlyMap<PartyId, Profile>;
}

export interface PeoplePorts {
  readonly gates: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Gate>> };
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
}

/** Reads customers by their ids; one that nobody knows is missing. */
export const readPeople = async (ids: Iterable<PartyId>, { gates, profiles }: PeoplePorts): Promise<People> => {
  const parties = [...new Set(ids)];
  if (parties.length === 0) return { gates: new Map(), profiles: new Map() };
  const [foundGates, foundProfiles] = await Promise.all([gates.getMany(parties), profiles.getMany(parties)]);
  return { gates: foundGates, profiles: foundProfiles };
};

/** Whether the person is known to have died. */
export const isDeceased = ({ gates }: People, partyId: PartyId): boolean =>
  gates.get(partyId)?.situations.includes('deceased') ?? false;
