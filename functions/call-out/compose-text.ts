import { variantOf } from '../../shared/content/locales.ts';
import { buildMessageData } from '../../shared/content/message-data.ts';
import { renderText } from '../../shared/content/render-text.ts';
import { branchLocale, senderFor } from '../../shared/content/sender.ts';
import type { Templates } from '../../shared/content/template.ts';
import type { ComposedMail, Recipient } from '../../shared/message/send-ports.ts';
import type { Instant } from '../../shared/platform/time.ts';

/**
 * Makes the text for one recipient: the template in the version that was approved, his language, the name of his branch.
 * The bytes are what the gateway is handed as `message`, and what is kept as proof. Texts hold no signed links: one alone
 * would fill them.
 */
export const createTextComposer =
  ({ templates }: { readonly templates: Pick<Templates, 'load'> }) =>
  async ({ order, profile, policies, enrolments }: Recipient, now: Instant): Promise<ComposedMail> => {
    const template = await templates.load(order.template, order.templateVersion);
    if (template.kind !== 'text')
      return { kind: 'failed', reason: 'rendering-failure', detail: `template ${order.template} is no text` };
    const scope = policies[0]?.scope ?? profile.scope;
    const { locale } = variantOf(template, profile.locale, branchLocale(scope));
    const sender = senderFor({ scope, sendClass: order.sendClass, locale, domain: '' });
    const event = enrolments[0]?.event;
    const data = buildMessageData({
      profile,
      policies: policies.map((policy) => ({ policy })),
      ...(event === undefined ? {} : { event }),
      links: {},
      sender,
      locale,
      now,
    });
    const made = renderText(template, locale, data);
    if (made.kind === 'failed') return made;
    const { name, version } = template;
    const message = {
      text: made.text,
      // whose name stands before the text; carriers ask for one that is registered
      signature: sender.company,
      locale,
      sendClass: order.sendClass,
      template: name,
      templateVersion: version,
    };
    return {
      kind: 'rendered',
      raw: Buffer.from(JSON.stringify(message), 'utf8'),
      content: { template: name, version, locale, hash: made.variant, input: { locale, data, sender } },
    };
  };
