import { displayName } from '../content/salutation.ts';
import type { Profile } from '../customer/customer.ts';
import { maskEmail, maskPhone } from '../customer/mask.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import type { TimelineEntry } from '../message/message.ts';
import { EngagementError } from '../platform/errors.ts';
import type { SendId } from '../platform/ids.ts';
import { type CivilDate, formatInstant, type Instant } from '../platform/time.ts';
import { isInForce, type Policy } from '../policy/policy.ts';
import type { CustomerListed, Journey, PolicyListed, TimelineRow } from './contract.ts';

/** A customer's name as the customer writes it; what stands for it where none is known. */
export const nameOf = (profile: Pick<Profile, 'name'>): string => displayName(profile.name) ?? '—';

/** A customer in a list: addresses masked (S11). */
export const listedCustomer = (profile: Profile): CustomerListed => ({
  customerId: profile.partyId,
  name: nameOf(profile),
  ...(profile.email === undefined ? {} : { email: maskEmail(profile.email) }),
  ...(profile.phone === undefined ? {} : { phone: maskPhone(profile.phone) }),
  locale: profile.locale,
});

/** A policy in a list, as it stands on `today`. */
export const listedPolicy = (policy: Policy, today: CivilDate): PolicyListed => ({
  policyId: policy.policyId,
  ...(policy.partyId === undefined ? {} : { customerId: policy.partyId }),
  policyNo: policy.policyNo,
  line: policy.line,
  renewsOn: policy.term.renewsOn,
  state: isInForce(policy, today) ? 'in-force' : policy.contractStartsOn > today ? 'not-begun' : 'ended',
  ...(policy.term.premium === undefined ? {} : { premium: policy.term.premium }),
  ...(policy.offer?.termStartsOn === policy.term.renewsOn ? { newPremium: policy.offer.premium } : {}),
  contactRule: policy.contactRule,
  ...(policy.contradiction === undefined ? {} : { contradiction: policy.contradiction }),
});

/** A journey as people see it. */
export const listedJourney = (enrolment: Enrolment): Journey => ({
  campaign: enrolment.campaign,
  ...(enrolment.policyId === undefined ? {} : { policyId: enrolment.policyId }),
  occurrence: enrolment.occurrence,
  state: enrolment.state,
  enteredAt: formatInstant(enrolment.enteredAt),
  ...(enrolment.next ? { nextStep: { step: enrolment.next.step, at: formatInstant(enrolment.next.at) } } : {}),
  ...(enrolment.reaction
    ? { reaction: { kind: enrolment.reaction.kind, at: formatInstant(enrolment.reaction.at) } }
    : {}),
  ...(enrolment.exit ? { exit: { reason: enrolment.exit.reason, at: formatInstant(enrolment.exit.at) } } : {}),
});

/** The name of a timeline row within its customer: instant, kind and id, all opaque. */
const rowNameOf = ({ at, kind, id }: Pick<TimelineEntry, 'at' | 'kind' | 'id'>): string =>
  `${at.toString(36)}-${kind}-${id}`;

/** Reads what `rowNameOf` wrote; undefined for anything else. */
export const readRowName = (
  name: string,
): { readonly at: Instant; readonly kind: TimelineEntry['kind']; readonly id: SendId } | undefined => {
  const match = /^([0-9a-z]{1,9})-(message|reaction|fact|task|consent)-([\w-]{1,80})$/.exec(name);
  const at = Number.parseInt(match?.[1] ?? '', 36);
  // the largest instant that a date can hold
  if (!match || !(at <= 8.64e15)) return undefined;
  return { at: at as Instant, kind: match[2] as TimelineEntry['kind'], id: match[3] as SendId };
};

/** A timeline row as people see it. */
export const listedRow = (entry: TimelineEntry): TimelineRow => ({
  row: rowNameOf(entry),
  customerId: entry.partyId,
  at: formatInstant(entry.at),
  kind: entry.kind,
  policyIds: [...entry.policyIds],
  ...(entry.campaign === undefined ? {} : { campaign: entry.campaign }),
  ...(entry.step === undefined ? {} : { step: entry.step }),
  ...(entry.channel === undefined ? {} : { channel: entry.channel }),
  ...(entry.sendClass === undefined ? {} : { sendClass: entry.sendClass }),
  ...(entry.state === undefined ? {} : { state: entry.state }),
  ...(entry.reason === undefined ? {} : { reason: entry.reason }),
  ...(entry.details === undefined || Object.keys(entry.details).length === 0 ? {} : { details: entry.details }),
  asSent: entry.proof !== undefined,
});

/** A page mark that was made for the partition `pk`; a mark of another place is no mark.
 *  @throws EngagementError `bad-input` where it is not */
export const checkedMark = (after: string | undefined, pk: string): string | undefined => {
  if (after === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    if ((key as { pk?: unknown } | null)?.pk === pk) return after;
  } catch {
    // falls through: what cannot be read was not made by us
  }
  throw new EngagementError('bad-input', 'query.after is not a mark of this list: start from the first page');
};
