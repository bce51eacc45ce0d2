import type { PartyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { CHANGES_PAGE } from '../policy/contract.ts';
import type { Enrolments } from './enrolment-store.ts';
import { type FollowCounts, type FollowPorts, followPolicies } from './follow-policies.ts';

/** Follows a change of a person (death, consent, a bounce): looks again at every policy with a running journey. */
export const followParty = async (
  partyId: PartyId,
  ports: FollowPorts & { readonly enrolments: Pick<Enrolments, 'ofParty'> },
  now: Instant,
): Promise<FollowCounts> => {
  const running = (await ports.enrolments.ofParty(partyId)).filter(({ state }) => state === 'active');
  const ids = [...new Set(running.map(({ policyId }) => policyId))];
  const total = { changed: 0, enrolled: 0, exited: 0, moved: 0 };
  for (let start = 0; start < ids.length; start += CHANGES_PAGE) {
    const counts = await followPolicies(ids.slice(start, start + CHANGES_PAGE), ports, now);
    total.changed += counts.changed;
    total.enrolled += counts.enrolled;
    total.exited += counts.exited;
    total.moved += counts.moved;
  }
  return total;
};
