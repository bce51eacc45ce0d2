import type { Channel, Purpose, Situation } from '../customer/customer.ts';
import type { PartyId } from '../platform/ids.ts';
import type { CivilDate } from '../platform/time.ts';
import type { ContactRule, ProductLine } from '../policy/policy.ts';
import type { ClaimFacts, CustomerFacts, PolicyFacts } from './rule-subject.ts';

/**
 * What is kept of a person for audiences, as found in the table. A part that the row does not hold is absent: rules
 * leave a clause about it undecided, and whoever asks reads it from where it comes.
 */
export interface AudienceRow {
  readonly partyId: PartyId;
  readonly customer?: CustomerFacts;
  /** Absent, with `claims`, for somebody with more of them than a row holds. */
  readonly policies?: readonly PolicyFacts[];
  readonly claims?: readonly ClaimFacts[];
  /** Every list that the person was put on, expired or not. */
  readonly lists: readonly string[];
  /** How the person stands in watched audiences; see standing.ts. */
  readonly in: Readonly<Record<string, string>>;
  /** Rises with every change of what rules can ask. */
  readonly version: number;
}

/*
 * A row is one write unit as long as it stays within 1 KB, and a million of them are read for one count: so facts are
 * kept as short tuples, days as numbers such as 20270131.
 */

const toDay = (date: CivilDate | undefined): number | null =>
  date === undefined ? null : Number(date.replaceAll('-', ''));

