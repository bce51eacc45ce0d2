import type { EventProperties } from '../audience/rule-subject.ts';
import type { Profile } from '../customer/customer.ts';
import { type CivilDate, civilDateAt, daysBetween, type Instant } from '../platform/time.ts';
import type { Claim, Policy, ProductLine } from '../policy/policy.ts';
import { eventData } from './event-data.ts';
import { maskInsured, maskNumber, showDate, showMoney } from './formats.ts';
import { displayName, salutationOf } from './salutation.ts';
import type { SenderProfile } from './sender.ts';

/** An offer as shown. Absent while there is none for the coming term. */
export interface OfferData {
  readonly premium: string;
  readonly lastPremium?: string;
  readonly difference?: string;
  readonly isHigher: boolean;
  readonly isLower: boolean;
  readonly validUntil?: string;
  readonly payUrl?: string;
}

/** A policy as shown. */
export interface PolicyData {
  readonly number: string;
  readonly line: string;
  readonly insured?: string;
  readonly startedOn: string;
  readonly renewsOn: string;
  /** Calendar days from today to the renewal date, at the policy's place; negative once it has passed. */
  readonly daysLeft: number;
  readonly daysLeftText: string;
  readonly endedOn?: string;
}

/** What a template may say. Every leaf is ready to be read by a person; nothing is ever blank: unknown means absent. */
export interface MessageData {
  readonly locale: string;
  readonly salutation: string;
  /** What an advertisement's subject must begin with where the reader is in mainland China (C14); else absent. */
  readonly adMark?: string;
  readonly customer: { readonly name?: string };
  /** The policy of the message, of several the one that renews first; absent where it is about none. */
  readonly policy?: PolicyData;
  /** Of that policy. */
  readonly offer?: OfferData;
  /** Every policy that the message serves, soonest renewal first (C5); empty where it is about none. */
  readonly policies: readonly (PolicyData & { readonly offer?: OfferData; readonly renewUrl?: string })[];
  /** Whether they are more than one. */
  readonly several: boolean;
  readonly claim?: {
    readonly number: string;
    readonly type?: string;
    readonly occurredOn?: string;
    readonly settledOn?: string;
  };
  /** Properties of the event that began the journey, dates and amounts written for the reader. */
  readonly event?: Readonly<Record<string, string | number | boolean>>;
  readonly links: {
    readonly renew?: string;
    readonly survey?: string;
    readonly unsubscribe?: string;
    readonly preferences?: string;
    readonly confirm?: string;
    readonly short?: string;
  };
  readonly sender: {
    readonly company: string;
    readonly legalName: string;
    readonly email: string;
    readonly hotline: string;
    readonly hours: string;
    readonly address: string;
    readonly website: string;
  };
}

const lineNames: Readonly<Record<ProductLine, { zh: string; en: string }>> = {
  motor: { zh: '机动车保险', en: 'Motor insurance' },
  home: { zh: '家庭财产保险', en: 'Home insurance' },
  health: { zh: '健康保险', en: 'Health insurance' },
  life: { zh: '人寿保险', en: 'Life insurance' },
  liability: { zh: '责任保险', en: 'Liability insurance' },
  travel: { zh: '旅行保险', en: 'Travel insurance' },
  other: { zh: '保险', en: 'Insurance' },
};

/** A product line as people call it. */
const lineName = (line: ProductLine, locale: string): string => lineNames[line][locale.startsWith('zh') ? 'zh' : 'en'];

const daysText = (days: number, locale: string): string => {
  if (locale.startsWith('zh')) return `${days} 天`;
  return days === 1 ? '1 day' : `${days} days`;
};

const chineseZones = new Set(['Asia/Shanghai', 'Asia/Urumqi', 'Asia/Chongqing', 'Asia/Harbin', 'PRC']);

/** MIIT order 38, article 13: advertising to China says so at the beginning of its subject. */
const adMark = (profile: Profile, locale: string): string | undefined => {
  const country = profile.address?.country;
  const inChina = country === undefined ? locale === 'zh-CN' || chineseZones.has(profile.zone) : country === 'CN';
  if (!inChina) return undefined;
  return locale.startsWith('zh') ? '广告：' : 'AD: ';
};

/** Only a link the reader's program will open as a page: a source may hold anything. */
const webLink = (text: string | undefined): string | undefined =>
  text !== undefined && /^https?:\/\/[^\s"'<>\\]+$/i.test(text) ? text : undefined;

/** Leaves out what is undefined or blank, so that a template that needs it fails instead of mailing a gap. */
const known = <Shape extends object>(shape: Shape): Shape => {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(shape)) {
    if (value !== undefined && !(typeof value === 'string' && value.trim() === '')) kept[name] = value;
  }
  return kept as Shape;
};

