import {
  addDays,
  addYears,
  type CivilDate,
  formatInstant,
  instantAt,
  type WallTime,
  type ZoneId,
} from '../../../shared/platform/time.ts';
import type { Behaviour } from './future-contract.ts';
import type { SampleCustomer, SamplePolicy } from './person.ts';
import type { Random } from './random.ts';

/** Where the insurer's policy system speaks from. */
const POLICY_ADMIN = 'policy.admin';

const at = (day: CivilDate, time: string, holder: SampleCustomer): string =>
  formatInstant(instantAt(day, time as WallTime, holder.zone as ZoneId));

const policyEvent = (
  when: string,
  detailType: string,
  policyNo: string,
  detail: Readonly<Record<string, unknown>>,
): Behaviour => ({
  at: when,
  act: {
    do: 'event',
    source: POLICY_ADMIN,
    detailType,
    detail: { schemaVersion: 1, eventId: `${detailType}-${policyNo}-${when}`, occurredAt: when, policyNo, ...detail },
  },
});

const renewsOnOf = (policy: SamplePolicy): CivilDate =>
  (policy.terms.at(-1)?.renewsOn ?? policy.contractStartsOn) as CivilDate;

/** The customer pays on `day`: the policy system tells of the renewal. */
export const renews = (policy: SamplePolicy, day: CivilDate, time = '14:20'): Behaviour => {
  const renewsOn = renewsOnOf(policy);
  const premium = policy.offer?.premium ?? policy.terms.at(-1)?.premium ?? 0;
  return policyEvent(at(day, time, policy.holder), 'PolicyRenewed', policy.policyNo, {
    termStartsOn: renewsOn,
    nextRenewalOn: addYears(renewsOn, 1),
    premium: { amount: premium.toFixed(2), currency: policy.currency },
  });
};

/** Nobody paid: the policy lapses on its renewal day. */
export const lapses = (policy: SamplePolicy): Behaviour => {
  const renewsOn = renewsOnOf(policy);
  return policyEvent(at(renewsOn, '23:30', policy.holder), 'PolicyLapsed', policy.policyNo, {
    effectiveOn: renewsOn,
    reason: 'not-paid',
  });
};

export const cancels = (policy: SamplePolicy, day: CivilDate): Behaviour =>
  policyEvent(at(day, '11:05', policy.holder), 'PolicyCancelled', policy.policyNo, {
    effectiveOn: day,
    reason: 'by-holder',
  });

export const movesDate = (policy: SamplePolicy, day: CivilDate, to: CivilDate): Behaviour =>
  policyEvent(at(day, '09:30', policy.holder), 'PolicyDateMoved', policy.policyNo, { from: renewsOnOf(policy), to });

export const dies = (holder: SampleCustomer, day: CivilDate): Behaviour => {
  const when = at(day, '08:15', holder);
  return {
    at: when,
    act: {
      do: 'event',
      source: POLICY_ADMIN,
      detailType: 'CustomerDeceased',
      detail: {
        schemaVersion: 1,
        eventId: `CustomerDeceased-${holder.customerNo}`,
        occurredAt: when,
        customerRef: holder.customerNo,
        on: day,
      },
    },
  };
};

/** What the mail provider or the customer does once a mail is there. */
export const onMail = (
  holder: SampleCustomer,
  campaign: string,
  step: string | undefined,
  after: string,
  act: Behaviour['act'],
): Behaviour => ({ onMail: { to: holder.email, campaign, ...(step === undefined ? {} : { step }) }, after, act });

const SCORES = [10, 9, 10, 8, 9, 7, 10, 9, 6, 3, 8, 10] as const;

/** What the holder of a random policy will do: about 80 % renew, some of them by the page; the others lapse, leave,
 *  or drop out of reach. */
export const inventFate = (random: Random, policy: SamplePolicy, today: CivilDate): readonly Behaviour[] => {
  const { holder } = policy;
  const renewsOn = renewsOnOf(policy);
  const reachable = holder.email.includes('@') && holder.emailConsent === 'Y';
  const acts: Behaviour[] = [];
  const draw = random.next();
  const daysBefore = random.between(0, 28);
  const day = addDays(renewsOn, -daysBefore) > today ? addDays(renewsOn, -daysBefore) : renewsOn;
  if (draw < 0.8) {
    acts.push(renews(policy, day, random.pick(['09:20', '10:30', '14:20', '19:45', '21:10'])));
    if (reachable && random.chance(0.35))
      acts.push(
        onMail(holder, 'renewal', random.pick(['m30', 'm07']), `PT${random.between(1, 40)}H`, {
          do: 'page',
          link: 'renew',
          form: { choice: 'renew' },
        }),
      );
    if (reachable && random.chance(0.4))
      acts.push(
        onMail(holder, 'renewal-survey', undefined, `PT${random.between(1, 70)}H`, {
          do: 'page',
          link: 'survey',
          form: { score: String(random.pick(SCORES)) },
        }),
      );
  } else if (draw < 0.93) acts.push(lapses(policy));
  else if (draw < 0.96) {
    if (reachable)
      acts.push(
        onMail(holder, 'renewal', 'm30', 'PT20H', {
          do: 'page',
          link: 'renew',
          form: { choice: 'not-renewing', reason: 'price' },
        }),
      );
    acts.push(lapses(policy));
  } else if (draw < 0.98) acts.push(cancels(policy, day));
  else if (draw < 0.985) acts.push(dies(holder, day));
  else if (draw < 0.99)
    acts.push(movesDate(policy, addDays(today, 2), addDays(renewsOn, 10)), { ...renews(policy, renewsOn) });
  else acts.push(lapses(policy));
  if (reachable && random.chance(0.015))
    acts.push(onMail(holder, 'renewal', undefined, 'PT1M', { do: 'feedback', type: 'Bounce', subType: 'General' }));
  if (reachable && random.chance(0.002))
    acts.push(onMail(holder, 'renewal', undefined, 'PT6H', { do: 'feedback', type: 'Complaint' }));
  return acts;
};
