import senders from '../../templates/senders.json' with { type: 'json' };
import type { SendClass } from '../customer/customer.ts';
import { EngagementError } from '../platform/errors.ts';
import { chooseLocale } from './locales.ts';

/** Who a message comes from, in one language: brand, branch and send class decided. */
export interface SenderProfile {
  /** Name of the entry in `templates/senders.json`. */
  readonly id: string;
  readonly company: string;
  readonly legalName: string;
  readonly fromName: string;
  readonly fromAddress: string;
  /** Where answers go: the sender's own mailbox, or the one of it that names a customer (inbound/reply-address.ts). */
  readonly replyTo: string;
  /** Mailbox that takes unsubscribe mails (RFC 2369). */
  readonly unsubscribeAddress: string;
  /** RFC 2919, without brackets; one per class, so that mailbox providers tell them apart. */
  readonly listId: string;
  readonly hotline: string;
  readonly hours: string;
  /** Postal address in one line, for mails. */
  readonly address: string;
  /** Postal address by line, for letterheads. */
  readonly addressLines: readonly string[];
  readonly website: string;
}

/** A sender as written in `templates/senders.json`; texts by locale. */
export interface SenderSource {
  readonly id: string;
  /** The language of those for whom no other is known or served; `templates/locales.json` decides where it is absent. */
  readonly locale?: string;
  /** Beginning of the scopes it speaks for; the longest one that fits wins, `""` fits all. */
  readonly scope: string;
  readonly hotline: string;
  readonly website: string;
  /** Local part of the From address by class. Notices and marketing must differ (reliability.md C02). */
  readonly from: Readonly<Record<SendClass, string>>;
  readonly replyTo: string;
  readonly unsubscribe: string;
  readonly texts: Readonly<
    Record<
      string,
      {
        readonly company: string;
        readonly legalName: string;
        readonly fromName: Readonly<Record<SendClass, string>>;
        readonly hours: string;
        readonly addressLines: readonly string[];
      }
    >
  >;
}

const fits = (scope: string, beginning: string): boolean =>
  beginning === '' || scope === beginning || scope.startsWith(`${beginning}/`);

/** The source of the branch nearest to `scope`. */
const sourceFor = (scope: string, sources: readonly SenderSource[]): SenderSource | undefined =>
  sources
    .filter((one) => fits(scope, one.scope))
    .reduce<SenderSource | undefined>(
      (best, one) => (best && best.scope.length >= one.scope.length ? best : one),
      undefined,
    );

/** The default language of the branch that speaks for `scope`, where it has one. */
export const branchLocale = (scope: string, sources: readonly SenderSource[] = senders): string | undefined =>
  sourceFor(scope, sources)?.locale;

/**
 * The sender of a message of `sendClass` about something in `scope` (path in the organisation tree).
 * @param choice.domain the verified sending domain, from `SENDER_DOMAIN`
 * @throws EngagementError `misconfigured` where no sender fits or it has no text in any language
 */
export const senderFor = (
  choice: { readonly scope: string; readonly sendClass: SendClass; readonly locale: string; readonly domain: string },
  sources: readonly SenderSource[] = senders,
): SenderProfile => {
  const { sendClass, domain } = choice;
  const source = sourceFor(choice.scope, sources);
  const locales = Object.keys(source?.texts ?? {});
  const locale = locales.length === 0 ? '' : chooseLocale(locales, choice.locale, source?.locale);
  const text = source?.texts[locale];
  if (source === undefined || text === undefined) {
    throw new EngagementError(
      'misconfigured',
      `no sender for scope "${choice.scope}": add one to templates/senders.json`,
    );
  }
  return {
    id: source.id,
    company: text.company,
    legalName: text.legalName,
    fromName: text.fromName[sendClass],
    fromAddress: `${source.from[sendClass]}@${domain}`,
    replyTo: `${source.replyTo}@${domain}`,
    unsubscribeAddress: `${source.unsubscribe}@${domain}`,
    listId: `${sendClass}.${source.id}.${domain}`,
    hotline: source.hotline,
    hours: text.hours,
    address: text.addressLines.join(locale.startsWith('zh') ? ' ' : ', '),
    addressLines: text.addressLines,
    website: source.website,
  };
};
