import type { Profile } from '../customer/customer.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Policy } from '../policy/policy.ts';
import type { Enrolment } from './enrolment.ts';

/** Whom a journey is about, with what its plan needs of them: copied into the enrolment. */
export type About = Pick<
  Enrolment,
  'partyId' | 'policyId' | 'zone' | 'line' | 'contactRule' | 'intermediary' | 'scope'
>;

/** A journey about a policy, for its holder. */
export const aboutPolicy = (policy: Policy, partyId: PartyId): About => ({
  partyId,
  policyId: policy.policyId,
  zone: policy.zone,
  line: policy.line,
  contactRule: policy.contactRule,
  ...(policy.intermediary === undefined ? {} : { intermediary: policy.intermediary }),
  scope: policy.scope,
});

/** A journey about a customer: written to directly, whatever their policies' contact rules. */
export const aboutPerson = ({ partyId, zone, scope }: Profile): About => ({
  partyId,
  zone,
  contactRule: 'direct',
  scope,
});
