import type { Profiles } from '../customer/profile-store.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import { addYears, type CivilDate, civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import { invitationIdOf } from '../survey/invitation.ts';
import type { LeavingReason } from '../survey/renewal-answer.ts';
import type { RenewalAnswers } from '../survey/renewal-answer-store.ts';
import type { RenewalListed, RenewalState, RenewalsAnswer } from './contract.ts';
import { listedPolicy, nameOf } from './listed.ts';

export interface ReadRenewalsPorts {
  readonly policies: Pick<Policies, 'due'>;
  readonly profiles: Pick<Profiles, 'getMany'>;
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
  readonly renewalAnswers: Pick<RenewalAnswers, 'get'>;
}

/** Which renewals are asked for. */
export interface RenewalsQuery {
  readonly scope: string;
  /** `yyyy-mm` of the renewal date. */
  readonly month: string;
  readonly state: RenewalState;
  /** Only of customers of this account manager. */
  readonly owner?: string;
  readonly limit: number;
  readonly after?: string;
}

/** How the renewal stands that falls into the month; undefined where none does. */
const stateOf = ({ renewal, term, ending }: Policy, month: string): RenewalState | undefined => {
  if (renewal?.termStartsOn.startsWith(month)) return 'renewed';
  if (!term.renewsOn.startsWith(month)) return undefined;
  return ending === undefined ? 'due' : 'lost';
};

const byTime = (a: { readonly at: Instant }, b: { readonly at: Instant }): number => a.at - b.at;

/** Why the customer does not renew, as last said on the renewal page of one of the journeys. */
const reasonOf = async (
  ports: ReadRenewalsPorts,
  journeys: readonly Enrolment[],
): Promise<LeavingReason | undefined> => {
  for (const { partyId, policyId, campaign, occurrence, reaction } of journeys) {
    if (reaction?.kind !== 'not-renewing' || policyId === undefined) continue;
    const { answers } = await ports.renewalAnswers.get(invitationIdOf({ partyId, policyId, campaign, occurrence }));
    const last = answers.at(-1)?.content;
    if (last?.choice === 'not-renewing') return last.reason;
  }
  return undefined;
};

const viewOf = async (
  ports: ReadRenewalsPorts,
  policy: Policy,
  renewal: RenewalState,
  person: { readonly name: string; readonly owner?: string },
  now: Instant,
): Promise<RenewalListed> => {
  const { partyId, policyId, ending } = policy;
  const all = partyId === undefined ? [] : await ports.enrolments.ofParty(partyId);
  const journeys = all.filter((enrolment) => enrolment.policyId === policyId);
  const [next] = journeys
    .flatMap(({ state, campaign, next: step }) =>
      state === 'active' && step !== undefined ? [{ campaign, ...step }] : [],
    )
    .sort(byTime);
  const reaction = journeys
    .flatMap((enrolment) => enrolment.reaction ?? [])
    .sort(byTime)
    .at(-1);
  const reasonLost = await reasonOf(ports, journeys);
  const { state: _state, ...listed } = listedPolicy(policy, civilDateAt(now, policy.zone));
  return {
    ...listed,
    renewal,
    customerName: person.name,
    ...(person.owner === undefined ? {} : { owner: person.owner }),
    ...(next === undefined ? {} : { nextStep: { ...next, at: formatInstant(next.at) } }),
    ...(reaction === undefined ? {} : { reaction: { kind: reaction.kind, at: formatInstant(reaction.at) } }),
    ...(reasonLost === undefined ? {} : { reasonLost }),
    ...(ending === undefined ? {} : { ending }),
  };
};

/**
 * Policies by the day their renewal falls on, a month at a time. A renewed policy stands in the index by its next renewal:
 * it is looked for a year on, which is where policies of a year are.
 */
export const readRenewals = async (
  ports: ReadRenewalsPorts,
  { scope, month, state, owner, limit, after }: RenewalsQuery,
  now: Instant,
): Promise<RenewalsAnswer> => {
  const listed = state === 'renewed' ? addYears(`${month}-01` as CivilDate, 1).slice(0, 7) : month;
  const page = await ports.policies.due(scope, listed, { limit, ...(after === undefined ? {} : { after }) });
  const policies = page.policies.filter((policy) => stateOf(policy, month) === state);
  const people = await ports.profiles.getMany([...new Set(policies.flatMap(({ partyId }) => partyId ?? []))]);
  const items = await Promise.all(
    policies.flatMap((policy) => {
      const profile = policy.partyId && people.get(policy.partyId);
      if (owner !== undefined && profile?.manager !== owner) return [];
      const manager = profile?.manager;
      const person = { name: profile ? nameOf(profile) : '—', ...(manager === undefined ? {} : { owner: manager }) };
      return [viewOf(ports, policy, state, person, now)];
    }),
  );
  return { month, items, ...(page.next === undefined ? {} : { next: page.next }) };
};
