import type { CampaignDefinition } from '../campaign/definition.ts';
import type { Profile } from '../customer/customer.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import type { ContactRule, Policy } from '../policy/policy.ts';
import type { Enrolment, ExitReason } from './enrolment.ts';
import {
  birthdayOf,
  isToldByPerson,
  isToldByPolicy,
  type KnownPolicy,
  type Occasion,
  policyOccasions,
} from './occasions.ts';
import { occasionOf } from './re-entry.ts';

/** Who is written to unless the definition says otherwise: a campaign through the intermediary is a choice of its own. */
const USUAL: readonly ContactRule[] = ['direct', 'copy-to-intermediary'];

/** Whether a campaign is for this policy at all; its rule about the customer is asked on entering. */
export const isForPolicy = ({ audience }: CampaignDefinition, policy: Policy): boolean =>
  (audience.contactRules ?? USUAL).includes(policy.contactRule) &&
  (audience.lines === undefined || audience.lines.includes(policy.line));

/** The occasion that an enrolment about a policy goes by as things stand; undefined where that is over. */
export const standingOccasion = (
  definition: CampaignDefinition,
  known: KnownPolicy,
  enrolment: Enrolment,
  now: Instant,
): Occasion | undefined => {
  const occurrence = occasionOf(enrolment);
  if (!isToldByPolicy(definition)) return { occurrence, anchorOn: enrolment.anchorOn };
  return policyOccasions(definition, known, now).find((occasion) => occasion.occurrence === occurrence);
};

/** Whether the occurrence is a term of the policy, so that the next term ends the journey. */
const isByTerm = ({ trigger }: CampaignDefinition): boolean =>
  'event' in trigger ||
  ('date' in trigger &&
    trigger.yearly !== true &&
    (trigger.date === 'policy.renewsOn' || trigger.date === 'policy.startsOn'));

const isWonBack = ({ trigger }: CampaignDefinition): boolean =>
  'event' in trigger && (trigger.event === 'PolicyLapsed' || trigger.event === 'PolicyCancelled');

/** Why the term of an enrolment is over. */
const termOverBecause = (definition: CampaignDefinition, policy: Policy, occurrence: string): ExitReason => {
  const wentOn = policy.term.startsOn > occurrence || policy.ending === undefined;
  if (isWonBack(definition)) return wentOn ? 'renewed' : 'superseded';
  if (policy.term.startsOn > occurrence) return 'renewed';
  return policy.ending?.kind ?? 'superseded';
};

/** What became of the policy since a journey began that no term, and no news of the policy itself, began. */
const sinceEntering = ({ ending, endingLearntAt, renewal }: Policy, enrolment: Enrolment): ExitReason | undefined => {
  if (ending) {
    const isNews =
      endingLearntAt === undefined
        ? ending.on > civilDateAt(enrolment.enteredAt, enrolment.zone)
        : endingLearntAt >= enrolment.enteredAt;
    return isNews ? ending.kind : undefined;
  }
  return renewal && renewal.recognisedAt >= enrolment.enteredAt ? 'renewed' : undefined;
};

/** Reasons that the policy itself gives; when it no longer does (a date was mended, a lapse taken back), the journey
 *  goes on. A death and a customer's no stay. */
const POLICY_REASONS: readonly ExitReason[] = ['renewed', 'lapsed', 'cancelled', 'contradiction', 'superseded'];

/** True where an exit may be undone by a change of the policy. */
export const mayReturn = (reason: ExitReason): boolean => POLICY_REASONS.includes(reason);

const applying =
  ({ exits }: CampaignDefinition) =>
  (reason: ExitReason | undefined): ExitReason | undefined =>
    reason === 'superseded' || exits.some((exit) => exit === reason) ? reason : undefined;

/**
 * Why an enrolment about a policy must end as things stand; undefined where it goes on. Depends on nothing but the present
 * state, so that any number of change messages in any order ends alike.
 */
export const exitOf = (
  definition: CampaignDefinition,
  known: KnownPolicy,
  enrolment: Enrolment,
  deceased: boolean,
  now: Instant,
): ExitReason | undefined => {
  const { policy } = known;
  const applies = applying(definition);
  if (deceased && applies('deceased')) return 'deceased';
  if (policy.contradiction !== undefined) return applies('contradiction');
  // the policy went over to another person: that one has an enrolment of its own
  if (policy.partyId !== enrolment.partyId) return 'superseded';
  const stands = standingOccasion(definition, known, enrolment, now) !== undefined;
  if (isToldByPolicy(definition) && isByTerm(definition))
    return stands ? undefined : applies(termOverBecause(definition, policy, occasionOf(enrolment)));
  return (
    applies(sinceEntering(policy, enrolment)) ?? (stands ? undefined : applies(policy.ending?.kind ?? 'superseded'))
  );
};

/** The occasion that an enrolment about a customer goes by as things stand; undefined where that is over. */
export const standingOccasionOfPerson = (
  definition: CampaignDefinition,
  profile: Profile,
  enrolment: Enrolment,
): Occasion | undefined =>
  isToldByPerson(definition)
    ? birthdayOf(profile, occasionOf(enrolment))
    : { occurrence: occasionOf(enrolment), anchorOn: enrolment.anchorOn };

/** Why an enrolment about a customer must end as things stand. */
export const exitOfPerson = (
  definition: CampaignDefinition,
  hasBirthday: boolean,
  deceased: boolean,
): ExitReason | undefined => {
  const applies = applying(definition);
  if (deceased && applies('deceased')) return 'deceased';
  return isToldByPerson(definition) && !hasBirthday ? 'superseded' : undefined;
};
