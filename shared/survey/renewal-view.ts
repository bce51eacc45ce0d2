import { maskInsured, maskNumber } from '../content/formats.ts';
import type { Profile } from '../customer/customer.ts';
import { maskPhone } from '../customer/mask.ts';
import type { Money } from '../platform/money.ts';
import { type CivilDate, civilDateAt, type Instant } from '../platform/time.ts';
import type { Policy, ProductLine } from '../policy/policy.ts';
import type { Invitation } from './invitation.ts';
import { callDays, type RenewalAnswer } from './renewal-answer.ts';
import type { RenewalAnswerList } from './renewal-answer-store.ts';

/** What the renewal page may show of a policy and its holder: only what the page needs, masked where it names them. */
export interface RenewalView {
  /** `renewed`: the term that the link was about is over and the next has begun or is agreed. */
  readonly status: 'open' | 'renewed' | 'ended';
  readonly policyNo: string;
  readonly insured?: string;
  readonly line: ProductLine;
  readonly renewsOn: CivilDate;
  readonly lastPremium?: Money;
  /** Absent while the price follows, and once the offer has run out. */
  readonly offer?: { readonly premium: Money; readonly validUntil?: CivilDate; readonly payUrl?: string };
  readonly callDays: readonly CivilDate[];
  /** Masked; absent where none is known. */
  readonly phone?: string;
  /** What the customer said last. */
  readonly latest?: RenewalAnswer;
  /** The civil date of `latest` where the policy is. */
  readonly latestOn?: CivilDate;
}

/**
 * The address to pay at, or undefined where it is not the insurer's own: https on the host of `website` or below it, on
 * the usual port, without a user name. A source may hold anything, and the page sends people there.
 */
const ownPayUrl = (payUrl: string | undefined, website: string): string | undefined => {
  if (payUrl === undefined || !URL.canParse(payUrl) || !URL.canParse(website)) return undefined;
  const url = new URL(payUrl);
  const domain = new URL(website).hostname.replace(/^www\./, '');
  const own = url.hostname === domain || url.hostname.endsWith(`.${domain}`);
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return own && plain ? url.href : undefined;
};

const statusOf = (policy: Policy, { campaign, occurrence }: Invitation, today: CivilDate): RenewalView['status'] => {
  if (policy.ending !== undefined && policy.ending.on <= today) return 'ended';
  const renewedSince = occurrence !== undefined && policy.term.startsOn > occurrence;
  return campaign === 'renewal' && renewedSince ? 'renewed' : 'open';
};

/** Last year's premium may stand beside the new one only in the same currency. */
const lastPremiumOf = ({ term, offer }: Policy): Money | undefined => {
  const last = offer?.lastPremium ?? term.premium;
  return offer !== undefined && last?.currency !== offer.premium.currency ? undefined : last;
};

/**
 * The renewal page's view at `now`.
 * @param website the insurer's own site, from the sender profile
 */
export const viewRenewal = (input: {
  readonly policy: Policy;
  readonly profile: Pick<Profile, 'phone'>;
  readonly invitation: Invitation;
  readonly answers: RenewalAnswerList;
  readonly website: string;
  readonly now: Instant;
}): RenewalView => {
  const { policy, profile, invitation, answers, website, now } = input;
  const today = civilDateAt(now, policy.zone);
  const { offer } = policy;
  const valid =
    offer !== undefined &&
    offer.termStartsOn === policy.term.renewsOn &&
    (offer.validUntil === undefined || offer.validUntil >= today);
  const payUrl = ownPayUrl(offer?.payUrl, website);
  const lastPremium = lastPremiumOf(policy);
  const latest = answers.answers.at(-1);
  return {
    status: statusOf(policy, invitation, today),
    policyNo: maskNumber(policy.policyNo),
    ...(policy.insured === undefined ? {} : { insured: maskInsured(policy.insured) }),
    line: policy.line,
    renewsOn: policy.term.renewsOn,
    ...(lastPremium === undefined ? {} : { lastPremium }),
    ...(valid
      ? {
          offer: {
            premium: offer.premium,
            ...(offer.validUntil === undefined ? {} : { validUntil: offer.validUntil }),
            ...(payUrl === undefined ? {} : { payUrl }),
          },
        }
      : {}),
    callDays: callDays(now, policy.zone),
    ...(profile.phone === undefined ? {} : { phone: maskPhone(profile.phone) }),
    ...(latest === undefined ? {} : { latest, latestOn: civilDateAt(latest.at, policy.zone) }),
  };
};
