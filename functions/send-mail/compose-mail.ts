import { buildMessageData } from '../../shared/content/message-data.ts';
import type { MailRenderer } from '../../shared/content/render-mail.ts';
import { senderFor } from '../../shared/content/sender.ts';
import type { LinkClaims, LinkPurpose, Links } from '../../shared/message/links.ts';
import type { ComposedMail, Recipient } from '../../shared/message/send-ports.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';

/** How long the links of a mail open their pages, in days: renewal and satisfaction until well after the renewal date,
 *  unsubscribing for as long as a mail may lie in a mailbox (CAN-SPAM asks for 30 at least). */
const LINK_DAYS: Readonly<Record<LinkPurpose, number>> = { renew: 150, survey: 60, unsubscribe: 730 };

/** Makes the mail for one recipient: his language, the sender of his branch, links signed for him alone. */
export const createMailComposer =
  (parts: {
    readonly renderer: MailRenderer;
    readonly links: Links;
    /** The verified sending domain. */
    readonly domain: string;
  }) =>
  ({ order, profile, policy }: Recipient, now: Instant): ComposedMail => {
    const { renderer, links, domain } = parts;
    const locale = renderer.localeOf(order.template, profile.locale);
    const sender = senderFor({ scope: policy.scope, sendClass: order.sendClass, locale, domain });
    const link = (purpose: LinkPurpose): string => {
      const claims: LinkClaims = {
        purpose,
        partyId: order.partyId,
        policyId: policy.policyId,
        campaign: order.campaign,
        occurrence: order.enrolments[0]?.occurrence ?? '',
        step: order.step,
        sendClass: order.sendClass,
        expiresAt: (now + LINK_DAYS[purpose] * DAY) as Instant,
      };
      return links.url(claims);
    };
    const unsubscribe = order.sendClass === 'statutory' ? undefined : link('unsubscribe');
    const data = buildMessageData({
      profile,
      policy,
      links: { renew: link('renew'), survey: link('survey'), ...(unsubscribe === undefined ? {} : { unsubscribe }) },
      sender,
      locale,
      now,
    });
    return renderer.render({
      template: order.template,
      locale,
      data,
      to: {
        address: profile.email as string,
        ...(data.customer.name === undefined ? {} : { name: data.customer.name }),
      },
      sender,
      sendClass: order.sendClass,
      sendId: order.sendId,
      ...(unsubscribe === undefined ? {} : { unsubscribeUrl: unsubscribe }),
      at: now,
    });
  };
