import { variantOf } from '../../shared/content/locales.ts';
import { buildMessageData } from '../../shared/content/message-data.ts';
import type { MailRenderer } from '../../shared/content/render-mail.ts';
import { branchLocale, type SenderProfile, senderFor } from '../../shared/content/sender.ts';
import type { Templates } from '../../shared/content/template.ts';
import { trackedTargets } from '../../shared/content/tracked-links.ts';
import { normaliseAddress } from '../../shared/customer/address-book.ts';
import type { ReplyAddresses } from '../../shared/inbound/reply-address.ts';
import { messageClaim } from '../../shared/message/click.ts';
import { type ClickTargets, clickTargetId } from '../../shared/message/click-targets.ts';
import type { LinkClaims, LinkPurpose, Links } from '../../shared/message/links.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { ComposedMail, Recipient } from '../../shared/message/send-ports.ts';
import type { PolicyId } from '../../shared/platform/ids.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import type { Claim } from '../../shared/policy/policy.ts';

/** How long the links of a mail open their pages, in days: renewal and surveys until well after the date, a new address
 *  for a week, the others for as long as a mail may lie in a mailbox (CAN-SPAM asks for 30 at least). */
const LINK_DAYS: Readonly<Record<LinkPurpose, number>> = {
  renew: 150,
  survey: 60,
  unsubscribe: 730,
  preferences: 730,
  confirm: 7,
  click: 730,
};

/** Purposes whose links name the address that the mail went to. */
const MARKED: readonly LinkPurpose[] = ['unsubscribe', 'preferences', 'confirm'];

/** What the link of an invite asks. */
const surveyOf = ({ survey, surveyVersion }: SendOrder): Pick<LinkClaims, 'survey' | 'surveyVersion'> =>
  survey === undefined || surveyVersion === undefined ? {} : { survey, surveyVersion };

/** What a link of a message says about it. */
const claimsOf = (
  order: SendOrder,
  purpose: LinkPurpose,
  policyId: PolicyId | undefined,
  now: Instant,
  target?: string,
): LinkClaims => ({
  purpose,
  partyId: order.partyId,
  ...(policyId === undefined ? {} : { policyId }),
  campaign: order.campaign,
  // of a merged message each policy's own
  occurrence: (order.enrolments.find((ref) => ref.policyId === policyId) ?? order.enrolments[0])?.occurrence ?? '',
  step: order.step,
  sendClass: order.sendClass,
  ...(purpose === 'survey' ? surveyOf(order) : {}),
  ...(target === undefined ? {} : { target }),
  expiresAt: (now + LINK_DAYS[purpose] * DAY) as Instant,
});

/** What a click link says: which link of which message, and nothing of where it leads. */
const clickClaims = (order: SendOrder, url: string, row: Instant, now: Instant): LinkClaims => ({
  ...claimsOf(order, 'click', undefined, now),
  target: clickTargetId(url),
  message: messageClaim({ at: row, id: order.sendId }),
});

/** The sender with addresses that name the customer: a reply finds its way whatever From it bears, and a mail to the
 *  other is an opt-out (ADR 0114). What the mail shows is the plain one. */
const answerable = (sender: SenderProfile, addresses: ReplyAddresses, order: SendOrder): SenderProfile => {
  const { partyId, sendClass } = order;
  return {
    ...sender,
    replyTo: addresses.address(sender.replyTo, { use: 'reply', partyId, sendClass }),
    unsubscribeAddress: addresses.address(sender.unsubscribeAddress, { use: 'unsubscribe', partyId, sendClass }),
  };
};

/** Makes the mail for one recipient: the template in the version that was approved, his language, the sender of his
 *  branch, links signed for him alone; of a merged message one renewal page for each policy. */
export const createMailComposer =
  (parts: {
    readonly templates: Pick<Templates, 'load'>;
    readonly renderer: MailRenderer;
    readonly links: Links;
    readonly targets: Pick<ClickTargets, 'keep'>;
    readonly addresses: ReplyAddresses;
    /** The verified sending domain. */
    readonly domain: string;
    /** The claim that began the journey, where one did. */
    readonly claimOf: (recipient: Recipient) => Promise<Claim | undefined>;
  }) =>
  async (recipient: Recipient, now: Instant, row: Instant): Promise<ComposedMail> => {
    const { templates, renderer, links, targets, addresses, domain, claimOf } = parts;
    const { order, profile, policies, enrolments } = recipient;
    const template = await templates.load(order.template, order.templateVersion);
    if (template.kind !== 'mail')
      return { kind: 'failed', reason: 'rendering-failure', detail: `template ${order.template} is no mail` };
    const scope = policies[0]?.scope ?? profile.scope;
    const variant = variantOf(template, profile.locale, branchLocale(scope));
    const { locale } = variant;
    const sender = senderFor({ scope, sendClass: order.sendClass, locale, domain });
    const { unconfirmed } = recipient;
    // names the mailbox: once the customer has another, links to settings that lie in the old one open nothing
    const mark = unconfirmed?.mark ?? links.mark(normaliseAddress(profile.email as string));
    const link = (purpose: LinkPurpose, policyId = policies[0]?.policyId): string =>
      links.url(claimsOf(order, purpose, policyId, now, MARKED.includes(purpose) ? mark : undefined));
    // to an address that nobody confirmed goes one link and no other: whoever reads there may not be the customer
    const unsubscribe = order.sendClass === 'statutory' || unconfirmed ? undefined : link('unsubscribe');
    const settings = unconfirmed ? { confirm: link('confirm') } : { preferences: link('preferences') };
    const tracked = order.trackClicks ? trackedTargets(variant) : [];
    // before the mail goes: a link whose target nobody kept leads nowhere
    await targets.keep(tracked);
    const event = enrolments[0]?.event;
    const claim = template.needs.some((need) => need.startsWith('claim')) ? await claimOf(recipient) : undefined;
    const data = buildMessageData({
      profile,
      policies: policies.map((policy) => ({ policy, renewUrl: link('renew', policy.policyId) })),
      ...(claim === undefined ? {} : { claim }),
      ...(event === undefined ? {} : { event }),
      links: {
        ...(order.survey === undefined ? {} : { survey: link('survey') }),
        ...(unsubscribe === undefined ? {} : { unsubscribe }),
        ...settings,
      },
      sender,
      locale,
      now,
    });
    const input = {
      locale,
      data,
      to: {
        address: profile.email as string,
        ...(data.customer.name === undefined || unconfirmed ? {} : { name: data.customer.name }),
      },
      sender: unconfirmed ? sender : answerable(sender, addresses, order),
      sendClass: order.sendClass,
      sendId: order.sendId,
      ...(unsubscribe === undefined ? {} : { unsubscribeUrl: unsubscribe }),
      ...(tracked.length === 0 ? {} : { clicks: tracked.map((url) => links.url(clickClaims(order, url, row, now))) }),
      at: now,
    };
    const made = renderer.render({ template, ...input });
    if (made.kind === 'failed') return made;
    const { name, version } = template;
    return { kind: 'rendered', raw: made.raw, content: { template: name, version, locale, hash: variant.hash, input } };
  };
