import type { Channel, Gate, Profile } from '../customer/customer.ts';
import type { Instant } from '../platform/time.ts';
import type { PolicyFact } from '../policy/facts.ts';
import type { Policy } from '../policy/policy.ts';
import type { ClaimFacts, CustomerFacts, PolicyFacts } from './rule-subject.ts';

/**
 * What rules can ask of a person.
 * @param gate absent for somebody without one: nothing was ever asked, nothing is shut
 * @param traits what journeys noted about the person
 */
export const customerFactsOf = (
  profile: Profile,
  gate: Gate | undefined,
  traits: CustomerFacts['traits'],
): CustomerFacts => {
  const { scope, locale, zone, gender, birthOn, address, name } = profile;
  return {
    kind: name.company === undefined ? 'person' : 'organisation',
    scope,
    locale,
    zone,
    ...(gender === undefined ? {} : { gender }),
    ...(birthOn === undefined ? {} : { birthOn }),
    ...(address === undefined ? {} : { country: address.country }),
    ...(address?.region === undefined ? {} : { region: address.region }),
    // an address without a city has the empty text, and the other way round
    ...(address === undefined || address.city === '' ? {} : { city: address.city }),
    ...(address === undefined || address.postcode === '' ? {} : { postcode: address.postcode }),
    hasEmail: profile.email !== undefined,
    hasPhone: profile.phone !== undefined,
    hasAddress: address !== undefined,
    largePrint: profile.largePrint === true,
    consent: Object.fromEntries(Object.entries(gate?.consent ?? {}).map(([key, state]) => [key, state.given])),
    suppressed: Object.keys(gate?.suppressed ?? {}).sort() as Channel[],
    situations: gate?.situations ?? [],
    traits,
  };
};

/** What rules can ask of a policy. */
export const policyFactsOf = (policy: Policy): PolicyFacts => {
  const { policyId, line, contactRule, scope, contractStartsOn, term, offer, ending } = policy;
  return {
    policyId,
    line,
    contactRule,
    scope,
    contractStartsOn,
    startsOn: term.startsOn,
    renewsOn: term.renewsOn,
    ...(term.premium === undefined ? {} : { premiumMinor: term.premium.minor, currency: term.premium.currency }),
    hasOffer: offer !== undefined,
    ...(offer?.validUntil === undefined ? {} : { offerValidUntil: offer.validUntil }),
    ...(ending === undefined ? {} : { endsOn: ending.on, ending: ending.kind }),
  };
};

/** What rules can ask of the claims under a policy: of each the latest word that is known at `now`. */
export const claimFactsOf = (facts: readonly PolicyFact[], now: Instant): readonly ClaimFacts[] => {
  const latest = new Map<string, Extract<PolicyFact, { kind: 'claim' }>>();
  for (const fact of facts) {
    if (fact.kind !== 'claim' || fact.knownFrom > now) continue;
    const known = latest.get(fact.claim.claimNo);
    const isLater =
      known === undefined ||
      fact.knownFrom > known.knownFrom ||
      (fact.knownFrom === known.knownFrom && fact.recordedAt > known.recordedAt);
    if (isLater) latest.set(fact.claim.claimNo, fact);
  }
  return [...latest.values()]
    .sort((a, b) => (a.claim.claimNo < b.claim.claimNo ? -1 : 1))
    .map(({ policyId, claim: { claimNo, type, status, cost, occurredOn, settledOn } }) => ({
      claimNo,
      policyId,
      type,
      status,
      ...(cost === undefined ? {} : { costMinor: cost.minor, currency: cost.currency }),
      ...(occurredOn === undefined ? {} : { occurredOn }),
      ...(settledOn === undefined ? {} : { settledOn }),
    }));
};
