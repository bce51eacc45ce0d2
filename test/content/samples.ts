import { readFileSync } from 'node:fs';
import type { EventProperties } from '../../shared/audience/rule-subject.ts';
import { buildMessageData, type MessageData } from '../../shared/content/message-data.ts';
import type { MailInput } from '../../shared/content/render-mail.ts';
import { senderFor } from '../../shared/content/sender.ts';
import { shippedIndex } from '../../shared/content/shipped-templates.ts';
import type { MailTemplate, TemplateVersion } from '../../shared/content/template.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import type { PartyId, PolicyId, SendId } from '../../shared/platform/ids.ts';
import { type CivilDate, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import type { Claim, Policy } from '../../shared/policy/policy.ts';

/** Readable stand-ins for a customer and a policy; each test names only what it is about. */
export const at = (text: string): Instant => parseInstant(text) as Instant;
const day = (text: string): CivilDate => text as CivilDate;

export const profileOf = (given: Partial<Profile> = {}): Profile => ({
  partyId: 'party1' as PartyId,
  scope: 'head/shanghai',
  name: { family: '张', given: '伟' },
  gender: 'm',
  locale: 'zh-CN',
  zone: 'Asia/Shanghai' as ZoneId,
  email: 'zhang.wei@example.com',
  address: { lines: ['世纪大道 100 号'], city: '上海市', postcode: '200120', country: 'CN' },
  records: [],
  version: 1,
  ...given,
});

export const policyOf = (given: Partial<Policy> = {}): Policy => ({
  policyId: 'policy1' as PolicyId,
  policyNo: 'PMOT-2018-0012345',
  source: 'underwriting',
  scope: 'head/shanghai',
  partyId: 'party1' as PartyId,
  line: 'motor',
  contractStartsOn: day('2015-01-31'),
  zone: 'Asia/Shanghai' as ZoneId,
  contactRule: 'direct',
  term: { startsOn: day('2018-01-31'), renewsOn: day('2019-01-31'), premium: { minor: 312_000, currency: 'CNY' } },
  offer: {
    termStartsOn: day('2019-01-31'),
    premium: { minor: 334_050, currency: 'CNY' },
    validUntil: day('2019-01-31'),
  },
  insured: '沪A12345',
  firstKnownAt: at('2018-01-31T00:00:00Z'),
  version: 1,
  ...given,
});

/** A template as shipped, in the version of this build. */
export const shipped = <Kind extends TemplateVersion['kind'] = 'mail'>(
  name: string,
): Extract<TemplateVersion, { kind: Kind }> =>
  JSON.parse(
    readFileSync(new URL(`../../templates/generated/shipped/${name}.json`, import.meta.url), 'utf8'),
  ) as Extract<TemplateVersion, { kind: Kind }>;

/** All mails of this repository, by name. */
export const shippedMails: readonly MailTemplate[] = Object.entries(shippedIndex)
  .filter(([, { kind }]) => kind === 'mail')
  .map(([name]) => shipped(name));

const renewalM30 = shipped('renewal-m30');

export const links = {
  renew: 'https://pages.example.com/r/abcdefghijklmnopqrstuvwxyz',
  survey: 'https://pages.example.com/s/abcdefghijklmnopqrstuvwxyz',
  unsubscribe: 'https://pages.example.com/u/abcdefghijklmnopqrstuvwxyz',
  preferences: 'https://pages.example.com/p/abcdefghijklmnopqrstuvwxyz',
  short: 'https://pages.example.com/k/abcdefgh',
};

/** Ten o'clock in Shanghai, thirty days before the renewal date. */
export const now = at('2019-01-01T02:00:00Z');

export const dataOf = (
  given: {
    profile?: Partial<Profile>;
    policy?: Partial<Policy>;
    policies?: readonly Policy[];
    claim?: Claim;
    event?: EventProperties;
    locale?: string;
    now?: Instant;
    links?: MessageData['links'];
  } = {},
): MessageData => {
  const locale = given.locale ?? 'zh-CN';
  const { renew } = given.links ?? links;
  return buildMessageData({
    profile: profileOf(given.profile),
    policies: (given.policies ?? [policyOf(given.policy)]).map((policy) => ({
      policy,
      ...(renew ? { renewUrl: renew } : {}),
    })),
    ...(given.claim === undefined ? {} : { claim: given.claim }),
    ...(given.event === undefined ? {} : { event: given.event }),
    links: given.links ?? links,
    sender: senderFor({ scope: 'head', sendClass: 'service', locale, domain: 'mail.example.com' }),
    locale,
    now: given.now ?? now,
  });
};

export const mailOf = (given: Partial<MailInput> = {}): MailInput => {
  const locale = given.locale ?? 'zh-CN';
  const sendClass = given.sendClass ?? 'service';
  return {
    template: renewalM30,
    locale,
    data: dataOf({ locale }),
    to: { name: '张伟', address: 'zhang.wei@example.com' },
    sender: senderFor({ scope: 'head', sendClass, locale, domain: 'mail.example.com' }),
    sendClass,
    sendId: 'send1' as SendId,
    unsubscribeUrl: links.unsubscribe,
    at: now,
    ...given,
  };
};
