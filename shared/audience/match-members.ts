import type { CustomerNumbers } from '../customer/customer-numbers.ts';
import type { Profiles } from '../customer/profile-store.ts';
import type { PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { PolicyFacts } from '../policy/facts-store.ts';
import type { Policies } from '../policy/policy-store.ts';

/** Where the people behind numbers are found. */
export interface MatchPorts {
  readonly numbers: CustomerNumbers;
  readonly facts: Pick<PolicyFacts, 'byNumber'>;
  readonly policies: Pick<Policies, 'getMany'>;
  readonly profiles: Pick<Profiles, 'getMany'>;
}

/** A row of a list that names nobody, or nobody for sure. */
export interface Unmatched {
  /** From 1. */
  readonly line: number;
  readonly reason: 'unknown' | 'several-customers' | 'no-holder';
}

const WIDTH = 16;

type Found = { readonly partyId: PartyId } | { readonly reason: Unmatched['reason'] };

const onlyOne = (parties: readonly PartyId[]): Found => {
  const [partyId, ...others] = new Set(parties);
  if (partyId === undefined) return { reason: 'unknown' };
  return others.length === 0 ? { partyId } : { reason: 'several-customers' };
};

const byPolicyNumber = async (number: string, { facts, policies }: MatchPorts): Promise<Found> => {
  const ids = await facts.byNumber(number);
  if (ids.length === 0) return { reason: 'unknown' };
  const found = await policies.getMany(ids);
  const holders = ids.flatMap((id) => found.get(id)?.partyId ?? []);
  return holders.length === 0 ? { reason: 'no-holder' } : onlyOne(holders);
};

/**
 * Finds who is meant by the rows of an uploaded list. A number that several customers have is nobody's: a person must
 * look, and the row is named by its line only, since the number is personal data.
 * @param maySee decides by scope; whom the caller may not see is unknown
 */
export const matchMembers = async (
  {
    by,
    numbers,
  }: { readonly by: 'customer-number' | 'policy-number' | 'customer-id'; readonly numbers: readonly string[] },
  ports: MatchPorts,
  maySee: (scope: string) => boolean,
): Promise<{ readonly members: readonly PartyId[]; readonly unmatched: readonly Unmatched[] }> => {
  const found = await inParallel(numbers, WIDTH, async (number): Promise<Found> => {
    if (by === 'customer-id') return { partyId: number as PartyId };
    return by === 'policy-number' ? byPolicyNumber(number, ports) : onlyOne(await ports.numbers.find(number));
  });
  const profiles = await ports.profiles.getMany([
    ...new Set(found.flatMap((one) => ('partyId' in one ? [one.partyId] : []))),
  ]);
  const members = new Set<PartyId>();
  const unmatched: Unmatched[] = [];
  found.forEach((one, n) => {
    const profile = 'partyId' in one ? profiles.get(one.partyId) : undefined;
    if (profile && maySee(profile.scope)) members.add(profile.partyId);
    else unmatched.push({ line: n + 1, reason: 'reason' in one ? one.reason : 'unknown' });
  });
  return { members: [...members], unmatched };
};
