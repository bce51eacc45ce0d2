import type { PinnedDefinition } from '../campaign/definition.ts';
import type { PartyId } from '../platform/ids.ts';
import { DAY, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Enrolment, ExitReason } from './enrolment.ts';
import { type Entry, enterPlan, type LetterDueIn, type PlanInput, planSteps } from './schedule.ts';
import type { Occasion } from './standing.ts';

/**
 * A journey that counts down to a date begins this long before its first step. Until then the policy has no enrolment:
 * it is not yet bound to a version of the definition, so a change of the file reaches everyone who has not begun.
 */
const ENTRY_LEAD = 7 * DAY;

/** An enrolment with where it stands in its plan. */
export interface Planned {
  readonly enrolment: Enrolment;
  readonly tooLate: Entry['tooLate'];
}

export type EnrolOutcome =
  | ({ readonly kind: 'enter' } & Planned)
  /** Too early: look again at `at`. */
  | { readonly kind: 'wait'; readonly at: Instant }
  /** Every step is past. */
  | { readonly kind: 'over' };

const copiedFrom = (policy: Policy, { anchorOn }: Occasion) => ({
  anchorOn,
  zone: policy.zone,
  line: policy.line,
  contactRule: policy.contactRule,
  ...(policy.intermediary === undefined ? {} : { intermediary: policy.intermediary }),
  scope: policy.scope,
});

const planInput = (
  { definition }: PinnedDefinition,
  policy: Pick<Policy, 'line' | 'zone'>,
  anchorOn: Occasion['anchorOn'],
  letterDueIn: LetterDueIn,
): PlanInput => ({ definition, line: policy.line, zone: policy.zone, anchorOn, letterDueIn });

/** Where the enrolment stands after `entry`: at its next step, or at its end. */
const standing = (entry: Entry): Pick<Enrolment, 'state' | 'next'> =>
  entry.next === undefined
    ? { state: 'finished' }
    : { state: 'active', next: { step: entry.next.step.id, at: entry.next.at } };

/** How a policy begins a campaign at `now`. */
export const enrol = (
  pinned: PinnedDefinition,
  policy: Policy,
  partyId: PartyId,
  occasion: Occasion,
  now: Instant,
  letterDueIn: LetterDueIn,
): EnrolOutcome => {
  const plan = planSteps(planInput(pinned, policy, occasion.anchorOn, letterDueIn));
  const entry = enterPlan(plan, [], now);
  if (entry.next === undefined) return { kind: 'over' };
  const entersAt = (entry.next.at - ENTRY_LEAD) as Instant;
  if ('date' in pinned.definition.trigger && entersAt > now) return { kind: 'wait', at: entersAt };
  const enrolment: Enrolment = {
    partyId,
    campaign: pinned.definition.id,
    definition: pinned.hash,
    policyId: policy.policyId,
    occurrence: occasion.occurrence,
    ...copiedFrom(policy, occasion),
    ...standing(entry),
    done: [],
    enteredAt: now,
    version: 1,
  };
  return { kind: 'enter', enrolment, tooLate: entry.tooLate };
};

/** Whether the enrolment was planned with what the policy says now. */
const isCurrent = (enrolment: Enrolment, policy: Policy, occasion: Occasion): boolean =>
  Object.entries(copiedFrom(policy, occasion)).every(([name, value]) => enrolment[name as keyof Enrolment] === value) &&
  enrolment.intermediary === policy.intermediary;

/**
 * The enrolment moved to what the policy says now: steps not yet done get their new days, a step once done is not
 * repeated, whatever the dates do. An exit that the policy no longer gives a reason for is taken back.
 * @returns undefined where nothing changes
 */
export const replan = (
  enrolment: Enrolment,
  pinned: PinnedDefinition,
  policy: Policy,
  occasion: Occasion,
  now: Instant,
  letterDueIn: LetterDueIn,
): Planned | undefined => {
  if (enrolment.state !== 'exited' && isCurrent(enrolment, policy, occasion)) return undefined;
  const plan = planSteps(planInput(pinned, policy, occasion.anchorOn, letterDueIn));
  const entry = enterPlan(plan, enrolment.done, now);
  const { exit: _exit, next: _next, intermediary: _intermediary, ...kept } = enrolment;
  return {
    enrolment: { ...kept, ...copiedFrom(policy, occasion), ...standing(entry) },
    tooLate: entry.tooLate,
  };
};

/** The enrolment ended at `now` for `reason`. */
export const exit = ({ next: _next, ...enrolment }: Enrolment, reason: ExitReason, now: Instant): Enrolment => ({
  ...enrolment,
  state: 'exited',
  exit: { reason, at: now },
});
