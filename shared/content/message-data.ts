import type { Profile } from '../customer/customer.ts';
import { type CivilDate, civilDateAt, daysBetween, type Instant } from '../platform/time.ts';
import type { Policy, ProductLine } from '../policy/policy.ts';
import { maskInsured, maskNumber, showDate, showMoney } from './formats.ts';
import { displayName, salutationOf } from './salutation.ts';
import type { SenderProfile } from './sender.ts';

/** What a template may say. Every leaf is ready to be read by a person; nothing is ever blank: unknown means absent. */
export interface MessageData {
  readonly locale: string;
  readonly salutation: string;
  /** What an advertisement's subject must begin with where the reader is in mainland China (C14); else absent. */
  readonly adMark?: string;
  readonly customer: { readonly name?: string };
  readonly policy: {
    readonly number: string;
    readonly line: string;
    readonly insured?: string;
    readonly startedOn: string;
    readonly renewsOn: string;
    /** Calendar days from today to the renewal date, at the policy's place; negative once it has passed. */
    readonly daysLeft: number;
    readonly daysLeftText: string;
    readonly endedOn?: string;
  };
  /** Absent while there is no offer for the coming term. */
  readonly offer?: {
    readonly premium: string;
    readonly lastPremium?: string;
    readonly difference?: string;
    readonly isHigher: boolean;
    readonly isLower: boolean;
    readonly validUntil?: string;
    readonly payUrl?: string;
  };
  readonly links: {
    readonly renew?: string;
    readonly survey?: string;
    readonly unsubscribe?: string;
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

/** One field of the catalogue: what a template author may write between `{{` and `}}`. */
export interface Field {
  /** `true`: not known of every customer, so a template needs `{% if %}` or a default. */
  readonly optional: boolean;
  readonly example: string | number | boolean;
  readonly en: string;
  readonly zh: string;
}

const always = (example: Field['example'], en: string, zh: string): Field => ({ optional: false, example, en, zh });
const maybe = (example: Field['example'], en: string, zh: string): Field => ({ optional: true, example, en, zh });

/** The field catalogue: the only names that templates may use (checked by `npm run build`). */
export const fieldCatalogue: Readonly<Record<string, Field>> = {
  locale: always('zh-CN', 'language of this variant', '语言'),
  salutation: always('尊敬的张先生：', 'greeting with name and title, with its punctuation', '称呼'),
  adMark: maybe('广告：', 'begins the subject of advertising to mainland China', '广告标识'),
  'customer.name': maybe('张伟', 'name as the customer writes it', '客户姓名'),
  'policy.number': always('****3456', 'policy number, masked', '保单号（脱敏）'),
  'policy.line': always('机动车保险', 'product line', '险种'),
  'policy.insured': maybe('沪A***45', 'what is insured, masked', '保险标的（脱敏）'),
  'policy.startedOn': always('2018年1月31日', 'first day of the running term', '本期起保日'),
  'policy.renewsOn': always('2019年1月31日', 'renewal date', '续保日'),
  'policy.daysLeft': always(30, 'days to the renewal date, counted when the message is sent', '距续保日天数'),
  'policy.daysLeftText': always('30 天', 'the same with its unit', '距续保日天数（带单位）'),
  'policy.endedOn': maybe('2019年1月31日', 'day on which the policy ended', '保单终止日'),
  offer: maybe(true, 'whether there is an offer for the coming term', '是否已有续保报价'),
  'offer.premium': always('¥3,210.00', 'premium of the coming term', '新一期保费'),
  'offer.lastPremium': maybe('¥3,000.00', 'premium of the running term', '上期保费'),
  'offer.difference': maybe('¥210.00', 'how far the two are apart, without sign', '保费差额'),
  'offer.isHigher': always(true, 'the new premium is higher', '保费上调'),
  'offer.isLower': always(false, 'the new premium is lower', '保费下调'),
  'offer.validUntil': maybe('2019年1月31日', 'last day of the offer', '报价有效期'),
  'offer.payUrl': maybe('https://pay.example.com/3456', "the insurer's own payment page", '缴费链接'),
  'links.renew': maybe('https://example.com/r/abc', 'signed renewal page', '续保页面'),
  'links.survey': maybe('https://example.com/s/abc', 'signed satisfaction page; add `?score=0` … `10`', '满意度页面'),
  'links.unsubscribe': maybe('https://example.com/u/abc', 'unsubscribe page', '退订页面'),
  'links.short': maybe('https://example.com/k/ABCD2345', 'short link of a letter', '信函短链接'),
  'sender.company': always('恒湖保险', 'name of the insurer or branch', '公司简称'),
  'sender.legalName': always('恒湖财产保险股份有限公司', 'registered name', '公司全称'),
  'sender.email': always('service@example.com', 'where replies go', '回复邮箱'),
  'sender.hotline': always('400-000-0188', 'telephone', '客服热线'),
  'sender.hours': always('每日 8:00–20:00', 'when it is answered', '服务时间'),
  'sender.address': always('上海市浦东新区示例路 88 号', 'postal address in one line', '通讯地址'),
  'sender.website': always('https://www.example.com', 'public web site', '官方网站'),
};

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
const offerData = (policy: Policy, locale: string, today: CivilDate): MessageData['offer'] => {
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

/**
 * What one message may say, at the moment it is sent: days left are counted at `now` in the policy's zone, money and
 * dates are written for `locale`, the policy number and what is insured are masked.
 * @param input.links absolute addresses; those absent cannot be used by the template
 */
export const buildMessageData = (input: {
  readonly profile: Profile;
  readonly policy: Policy;
  readonly links: MessageData['links'];
  readonly sender: SenderProfile;
  readonly locale: string;
  readonly now: Instant;
}): MessageData => {
  const { profile, policy, sender, locale, now } = input;
  const today = civilDateAt(now, policy.zone);
  const daysLeft = daysBetween(today, policy.term.renewsOn);
  const offer = offerData(policy, locale, today);
  return {
    locale,
    salutation: salutationOf(profile, locale),
    ...known({ adMark: adMark(profile, locale) }),
    customer: known({ name: displayName(profile.name) }),
    policy: known({
      number: maskNumber(policy.policyNo),
      line: lineName(policy.line, locale),
      insured: policy.insured === undefined ? undefined : maskInsured(policy.insured),
      startedOn: showDate(policy.term.startsOn, locale),
      renewsOn: showDate(policy.term.renewsOn, locale),
      daysLeft,
      daysLeftText: daysText(daysLeft, locale),
      endedOn: policy.ending && showDate(policy.ending.on, locale),
    }),
    ...(offer && { offer }),
    links: known(input.links),
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
