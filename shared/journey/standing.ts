import type { CampaignDefinition } from '../campaign/definition.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import { civilDateAt } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Enrolment, ExitReason } from './enrolment.ts';

/** What makes a policy part of a campaign: for which occurrence, and the day that steps count from. */
export interface Occasion {
  readonly occurrence: string;
  readonly anchorOn: CivilDate;
}

/** The day on which something was learnt, or on which it takes effect if that is later. */
const dayOf = (learntAt: Instant, effectiveOn: CivilDate | undefined, policy: Policy): CivilDate => {
  const learntOn = civilDateAt(learntAt, policy.zone);
  return effectiveOn !== undefined && effectiveOn > learntOn ? effectiveOn : learntOn;
};

/** The occasion that a policy gives a campaign now, by its trigger; undefined where there is none. History from before
 *  Perennial knew the policy gives none. */
export const occasionOf = ({ trigger }: CampaignDefinition, policy: Policy): Occasion | undefined => {
  const { term, ending, endingLearntAt, renewal } = policy;
  if (policy.contradiction !== undefined) return undefined;
  if ('date' in trigger)
    return ending === undefined ? { occurrence: term.startsOn, anchorOn: term.renewsOn } : undefined;
  switch (trigger.event) {
    case 'PolicyLapsed':
      return ending?.kind === 'lapsed' && endingLearntAt !== undefined
        ? { occurrence: term.startsOn, anchorOn: dayOf(endingLearntAt, ending.on, policy) }
        : undefined;
    case 'PolicyRenewed':
      return ending === undefined && renewal !== undefined
        ? { occurrence: renewal.termStartsOn, anchorOn: dayOf(renewal.recognisedAt, undefined, policy) }
        : undefined;
  }
};

/** Whether a campaign is for this policy at all. */
export const isInAudience = ({ audience }: CampaignDefinition, policy: Policy): boolean =>
  audience.contactRules.includes(policy.contactRule) &&
  (audience.lines === undefined || audience.lines.includes(policy.line));

/** Why the occasion of an enrolment is over. */
const overBecause = (definition: CampaignDefinition, policy: Policy, occurrence: string): ExitReason => {
  const wentOn = policy.term.startsOn > occurrence || policy.ending === undefined;
  if ('event' in definition.trigger && definition.trigger.event === 'PolicyLapsed')
    return wentOn ? 'renewed' : 'superseded';
  if (policy.term.startsOn > occurrence) return 'renewed';
  return policy.ending?.kind ?? 'superseded';
};

/** Reasons that the policy itself gives; when it no longer does (a date was mended, a lapse taken back), the journey
 *  goes on. A death or a customer's no stays. */
const POLICY_REASONS: readonly ExitReason[] = ['renewed', 'lapsed', 'cancelled', 'contradiction', 'superseded'];

/** True where an exit may be undone by a change of the policy. */
export const mayReturn = (reason: ExitReason): boolean => POLICY_REASONS.includes(reason);

/**
 * Why an enrolment must end as things stand; undefined where it goes on. Depends on nothing but the present state, so
 * that any number of change messages in any order ends alike.
 */
export const exitOf = (
  definition: CampaignDefinition,
  policy: Policy,
  enrolment: Pick<Enrolment, 'partyId' | 'occurrence'>,
  deceased: boolean,
): ExitReason | undefined => {
  const applies = (reason: ExitReason): ExitReason | undefined =>
    reason === 'superseded' || definition.exits.includes(reason) ? reason : undefined;
  if (deceased) return applies('deceased');
  if (policy.contradiction !== undefined) return applies('contradiction');
  // the policy went over to another person: that one has an enrolment of its own
  if (policy.partyId !== enrolment.partyId) return 'superseded';
  const occasion = occasionOf(definition, policy);
  if (occasion?.occurrence === enrolment.occurrence) return undefined;
  return applies(overBecause(definition, policy, enrolment.occurrence));
};
