import type { AudienceRows } from '../audience/audience-rows.ts';
import { customerFactsOf } from '../audience/rule-facts.ts';
import type { Traits } from '../customer/traits-store.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { CHANGES_PAGE } from '../policy/contract.ts';
import type { Enrolments } from './enrolment-store.ts';
import { type FollowCounts, type FollowPorts, followPolicies } from './follow-policies.ts';
import { readPeople } from './people.ts';
import { reconcilePersons } from './reconcile.ts';
import { partyRecheckRow } from './step-row.ts';

/** Everything that following a change of a person needs from outside. */
export interface FollowPartyPorts extends FollowPorts {
  readonly enrolments: FollowPorts['enrolments'] & Pick<Enrolments, 'ofParty'>;
  readonly audienceRows: FollowPorts['audienceRows'] & Pick<AudienceRows, 'setCustomer'>;
  readonly traits: Pick<Traits, 'getMany'>;
}

const add = (a: FollowCounts, b: Omit<FollowCounts, 'changed'> & { readonly changed?: number }): FollowCounts => ({
  changed: a.changed + (b.changed ?? 0),
  enrolled: a.enrolled + b.enrolled,
  exited: a.exited + b.exited,
  moved: a.moved + b.moved,
});

/**
 * Follows a change of a person (death, consent, a bounce, a date of birth): looks again at every policy with a running
 * journey, and at the journeys about the person.
 */
export const followParty = async (partyId: PartyId, ports: FollowPartyPorts, now: Instant): Promise<FollowCounts> => {
  const enrolments = await ports.enrolments.ofParty(partyId);
  const running = enrolments.filter(({ state }) => state === 'active');
  const ids = [...new Set(running.flatMap(({ policyId }) => (policyId === undefined ? [] : [policyId])))];
  let total: FollowCounts = { changed: 0, enrolled: 0, exited: 0, moved: 0 };
  for (let start = 0; start < ids.length; start += CHANGES_PAGE)
    total = add(total, await followPolicies(ids.slice(start, start + CHANGES_PAGE), ports, now));

  const people = await readPeople([partyId], ports);
  const profile = people.profiles.get(partyId);
  if (!profile) return total;
  const done = await reconcilePersons([{ profile, enrolments }], people, ports, now);
  const later = done.later.map(({ at }) => at);
  const rechecks = later.length === 0 ? [] : [partyRecheckRow(partyId, Math.min(...later) as Instant)];
  await ports.dueWork.place([...done.rows, ...rechecks], now);
  const traits = (await ports.traits.getMany([partyId])).get(partyId) ?? {};
  await ports.audienceRows.setCustomer(partyId, customerFactsOf(profile, people.gates.get(partyId), traits), now);
  await ports.audienceFollower.follow([partyId], now);
  return add(total, done);
};
