import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { DAY, formatInstant, type Instant } from '../../shared/platform/time.ts';
import type { InvitationRow } from '../../shared/survey/answer.ts';
import type { Asked } from '../../shared/survey/asked-store.ts';
import { type Invitation, invitationIdOf } from '../../shared/survey/invitation.ts';
import type { Invitations } from '../../shared/survey/invitation-store.ts';

/** What staff know of an answer that came by telephone or on a slip. */
export interface SaidAbout {
  readonly survey: string;
  readonly partyId: PartyId;
  readonly policyId?: string | undefined;
  readonly campaign?: string | undefined;
  readonly occurrence?: string | undefined;
  readonly at: Instant;
}

/** What an answer belongs to: an invitation that was sent, or one of its own. */
export interface FoundInvitation {
  readonly invitation: Invitation;
  readonly row: InvitationRow | undefined;
}

export type FindInvitation = (said: SaidAbout) => Promise<FoundInvitation>;

/** The version that was asked; undefined where nobody was. */
export const versionOf = ({ row }: FoundInvitation): string | undefined => row?.version;

const invitationOf = ({ partyId, policyId, campaign, occurrence, step, survey }: InvitationRow): Invitation => ({
  partyId,
  survey,
  ...(policyId === undefined ? {} : { policyId }),
  ...(campaign === undefined ? {} : { campaign }),
  ...(occurrence === undefined ? {} : { occurrence }),
  ...(step === undefined ? {} : { step }),
});

/** As long as the code on a letter opens its survey. */
const LIFE = 150 * DAY;

/**
 * Finds what an answer belongs to: the invitation that staff name, else the latest one that this customer was sent, answered
 * or not: no reminder follows a slip, and a slip whose customer answered on the page as well counts once. Where there is
 * none, or one from long ago, the answer stands for itself, once a day.
 */
export const createFindInvitation =
  (invitations: Pick<Invitations, 'get'>, asked: Pick<Asked, 'of'>): FindInvitation =>
  async ({ survey, partyId, policyId, campaign, occurrence, at }) => {
    const said: Invitation = {
      partyId,
      survey,
      ...(policyId === undefined ? {} : { policyId: policyId as PolicyId }),
      ...(campaign === undefined ? {} : { campaign }),
      occurrence: occurrence ?? `entered-${formatInstant(at).slice(0, 10)}`,
    };
    if (campaign !== undefined) return { invitation: said, row: await invitations.get(invitationIdOf(said)) };
    const latest = (await asked.of([partyId])).get(partyId)?.[survey];
    const row = latest === undefined ? undefined : await invitations.get(latest.invitationId);
    const fits =
      row !== undefined && at - row.invitedAt <= LIFE && (policyId === undefined || row.policyId === policyId);
    return fits ? { invitation: invitationOf(row), row } : { invitation: said, row: undefined };
  };
