import { buildMessageData } from '../../shared/content/message-data.ts';
import { displayName } from '../../shared/content/salutation.ts';
import { senderFor } from '../../shared/content/sender.ts';
import type { PostalAddress } from '../../shared/customer/customer.ts';
import { addressBlock } from '../../shared/letter/address-block.ts';
import type { LetterPorts } from '../../shared/letter/compose-letter.ts';
import type { Typesetter } from '../../shared/letter/typeset-letter.ts';
import { formatCode, type ShortCodes } from '../../shared/message/short-code.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';

/** How long the code of a letter opens its page: as long as a mail's renewal link. */
const CODE_DAYS = 150;

/** Path of the page that takes short codes. */
const CODE_PATH = '/k/';

/** Makes the letter for one recipient: language, branch, address in the order of its country, a code of its own. */
export const createLetterComposer =
  (parts: {
    readonly typesetter: Typesetter;
    readonly codes: ShortCodes;
    /** Where the public pages are, without a slash at the end. */
    readonly origin: string;
    /** The verified sending domain: replies by mail go there. */
    readonly domain: string;
  }): LetterPorts['compose'] =>
  async ({ order, profile, policy }, on, house) => {
    const { typesetter, codes, origin, domain } = parts;
    const name = displayName(profile.name);
    // A letter to nobody would be delivered to whoever lives there now.
    if (name === undefined) return { kind: 'failed', reason: 'missing-value', detail: 'customer.name' };
    const locale = typesetter.localeOf(order.template, profile.locale);
    const sender = senderFor({ scope: policy.scope, sendClass: order.sendClass, locale, domain });
    const code = await codes.create(order.sendId, {
      purpose: 'renew',
      partyId: order.partyId,
      policyId: policy.policyId,
      campaign: order.campaign,
      occurrence: order.enrolments[0]?.occurrence ?? '',
      step: order.step,
      sendClass: order.sendClass,
      expiresAt: (on + CODE_DAYS * DAY) as Instant,
    });
    const url = `${origin}${CODE_PATH}${code}`;
    const data = buildMessageData({ profile, policy, links: { short: url }, sender, locale, now: on });
    const address = profile.address as PostalAddress;
    const addressLines = addressBlock(name, address, house.country);
    const made = typesetter.typeset({
      template: order.template,
      locale,
      data,
      sendClass: order.sendClass,
      address: addressLines,
      link: { url, code: formatCode(code) },
      largePrint: profile.largePrint ?? false,
      at: on,
      zone: house.zone,
    });
    return made.kind === 'failed' ? made : { ...made, kind: 'composed', addressLines };
  };
