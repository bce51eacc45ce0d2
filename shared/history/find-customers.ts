import type { Profile } from '../customer/customer.ts';
import type { Profiles } from '../customer/profile-store.ts';
import type { SearchHit } from '../customer/search.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { type CivilDate, civilDateAt, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { SearchAnswer } from './contract.ts';
import { listedCustomer, listedPolicy } from './listed.ts';

export interface FindPorts {
  readonly search: (query: { readonly text: string; readonly limit: number }) => Promise<readonly SearchHit[]>;
  readonly profiles: Pick<Profiles, 'getMany'>;
  readonly policies: Pick<Policies, 'getMany'>;
}

/**
 * Finds customers by the beginning of a name, address or number, with the policy where that is what was found.
 * @param maySee decides by scope; what may not be seen is not found
 */
export const findCustomers = async (
  ports: FindPorts,
  query: { readonly text: string; readonly limit: number },
  maySee: (scope: string) => boolean,
  now: Instant,
): Promise<SearchAnswer> => {
  const hits = await ports.search(query);
  const policies = await ports.policies.getMany(hits.flatMap(({ policyId }) => policyId ?? []));
  const partyOf = ({ partyId, policyId }: SearchHit): PartyId | undefined =>
    partyId ?? (policyId && policies.get(policyId)?.partyId);
  const profiles = await ports.profiles.getMany([...new Set(hits.flatMap((hit) => partyOf(hit) ?? []))]);

  const found = hits.flatMap((hit): { matched: string; profile: Profile; policy?: Policy }[] => {
    const partyId = partyOf(hit);
    const profile = partyId && profiles.get(partyId);
    const policy = hit.policyId && policies.get(hit.policyId as PolicyId);
    if (profile === undefined || !maySee(profile.scope)) return [];
    return [{ matched: hit.kind, profile, ...(policy && maySee(policy.scope) ? { policy } : {}) }];
  });
  const today = (policy: Policy): CivilDate => civilDateAt(now, policy.zone);
  return {
    items: found.map(({ matched, profile, policy }) => ({
      matched,
      customer: listedCustomer(profile),
      ...(policy ? { policy: listedPolicy(policy, today(policy)) } : {}),
    })),
  };
};
