import type { Profile } from '../customer/customer.ts';
import type { TraitValues } from '../customer/traits-store.ts';
import type { Policy } from '../policy/policy.ts';
import type { AnswerFacets } from './answer.ts';

/** What results are broken down by, of a customer as they are now. `traits.tier` is the value tier where one is known. */
export const facetsOf = (
  profile: Profile,
  policy: Policy | undefined,
  traits: TraitValues | undefined,
  channel: AnswerFacets['channel'],
): AnswerFacets => {
  const { tier } = traits ?? {};
  const region = profile.address?.region;
  return {
    scope: policy?.scope ?? profile.scope,
    ...(policy === undefined ? {} : { line: policy.line }),
    ...(region === undefined ? {} : { region }),
    ...(typeof tier === 'string' ? { tier } : {}),
    ...(profile.manager === undefined ? {} : { manager: profile.manager }),
    channel,
    locale: profile.locale,
  };
};
