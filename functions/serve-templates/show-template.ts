import type { EventProperties } from '../../shared/audience/rule-subject.ts';
import { fieldOf } from '../../shared/content/field-catalogue.ts';
import { variantOf } from '../../shared/content/locales.ts';
import { buildMessageData, type MessageData } from '../../shared/content/message-data.ts';
import { branchLocale, type SenderProfile, senderFor } from '../../shared/content/sender.ts';
import { standInLinks } from '../../shared/content/stand-in-links.ts';
import type { TemplateVersion } from '../../shared/content/template.ts';
import type { Profile, SendClass } from '../../shared/customer/customer.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import type { ShownMail, ShownText } from './template-job.ts';
import { renderSafely, type TemplateWorkers } from './work-safely.ts';

/** Somebody to look at a template as: a customer, or a test profile. */
export interface Recipient {
  readonly profile: Profile;
  readonly policies: readonly Policy[];
  /** Properties of the event that would begin the journey; the catalogue's example for those that are not given. */
  readonly event?: EventProperties;
  /** What the campaign that sends it is about; unless said, a policy where the template says nothing without one. */
  readonly about?: 'policy' | 'customer' | undefined;
}

/** A template as it would reach somebody. */
export type Shown =
  | { readonly kind: 'mail'; readonly locale: string; readonly mail: ShownMail }
  | { readonly kind: 'letter' | 'text'; readonly locale: string; readonly text: ShownText }
  /** Its process was killed, or it broke. */
  | { readonly kind: 'broken'; readonly message: string };

export interface ShowPorts {
  readonly workers: TemplateWorkers;
  /** Where the public pages are. */
  readonly origin: string;
  /** The verified sending domain. */
  readonly domain: string;
}

/** Which of a template's classes it is shown as: the one with the most in it. */
const classOf = ({ classes }: TemplateVersion): SendClass =>
  classes.includes('service') ? 'service' : (classes[0] ?? 'service');

/** Where the links of what is only shown lead: to the pages, but they open none, as nobody may answer for a customer from a
 *  preview. */
const PATHS: Readonly<Record<keyof MessageData['links'], string>> = {
  renew: '/r/',
  survey: '/s/',
  unsubscribe: '/u/',
  preferences: '/p/',
  confirm: '/a/',
  short: '/k/',
};

const eventFor = (template: TemplateVersion, given: EventProperties = {}): EventProperties => {
  const examples = template.needs
    .filter((need) => need.startsWith('event.'))
    .map((need): [string, string | number | boolean] => [need.slice('event.'.length), fieldOf(need)?.example ?? '']);
  return { ...Object.fromEntries(examples), ...given };
};

/**
 * Renders a template as it would reach somebody, in a process that can be killed. Its links open nothing.
 * @param wanted.locale shown in this language instead of the recipient's
 * @param wanted.to where a mail would go; what is only looked at has none
 */
export const showTemplate = async (
  { workers, origin, domain }: ShowPorts,
  template: TemplateVersion,
  recipient: Recipient,
  wanted: { readonly locale?: string; readonly to?: string; readonly now: Instant },
): Promise<Shown> => {
  const { profile, about = template.needs.includes('policy') ? 'policy' : 'customer' } = recipient;
  const policies = about === 'policy' ? recipient.policies : [];
  const { now } = wanted;
  const scope = policies[0]?.scope ?? profile.scope;
  const { locale } = variantOf<{ readonly locale: string }>(
    template,
    wanted.locale ?? profile.locale,
    branchLocale(scope),
  );
  const sendClass = classOf(template);
  const sender: SenderProfile = senderFor({ scope, sendClass, locale, domain });
  const links = standInLinks(template, sendClass, (name) => `${origin}${PATHS[name]}preview`);
  const data = buildMessageData({
    profile,
    policies: policies.map((policy) => ({ policy, renewUrl: `${origin}/r/preview` })),
    ...(template.needs.some((need) => need.startsWith('claim'))
      ? { claim: { claimNo: 'CLM-00000042', type: locale.startsWith('zh') ? '碰撞' : 'collision', status: 'settled' } }
      : {}),
    event: eventFor(template, recipient.event),
    links,
    sender,
    locale,
    now,
  });
  if (template.kind !== 'mail') {
    const result = await renderSafely(
      workers,
      template.kind === 'letter'
        ? { kind: 'letter', template, locale, data }
        : { kind: 'text', template, locale, data },
    );
    return result.kind === 'letter' || result.kind === 'text'
      ? { kind: result.kind, locale, text: result.text }
      : { kind: 'broken', message: result.kind === 'failed' ? result.message : 'it cannot be worked on' };
  }
  const result = await renderSafely(workers, {
    kind: 'mail',
    input: {
      template,
      locale,
      data,
      to: {
        address: wanted.to ?? `preview@${domain}`,
        ...(data.customer.name === undefined ? {} : { name: data.customer.name }),
      },
      sender: wanted.to === undefined ? sender : { ...sender, fromName: `[TEST] ${sender.fromName}` },
      sendClass,
      sendId: 'preview' as SendId,
      at: now,
      ...(links.unsubscribe === undefined ? {} : { unsubscribeUrl: links.unsubscribe }),
    },
  });
  if (result.kind === 'mail') return { kind: 'mail', locale, mail: result.mail };
  return { kind: 'broken', message: result.kind === 'failed' ? result.message : 'it cannot be worked on' };
};