const fromDay = (day: number): CivilDate => {
  const text = String(day).padStart(8, '0');
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` as CivilDate;
};

/** A tuple without the nulls at its end. */
const trimmed = (tuple: readonly unknown[]): readonly unknown[] =>
  tuple.slice(0, tuple.findLastIndex((v) => v !== null) + 1);

const CHANNELS: Readonly<Record<Channel, string>> = { email: 'e', post: 'p', phone: 'h', sms: 's', visit: 'v' };
const PURPOSES: Readonly<Record<Purpose, string>> = { service: 's', marketing: 'm' };
const RULES: Readonly<Record<ContactRule, string>> = { direct: 'd', intermediary: 'i', 'copy-to-intermediary': 'c' };

const inverse = <Name extends string>(codes: Readonly<Record<Name, string>>): ReadonlyMap<string, Name> =>
  new Map(Object.entries(codes).map(([name, code]) => [code as string, name as Name]));
const channelOf = inverse(CHANNELS);
const purposeOf = inverse(PURPOSES);
const ruleOf = inverse(RULES);

/** `em+es-`: by e-mail marketing given, service refused. */
const toConsent = (consent: CustomerFacts['consent']): string =>
  Object.entries(consent)
    .map(([key, given]) => {
      const [channel, purpose] = key.split('/') as [Channel, Purpose];
      return `${CHANNELS[channel]}${PURPOSES[purpose]}${given ? '+' : '-'}`;
    })
    .sort()
    .join('');

const fromConsent = (text: string): CustomerFacts['consent'] => {
  const consent: Partial<Record<`${Channel}/${Purpose}`, boolean>> = {};
  for (let at = 0; at < text.length; at += 3) {
    const [channel, purpose] = [channelOf.get(text[at] ?? ''), purposeOf.get(text[at + 1] ?? '')];
    if (channel && purpose) consent[`${channel}/${purpose}`] = text[at + 2] === '+';
  }
  return consent;
};

type StoredCustomer = readonly [
  kind: 0 | 1,
  scope: string,
  locale: string,
  zone: string,
  flags: number,
  consent: string,
  suppressed: string,
  situations: readonly Situation[] | null,
  gender: 'f' | 'm' | null,
  birthOn: number | null,
  country: string | null,
  region: string | null,
  city: string | null,
  postcode: string | null,
];

/** A person's facts as stored; traits are kept beside them. */
export const toStoredCustomer = (facts: CustomerFacts): readonly unknown[] =>
  trimmed([
    facts.kind === 'organisation' ? 1 : 0,
    facts.scope,
    facts.locale,
    facts.zone,
    (facts.hasEmail ? 1 : 0) + (facts.hasPhone ? 2 : 0) + (facts.hasAddress ? 4 : 0) + (facts.largePrint ? 8 : 0),
    toConsent(facts.consent),
    facts.suppressed.map((channel) => CHANNELS[channel]).join(''),
    facts.situations.length > 0 ? facts.situations : null,
    facts.gender ?? null,
    toDay(facts.birthOn),
    facts.country ?? null,
    facts.region ?? null,
    facts.city ?? null,
    facts.postcode ?? null,
  ] satisfies StoredCustomer);

/** What `toStoredCustomer` stored. */
export const fromStoredCustomer = (stored: readonly unknown[], traits: CustomerFacts['traits']): CustomerFacts => {
  const [kind, scope, locale, zone, flags, consent, suppressed, situations, gender, birthOn, ...place] =
    stored as StoredCustomer;
  const [country, region, city, postcode] = place;
  return {
    kind: kind === 1 ? 'organisation' : 'person',
    scope,
    locale,
    zone,
    ...(gender ? { gender } : {}),
    ...(birthOn ? { birthOn: fromDay(birthOn) } : {}),
    ...(country ? { country } : {}),
    ...(region ? { region } : {}),
    ...(city ? { city } : {}),
    ...(postcode ? { postcode } : {}),
    hasEmail: (flags & 1) !== 0,
    hasPhone: (flags & 2) !== 0,
    hasAddress: (flags & 4) !== 0,
    largePrint: (flags & 8) !== 0,
    consent: fromConsent(consent ?? ''),
    suppressed: [...(suppressed ?? '')].flatMap((code) => channelOf.get(code) ?? []),
    situations: situations ?? [],
    traits,
  };
};

type StoredPolicyFacts = readonly [
  line: ProductLine,
  contactRule: string,
  scope: string,
  contractStartsOn: number | null,
  startsOn: number | null,
  renewsOn: number | null,
  premiumMinor: number | null,
  currency: string | null,
  /** 1: an offer without an end; larger: its last day. */
  offer: number | null,
  endsOn: number | null,
  ending: 'lapsed' | 'cancelled' | null,
];

type StoredClaim = readonly [
  claimNo: string,
  type: string,
  status: ClaimFacts['status'],
  costMinor: number | null,
  currency: string | null,
  occurredOn: number | null,
  settledOn: number | null,
];

/** A policy with its claims, as stored under its id. */
export interface StoredPolicy {
  /** When it was written: an older word does not overwrite it. */
  readonly w: number;
  readonly f: readonly unknown[];
  readonly k?: readonly (readonly unknown[])[];
}

/** A policy and its claims as stored. */
export const toStoredPolicy = (policy: PolicyFacts, claims: readonly ClaimFacts[], now: number): StoredPolicy => {
  const offer = policy.offerValidUntil === undefined ? 1 : toDay(policy.offerValidUntil);
  return {
    w: now,
    f: trimmed([
      policy.line,
      RULES[policy.contactRule],
      policy.scope,
      toDay(policy.contractStartsOn),
      toDay(policy.startsOn),
      toDay(policy.renewsOn),
      policy.premiumMinor ?? null,
      policy.currency ?? null,
      policy.hasOffer ? offer : null,
      toDay(policy.endsOn),
      policy.ending ?? null,
    ] satisfies StoredPolicyFacts),
    ...(claims.length === 0
      ? {}
      : {
          k: claims.map(({ claimNo, type, status, costMinor, currency, occurredOn, settledOn }) =>
            trimmed([
              claimNo,
              type,
              status,
              costMinor ?? null,
              currency ?? null,
              toDay(occurredOn),
              toDay(settledOn),
            ] satisfies StoredClaim),
          ),
        }),
  };
};

/** The policy of what `toStoredPolicy` stored. */
export const fromStoredPolicy = (policyId: string, { f }: StoredPolicy): PolicyFacts => {
  const [line, rule, scope, contract, starts, renews, premiumMinor, currency, offer, endsOn, ending] =
    f as StoredPolicyFacts;
  return {
    policyId,
    line,
    contactRule: ruleOf.get(rule) ?? 'direct',
    scope,
    contractStartsOn: fromDay(contract ?? 0),
    startsOn: fromDay(starts ?? 0),
    renewsOn: fromDay(renews ?? 0),
    ...(typeof premiumMinor === 'number' ? { premiumMinor } : {}),
    ...(currency ? { currency } : {}),
    hasOffer: typeof offer === 'number',
    ...(offer && offer > 1 ? { offerValidUntil: fromDay(offer) } : {}),
    ...(endsOn ? { endsOn: fromDay(endsOn) } : {}),
    ...(ending ? { ending } : {}),
  };
};

/** The claims of what `toStoredPolicy` stored. */
export const fromStoredClaims = (policyId: string, { k = [] }: StoredPolicy): readonly ClaimFacts[] =>
  k.map((stored) => {
    const [claimNo, type, status, costMinor, currency, occurredOn, settledOn] = stored as StoredClaim;
    return {
      claimNo,
      policyId,
      type,
      status,
      ...(typeof costMinor === 'number' ? { costMinor } : {}),
      ...(currency ? { currency } : {}),
      ...(occurredOn ? { occurredOn: fromDay(occurredOn) } : {}),
      ...(settledOn ? { settledOn: fromDay(settledOn) } : {}),
    };
  });
