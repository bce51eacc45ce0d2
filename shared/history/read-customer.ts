import type { Gate, Profile } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { Profiles } from '../customer/profile-store.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import type { Holdings } from '../policy/holding-store.ts';
import type { Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { Customer, PolicyDetails } from './contract.ts';
import { listedJourney, listedPolicy, nameOf } from './listed.ts';

export interface ReadCustomerPorts {
  readonly profiles: Pick<Profiles, 'get'>;
  readonly gates: Pick<Gates, 'getMany'>;
  readonly policies: Pick<Policies, 'get' | 'getMany'>;
  readonly holdings: Pick<Holdings, 'of'>;
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
}

const consentOf = ({ consent }: Gate): Customer['consent'] =>
  Object.entries(consent)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, state]) => {
      const [channel = '', purpose = ''] = name.split('/');
      return { channel, purpose, given: state.given, wording: state.wording, at: formatInstant(state.at) };
    });

const addressOf = ({ address }: Profile): string[] | undefined =>
  address &&
  [...address.lines, `${address.postcode} ${address.city}`.trim(), address.region ?? '', address.country].filter(
    (line) => line !== '',
  );

/** A customer's page; undefined where there is none. `scope` is for the caller's check and is not told. */
export const readCustomer = async (
  ports: ReadCustomerPorts,
  id: PartyId,
  now: Instant,
): Promise<(Customer & { readonly scope: string }) | undefined> => {
  const profile = await ports.profiles.get(id);
  if (profile === undefined) return undefined;
  const [gates, held, enrolments] = await Promise.all([
    ports.gates.getMany([id]),
    ports.holdings.of(id),
    ports.enrolments.ofParty(id),
  ]);
  const gate = gates.get(id);
  const ids = [...new Set<PolicyId>([...held, ...enrolments.flatMap(({ policyId }) => policyId ?? [])])];
  // the holding is a hint: a policy that went over to another person is shown there
  const policies = [...(await ports.policies.getMany(ids)).values()].filter(({ partyId }) => partyId === id);
  const address = addressOf(profile);
  return {
    scope: profile.scope,
    customerId: id,
    name: nameOf(profile),
    ...(profile.email === undefined ? {} : { email: profile.email }),
    ...(profile.phone === undefined ? {} : { phone: profile.phone }),
    ...(address === undefined ? {} : { address }),
    locale: profile.locale,
    zone: profile.zone,
    largePrint: profile.largePrint ?? false,
    consent: gate ? consentOf(gate) : [],
    suppressed: Object.entries(gate?.suppressed ?? {}).map(([channel, reason]) => ({ channel, reason })),
    situations: [...(gate?.situations ?? [])],
    records: profile.records.map(({ at, ...record }) => ({ ...record, at: formatInstant(at) })),
    policies: policies
      .map((policy) => listedPolicy(policy, civilDateAt(now, policy.zone)))
      .sort((a, b) => (a.renewsOn < b.renewsOn ? 1 : -1)),
    journeys: enrolments.map(listedJourney).sort((a, b) => (a.enteredAt < b.enteredAt ? 1 : -1)),
  };
};

/** A policy's page; undefined where there is none. */
export const readPolicy = async (
  ports: Pick<ReadCustomerPorts, 'policies' | 'enrolments'>,
  id: PolicyId,
  now: Instant,
): Promise<(PolicyDetails & { readonly scope: string }) | undefined> => {
  const policy = await ports.policies.get(id);
  if (policy === undefined) return undefined;
  const enrolments = policy.partyId === undefined ? [] : await ports.enrolments.ofParty(policy.partyId);
  return {
    scope: policy.scope,
    ...listedPolicy(policy, civilDateAt(now, policy.zone)),
    ...details(policy),
    journeys: enrolments.filter(({ policyId }) => policyId === id).map(listedJourney),
  };
};

const details = (policy: Policy): Omit<PolicyDetails, keyof ReturnType<typeof listedPolicy> | 'journeys'> => {
  const { insured, intermediary, offer, ending, renewal } = policy;
  return {
    ...(insured === undefined ? {} : { insured }),
    zone: policy.zone,
    contractStartsOn: policy.contractStartsOn,
    termStartsOn: policy.term.startsOn,
    ...(intermediary === undefined ? {} : { intermediary }),
    ...(offer === undefined
      ? {}
      : {
          offer: {
            premium: offer.premium,
            ...(offer.lastPremium === undefined ? {} : { lastPremium: offer.lastPremium }),
            ...(offer.validUntil === undefined ? {} : { validUntil: offer.validUntil }),
          },
        }),
    ...(ending === undefined ? {} : { ending }),
    ...(renewal === undefined ? {} : { renewal: { ...renewal, recognisedAt: formatInstant(renewal.recognisedAt) } }),
  };
};
