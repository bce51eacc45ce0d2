import type { Profile } from '../../shared/customer/customer.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { addDays, type CivilDate, civilDateAt, type Instant, type ZoneId } from '../../shared/platform/time.ts';
import type { Policy, ProductLine } from '../../shared/policy/policy.ts';
import profiles from '../../templates/test-profiles.json' with { type: 'json' };

/** A made-up recipient that a template is looked at with: what is unusual is what goes wrong. */
export interface TestProfile {
  readonly id: string;
  readonly title: { readonly 'zh-CN': string; readonly en: string };
}

interface Written extends TestProfile {
  readonly profile: Pick<Profile, 'name'> & {
    readonly gender?: string;
    readonly locale: string;
    readonly zone: string;
    readonly country?: string;
    readonly largePrint?: boolean;
  };
  readonly policies: readonly {
    readonly line: string;
    readonly policyNo: string;
    readonly renewsInDays: number;
    /** In minor units of `currency`, or of CNY. */
    readonly premium: number;
    readonly offer?: number;
    readonly currency?: string;
    readonly insured?: string;
  }[];
}

const written = profiles as readonly Written[];

/** Those that there are; `templates/test-profiles.json`. */
export const testProfiles: readonly TestProfile[] = written.map(({ id, title }) => ({ id, title }));

const policyOf = (
  { line, policyNo, renewsInDays, premium, offer, currency = 'CNY', insured }: Written['policies'][number],
  zone: ZoneId,
  now: Instant,
): Policy => {
  const renewsOn: CivilDate = addDays(civilDateAt(now, zone), renewsInDays);
  const startsOn = addDays(renewsOn, -365);
  return {
    policyId: policyNo as PolicyId,
    policyNo,
    source: 'test',
    scope: '',
    line: line as ProductLine,
    contractStartsOn: startsOn,
    zone,
    contactRule: 'direct',
    term: { startsOn, renewsOn, premium: { minor: premium, currency } },
    ...(offer === undefined
      ? {}
      : { offer: { termStartsOn: renewsOn, premium: { minor: offer, currency }, validUntil: renewsOn } }),
    ...(insured === undefined ? {} : { insured }),
    firstKnownAt: now,
    version: 1,
  };
};

/** A test profile as the customer that it stands for, its policies due from `now` on; undefined where there is none. */
export const testRecipient = (
  id: string,
  now: Instant,
): { readonly profile: Profile; readonly policies: readonly Policy[] } | undefined => {
  const found = written.find((one) => one.id === id);
  if (found === undefined) return undefined;
  const { name, gender, locale, zone, country = 'CN', largePrint } = found.profile;
  const profile: Profile = {
    partyId: `test-${id}` as PartyId,
    scope: '',
    name,
    ...(gender === 'f' || gender === 'm' ? { gender } : {}),
    locale,
    zone: zone as ZoneId,
    address: { lines: ['-'], city: '-', postcode: '', country },
    ...(largePrint === undefined ? {} : { largePrint }),
    records: [],
    version: 1,
  };
  return { profile, policies: found.policies.map((policy) => policyOf(policy, zone as ZoneId, now)) };
};
