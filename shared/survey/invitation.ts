import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';

/** Whom a page was opened for: the signed link's claims that its answers belong to. */
export interface Invitation {
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
  readonly campaign?: string;
  readonly occurrence?: string;
  /** The step whose message held the link; several messages of one campaign lead to the same invitation. */
  readonly step?: string;
  /** What is asked; in the version that the campaign was approved with. Absent on renewal pages. */
  readonly survey?: string;
  readonly surveyVersion?: string;
}

/** Identity of an invitation: one set of answers for one person, policy, survey and occurrence of a campaign, whichever of
 *  the messages was clicked. */
export const invitationIdOf = ({ partyId, policyId, campaign, occurrence, survey }: Invitation): string =>
  derivedId('invitation', partyId, policyId ?? '', campaign ?? '', occurrence ?? '', survey ?? '');
