import type { Profile } from '../customer/customer.ts';
import type { Traits } from '../customer/traits-store.ts';
import type { Instant } from '../platform/time.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { AnswerFacets } from './answer.ts';
import { facetsOf } from './facets.ts';
import { type Invitation, invitationIdOf } from './invitation.ts';
import type { Invitations } from './invitation-store.ts';

export interface AskedAboutPorts {
  readonly invitations: Pick<Invitations, 'get'>;
  readonly policies: Pick<Policies, 'get'>;
  readonly traits: Pick<Traits, 'getMany'>;
}

/** When somebody was asked, and what results are broken down by: as it stood then, or as it stands now where no invitation
 *  was noted. */
export type AskedAbout = (
  invitation: Invitation,
  profile: Profile,
) => Promise<{ readonly facets: AnswerFacets; readonly invitedAt?: Instant }>;

/** @param channel how those were asked of whom no invitation was noted */
export const createAskedAbout =
  ({ invitations, policies, traits }: AskedAboutPorts, channel: AnswerFacets['channel'] = 'email'): AskedAbout =>
  async (invitation, profile) => {
    const row = await invitations.get(invitationIdOf(invitation));
    if (row !== undefined) return { facets: row.facets, invitedAt: row.invitedAt };
    const { partyId, policyId } = invitation;
    const [policy, known] = await Promise.all([
      policyId === undefined ? undefined : policies.get(policyId),
      traits.getMany([partyId]),
    ]);
    return { facets: facetsOf(profile, policy, known.get(partyId), channel) };
  };
