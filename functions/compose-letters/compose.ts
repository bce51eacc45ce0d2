import { variantOf } from '../../shared/content/locales.ts';
import { buildMessageData } from '../../shared/content/message-data.ts';
import { displayName } from '../../shared/content/salutation.ts';
import { branchLocale, senderFor } from '../../shared/content/sender.ts';
import type { Templates } from '../../shared/content/template.ts';
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

/** Makes the letter for one recipient: the template in the version that was approved, language, branch, address in the
 *  order of its country, a code of its own. */
export const createLetterComposer =
  (parts: {
    readonly templates: Pick<Templates, 'load'>;
    readonly typesetter: Typesetter;
    readonly codes: ShortCodes;
    /** Where the public pages are, without a slash at the end. */
    readonly origin: string;
    /** The verified sending domain: replies by mail go there. */
    readonly domain: string;
  }): LetterPorts['compose'] =>
  async ({ order, profile, policies, enrolments }, on, house) => {
    const { templates, typesetter, codes, origin, domain } = parts;
    const name = displayName(profile.name);
    // A letter to nobody would be delivered to whoever lives there now.
    if (name === undefined) return { kind: 'failed', reason: 'missing-value', detail: 'customer.name' };
    const template = await templates.load(order.template, order.templateVersion);
    if (template.kind !== 'letter')
      return { kind: 'failed', reason: 'rendering-failure', detail: `template ${order.template} is no letter` };
    const scope = policies[0]?.scope ?? profile.scope;
    const variant = variantOf(template, profile.locale, branchLocale(scope));
    const { locale } = variant;
    const sender = senderFor({ scope, sendClass: order.sendClass, locale, domain });
    const policyId = policies[0]?.policyId;
    const { survey, surveyVersion } = order;
    const code = await codes.create(order.sendId, {
      ...(survey === undefined || surveyVersion === undefined
        ? { purpose: 'renew' as const }
        : { purpose: 'survey' as const, survey, surveyVersion }),
      partyId: order.partyId,
      ...(policyId === undefined ? {} : { policyId }),
      campaign: order.campaign,
      occurrence: order.enrolments[0]?.occurrence ?? '',
      step: order.step,
      sendClass: order.sendClass,
      expiresAt: (on + CODE_DAYS * DAY) as Instant,
    });
    const url = `${origin}${CODE_PATH}${code}`;
    const event = enrolments[0]?.event;
    const data = buildMessageData({
      profile,
      policies: policies.map((policy) => ({ policy })),
      ...(event === undefined ? {} : { event }),
      links: { short: url },
      sender,
      locale,
      now: on,
    });
    const address = profile.address as PostalAddress;
    const addressLines = addressBlock(name, address, house.country);
    const input = {
      locale,
      data,
      sendClass: order.sendClass,
      address: addressLines,
      link: { url, code: formatCode(code) },
      largePrint: profile.largePrint ?? false,
      at: on,
      zone: house.zone,
    };
    const made = typesetter.typeset({ template, ...input });
    if (made.kind === 'failed') return made;
    const content = { template: template.name, version: template.version, locale, hash: variant.hash, input };
    const { pdf, pages, sha256 } = made;
    return { kind: 'composed', pdf, pages, sha256, content, addressLines };
  };