/** The offer as shown, or undefined where there is none for the coming term or it has run out: last year's premium must
 *  never stand in for the new one (product.md C5). */
const offerData = (policy: Policy, locale: string, today: CivilDate): OfferData | undefined => {
  const { offer, term } = policy;
  if (offer === undefined || offer.termStartsOn !== term.renewsOn) return undefined;
  if (offer.validUntil !== undefined && offer.validUntil < today) return undefined;
  const last = offer.lastPremium ?? term.premium;
  const comparable = last !== undefined && last.currency === offer.premium.currency ? last : undefined;
  const change = comparable === undefined ? 0 : offer.premium.minor - comparable.minor;
  return known({
    premium: showMoney(offer.premium, locale),
    lastPremium: comparable && showMoney(comparable, locale),
    difference: change === 0 ? undefined : showMoney({ ...offer.premium, minor: Math.abs(change) }, locale),
    isHigher: change > 0,
    isLower: change < 0,
    validUntil: offer.validUntil && showDate(offer.validUntil, locale),
    payUrl: webLink(offer.payUrl),
  });
};

const policyData = (policy: Policy, locale: string, today: CivilDate): PolicyData => {
  const daysLeft = daysBetween(today, policy.term.renewsOn);
  return known({
    number: maskNumber(policy.policyNo),
    line: lineName(policy.line, locale),
    insured: policy.insured === undefined ? undefined : maskInsured(policy.insured),
    startedOn: showDate(policy.term.startsOn, locale),
    renewsOn: showDate(policy.term.renewsOn, locale),
    daysLeft,
    daysLeftText: daysText(daysLeft, locale),
    endedOn: policy.ending && showDate(policy.ending.on, locale),
  });
};

const claimData = (claim: Claim, locale: string): MessageData['claim'] =>
  known({
    number: maskNumber(claim.claimNo),
    type: claim.type,
    occurredOn: claim.occurredOn && showDate(claim.occurredOn, locale),
    settledOn: claim.settledOn && showDate(claim.settledOn, locale),
  });

/** A policy that a message serves, and its own renewal page. */
export interface ServedPolicy {
  readonly policy: Policy;
  readonly renewUrl?: string;
}

/**
 * What one message may say, at the moment it is sent: days left are counted at `now` in each policy's zone, money and
 * dates are written for `locale`, policy numbers and what is insured are masked.
 * @param input.policies whom it serves, in any order; none for a campaign about the customer
 * @param input.claim the claim that began the journey
 * @param input.event properties of the event that began the journey
 * @param input.links absolute addresses; those absent cannot be used by the template. `renew` is that of the first policy
 *   unless given
 */
export const buildMessageData = (input: {
  readonly profile: Profile;
  readonly policies: readonly ServedPolicy[];
  readonly claim?: Claim;
  readonly event?: EventProperties;
  readonly links: MessageData['links'];
  readonly sender: SenderProfile;
  readonly locale: string;
  readonly now: Instant;
}): MessageData => {
  const { profile, sender, locale, now, claim, event } = input;
  const soonest = [...input.policies].sort((a, b) =>
    a.policy.term.renewsOn < b.policy.term.renewsOn ? -1 : Number(a.policy.term.renewsOn > b.policy.term.renewsOn),
  );
  const policies = soonest.map(({ policy, renewUrl }) => {
    const today = civilDateAt(now, policy.zone);
    return { shown: policyData(policy, locale, today), offer: offerData(policy, locale, today), renewUrl };
  });
  const [first] = policies;
  return {
    locale,
    salutation: salutationOf(profile, locale),
    ...known({ adMark: adMark(profile, locale) }),
    customer: known({ name: displayName(profile.name) }),
    ...(first === undefined ? {} : { policy: first.shown, ...(first.offer && { offer: first.offer }) }),
    policies: policies.map(({ shown, offer, renewUrl }) => ({ ...shown, ...known({ offer, renewUrl }) })),
    several: policies.length > 1,
    ...(claim === undefined ? {} : { claim: claimData(claim, locale) }),
    ...(event === undefined ? {} : { event: eventData(event, locale, profile.zone) }),
    links: known({ ...(first?.renewUrl === undefined ? {} : { renew: first.renewUrl }), ...input.links }),
    sender: {
      company: sender.company,
      legalName: sender.legalName,
      email: sender.replyTo,
      hotline: sender.hotline,
      hours: sender.hours,
      address: sender.address,
      website: sender.website,
    },
  };
};
