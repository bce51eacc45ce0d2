import type { AudienceRow } from '../audience/audience-row.ts';
import type { PolicyFacts } from '../audience/rule-subject.ts';
import { type CampaignDefinition, isCalendar } from '../campaign/definition.ts';
import { type LetterDueIn, planSteps } from '../journey/schedule.ts';
import { addYears, type CivilDate, civilDateAt, type ZoneId } from '../platform/time.ts';

/** A day on which a campaign has a step for somebody. */
export interface StepDay {
  readonly on: CivilDate;
  readonly step: string;
  /** `print`: a letter is handed over on that day. */
  readonly kind: 'step' | 'print';
}

/** From and to, both included. */
export interface Days {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

interface Anchor {
  readonly on: CivilDate;
  readonly zone: ZoneId;
  readonly policy?: PolicyFacts;
}

const yearOf = (date: CivilDate): number => Number(date.slice(0, 4));

/** The anniversaries of a date in the years that matter for some days; steps lie at most two years away from theirs. */
const anniversaries = (date: CivilDate, { from, to }: Days): readonly CivilDate[] => {
  const first = Math.max(yearOf(date) + 1, yearOf(from) - 2);
  return Array.from({ length: Math.max(0, yearOf(to) + 2 - first + 1) }, (_, n) =>
    addYears(date, first + n - yearOf(date)),
  );
};

/** The days that a date-triggered campaign counts from, for one customer. */
const anchorsOf = (definition: CampaignDefinition, row: AudienceRow, days: Days): readonly Anchor[] => {
  const { trigger } = definition;
  const { customer, policies = [], claims = [] } = row;
  if (!('date' in trigger) || customer === undefined) return [];
  const zone = customer.zone as ZoneId;
  const { lines, contactRules } = definition.audience;
  const inForce = policies.filter(
    (policy) =>
      policy.ending === undefined &&
      (lines?.includes(policy.line) ?? true) &&
      (contactRules?.includes(policy.contactRule) ?? true),
  );
  const each = (date: CivilDate | undefined, policy?: PolicyFacts): readonly Anchor[] => {
    if (date === undefined) return [];
    const yearly = trigger.yearly === true || trigger.date === 'customer.birthOn';
    return (yearly ? anniversaries(date, days) : [date]).map((on) => ({ on, zone, ...(policy ? { policy } : {}) }));
  };
  switch (trigger.date) {
    case 'customer.birthOn':
      return each(customer.birthOn);
    case 'claim.occurredOn':
      return claims.flatMap(({ occurredOn }) => each(occurredOn));
    case 'claim.settledOn':
      return claims.flatMap(({ settledOn }) => each(settledOn));
    case 'policy.renewsOn':
      return inForce.flatMap((policy) => each(policy.renewsOn, policy));
    case 'policy.startsOn':
      return inForce.flatMap((policy) => each(policy.startsOn, policy));
    case 'policy.contractStartsOn':
      return inForce.flatMap((policy) => each(policy.contractStartsOn, policy));
  }
};

/**
 * Finds the days on which a date-triggered campaign has something for a customer, within `days`. A journey by flow is
 * there on its anchor day only: what follows depends on the customer.
 */
export const createStepDays = (definition: CampaignDefinition, letterDueIn: LetterDueIn, days: Days) => {
  const isIn = (on: CivilDate): boolean => days.from <= on && on <= days.to;
  // policies share anchor days: a plan is computed once for each of them
  const known = new Map<string, readonly StepDay[]>();
  const stepsFrom = ({ on: anchorOn, zone, policy }: Anchor): readonly StepDay[] => {
    const line = policy?.line;
    const key = `${anchorOn} ${zone} ${line ?? ''}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const first = definition.steps[0]?.id ?? '';
    const all: readonly StepDay[] = isCalendar(definition)
      ? planSteps({ definition, zone, anchorOn, letterDueIn, ...(line === undefined ? {} : { line }) }).map(
          ({ step, at }) => ({
            on: civilDateAt(at, zone),
            step: step.id,
            kind: step.at !== undefined && 'letterbox' in step.at ? ('print' as const) : ('step' as const),
          }),
        )
      : [{ on: anchorOn, step: first, kind: 'step' }];
    const some = all.filter(({ on }) => isIn(on));
    known.set(key, some);
    return some;
  };
  return (row: AudienceRow): readonly StepDay[] => anchorsOf(definition, row, days).flatMap(stepsFrom);
};
