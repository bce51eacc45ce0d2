import type { ClaimFacts, EventProperties } from '../audience/rule-subject.ts';
import { type CampaignDefinition, type DateField, isCalendar, type Trigger } from '../campaign/definition.ts';
import type { Profile } from '../customer/customer.ts';
import { addDays, addYears, type CivilDate, civilDateAt, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import { eventFits } from './exit-rules.ts';

/** What begins a journey: which of its kind it is, and the day that steps count from. */
export interface Occasion {
  readonly occurrence: string;
  readonly anchorOn: CivilDate;
  /** When it happened, where it is more than a day: a flow may begin within its use-by after it. */
  readonly at?: Instant;
  /** The customer event that it is. */
  readonly event?: { readonly properties: EventProperties; readonly hops: number; readonly mark: string };
  /** When Perennial first heard of that event: the journey begins then, whenever it is written. */
  readonly heardAt?: Instant;
}

/** A policy with the claims under it. */
export interface KnownPolicy {
  readonly policy: Policy;
  readonly claims: readonly ClaimFacts[];
}

/** Events that the projection of a policy tells: level-triggered, so that it does not matter which message, file or status
 *  told it first. A campaign about policies begins with the policy, not with the message. */
const POLICY_EVENTS = ['PolicyRenewed', 'PolicyLapsed', 'PolicyCancelled'] as const;
type PolicyEvent = (typeof POLICY_EVENTS)[number];

const isPolicyEvent = (type: string): type is PolicyEvent => (POLICY_EVENTS as readonly string[]).includes(type);

/** Whether a campaign's occasions are read off the policy itself rather than told by a message. */
export const isToldByPolicy = ({ subject, trigger }: Pick<CampaignDefinition, 'subject' | 'trigger'>): boolean =>
  subject === 'policy' &&
  (('date' in trigger && trigger.date !== 'customer.birthOn') || ('event' in trigger && isPolicyEvent(trigger.event)));

/** Whether a campaign begins on a day of the customer's own. */
export const isToldByPerson = ({ subject, trigger }: Pick<CampaignDefinition, 'subject' | 'trigger'>): boolean =>
  subject === 'customer' && 'date' in trigger && trigger.date === 'customer.birthOn';

/** The same day in the year `year`; on 28 February in a common year for the 29th. */
const dayInYear = (date: CivilDate, year: number): CivilDate => addYears(date, year - yearOf(date));
const yearOf = (date: CivilDate): number => Number(date.slice(0, 4));

const isYearly = (trigger: Extract<Trigger, { date: unknown }>): boolean =>
  trigger.yearly === true || trigger.date === 'customer.birthOn';

/** More than a letter is handed over early, and than entry leads: enough to look at a year too many, never one too few. */
const MARGIN_DAYS = 60;

/** How far the steps reach from the anchor day, with what product lines do differently. */
const reachOf = ({ steps, byLine }: CampaignDefinition): { before: number; after: number } => {
  const overrides = Object.values(byLine).flatMap((line) => Object.values(line ?? {}));
  const own = steps.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const most = (name: 'daysBefore' | 'daysAfter'): number =>
    Math.max(0, ...[...own, ...overrides].map((at) => (name in at ? ((at as Record<string, number>)[name] ?? 0) : 0)));
  return { before: most('daysBefore'), after: most('daysAfter') };
};

/** The days that fall on `date` in the years around `today` which a step may still, or soon, be due for; the last lies
 *  ahead. A birthday is none on the day of birth. */
const yearlyOccasions = (
  definition: CampaignDefinition,
  field: DateField,
  date: CivilDate,
  today: CivilDate,
): Occasion[] => {
  const { before, after } = reachOf(definition);
  const first = Math.max(
    yearOf(date) + (field === 'customer.birthOn' ? 1 : 0),
    yearOf(addDays(today, -after - MARGIN_DAYS)),
  );
  const last = Math.max(first, yearOf(addDays(today, before + MARGIN_DAYS)) + 1);
  return Array.from({ length: last - first + 1 }, (_, n) => ({
    occurrence: String(first + n),
    anchorOn: dayInYear(date, first + n),
  }));
};

const dated = (
  definition: CampaignDefinition,
  trigger: Extract<Trigger, { date: unknown }>,
  date: CivilDate,
  occurrence: string,
  today: CivilDate,
): Occasion[] =>
  isYearly(trigger) ? yearlyOccasions(definition, trigger.date, date, today) : [{ occurrence, anchorOn: date }];

/** The day on which something was learnt, or on which it takes effect if that is later. */
const dayOf = (learntAt: Instant, effectiveOn: CivilDate | undefined, { zone }: Policy): CivilDate => {
  const learntOn = civilDateAt(learntAt, zone);
  return effectiveOn !== undefined && effectiveOn > learntOn ? effectiveOn : learntOn;
};

/** What a policy tells of itself as an event. */
export interface PolicyNews {
  readonly type: PolicyEvent;
  readonly occasion: Occasion & { readonly at: Instant };
  readonly properties: EventProperties;
}

/** The latest news of a policy; none of what is history from before Perennial knew it, or contradicts itself. */
export const newsOf = (policy: Policy): PolicyNews | undefined => {
  const { term, ending, endingLearntAt, renewal } = policy;
  if (policy.contradiction !== undefined) return undefined;
  if (ending !== undefined)
    return endingLearntAt === undefined
      ? undefined
      : {
          type: ending.kind === 'lapsed' ? 'PolicyLapsed' : 'PolicyCancelled',
          occasion: {
            occurrence: term.startsOn,
            anchorOn: dayOf(endingLearntAt, ending.on, policy),
            at: endingLearntAt,
          },
          properties: { effectiveOn: ending.on, line: policy.line },
        };
  return (
    renewal && {
      type: 'PolicyRenewed',
      occasion: {
        occurrence: renewal.termStartsOn,
        anchorOn: dayOf(renewal.recognisedAt, undefined, policy),
        at: renewal.recognisedAt,
      },
      properties: { termStartsOn: renewal.termStartsOn, by: renewal.by, line: policy.line },
    }
  );
};

/** The occasions that a policy gives a campaign about policies now; several where its claims or years each give one. */
export const policyOccasions = (
  definition: CampaignDefinition,
  { policy, claims }: KnownPolicy,
  now: Instant,
): readonly Occasion[] => {
  const { trigger } = definition;
  if (!isToldByPolicy(definition) || policy.contradiction !== undefined) return [];
  if ('event' in trigger) {
    const news = newsOf(policy);
    const fits =
      news && eventFits(trigger, { type: news.type, properties: news.properties, occurredAt: now }, policy.zone);
    return fits ? [news.occasion] : [];
  }
  if (!('date' in trigger)) return [];
  const today = civilDateAt(now, policy.zone);
  const { term, ending, contractStartsOn } = policy;
  const ofPolicy = (date: CivilDate, occurrence: string) =>
    ending === undefined ? dated(definition, trigger, date, occurrence, today) : [];
  switch (trigger.date) {
    case 'policy.renewsOn':
      return ofPolicy(term.renewsOn, term.startsOn);
    case 'policy.startsOn':
      return ofPolicy(term.startsOn, term.startsOn);
    case 'policy.contractStartsOn':
      return ofPolicy(contractStartsOn, contractStartsOn);
    case 'claim.occurredOn':
    case 'claim.settledOn': {
      const field = trigger.date === 'claim.occurredOn' ? 'occurredOn' : 'settledOn';
      return claims.flatMap((claim) => {
        const date = claim[field];
        return date === undefined ? [] : [{ occurrence: claim.claimNo, anchorOn: date }];
      });
    }
    case 'customer.birthOn':
      return [];
  }
};

/** The occasions that a customer gives a campaign about customers now: birthdays. */
export const personOccasions = (
  definition: CampaignDefinition,
  { birthOn, zone }: Pick<Profile, 'birthOn' | 'zone'>,
  now: Instant,
): readonly Occasion[] =>
  birthOn === undefined || !isToldByPerson(definition)
    ? []
    : yearlyOccasions(definition, 'customer.birthOn', birthOn, civilDateAt(now, zone));

/** The birthday that an enrolment is about, as the customer's date of birth says now; undefined where none is known. */
export const birthdayOf = ({ birthOn }: Pick<Profile, 'birthOn'>, occurrence: string): Occasion | undefined =>
  birthOn === undefined ? undefined : { occurrence, anchorOn: dayInYear(birthOn, Number(occurrence)) };

/** Days before the anchor day on which a journey by flow begins: the most that one of its waits for that date names. */
export const leadDays = (definition: CampaignDefinition): number => {
  const { trigger, steps } = definition;
  if (isCalendar(definition) || !('date' in trigger)) return 0;
  const days = steps.map(({ do: act }) =>
    'wait' in act && 'until' in act.wait && 'date' in act.wait.until && act.wait.until.date === trigger.date
      ? act.wait.until.days
      : 0,
  );
  return Math.max(0, -Math.min(0, ...days));
};
