import type { SendClass } from '../customer/customer.ts';
import type { FailReason } from '../message/message.ts';
import type { SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { createLiquid, describeFailure, type LiquidEngine, type Rendering, splitLiquid } from './liquid.ts';
import { variantOf } from './locales.ts';
import { cleanAddress, encodeText, isHeaderUrl, mailbox, mailDate } from './mail-headers.ts';
import type { MessageData } from './message-data.ts';
import { encodePiece } from './quoted-printable.ts';
import type { SenderProfile } from './sender.ts';
import type { MailTemplate, MailVariant } from './template.ts';
import { withClickLinks } from './tracked-links.ts';

/** One mail to one recipient. */
export interface MailInput {
  /** As loaded; the same object for every mail of it, because what is prepared of it is remembered by the object. */
  readonly template: MailTemplate;
  /** The language of the variant; the nearest one is taken where there is none (`variantOf`). */
  readonly locale: string;
  readonly data: MessageData;
  readonly to: { readonly name?: string; readonly address: string };
  readonly sender: SenderProfile;
  readonly sendClass: SendClass;
  readonly sendId: SendId;
  /** Where given, the mail offers one-click unsubscribe (RFC 8058), unless it is statutory. */
  readonly unsubscribeUrl?: string;
  /** Where given, links to other sites are these: one for each of `trackedTargets`, in their order. */
  readonly clicks?: readonly string[];
  readonly at: Instant;
}

/** A mail, or why there is none. `template` names the version, `variant` is the hash of its text in one language. */
export type RenderedMail =
  | {
      readonly kind: 'rendered';
      readonly raw: Uint8Array;
      readonly subject: string;
      readonly template: string;
      readonly variant: string;
    }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

export interface MailRenderer {
  /**
   * Renders and encodes a mail; the same input gives the same bytes.
   * @returns `rendered` with the MIME message, the subject as read and the template's version; or `failed`: a value is
   *   missing, an address is none (`rejected`), the mail is larger than SES takes
   */
  render(input: MailInput): RenderedMail;
}

/** What SES v1 takes at most, attachments and encoding included: 10 MB. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Senders of a large insurer for one variant; beyond that they are prepared again. */
const MAX_SENDERS = 100;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes for HTML text and quoted attributes. */
export const escapeHtml = (value: string): string =>
  /[&<>"']/.test(value) ? value.replace(/[&<>"']/g, (mark) => entities[mark] as string) : value;

/** The languages' engines are the same; what differs is how a value is written into the subject, the text, the HTML. */
const asItIs = (value: string): string => value;
const plain = createLiquid(asItIs);
const encodedText = createLiquid(encodePiece);
const encodedHtml = createLiquid((value) => encodePiece(escapeHtml(value)));

/** What `{{ sender.… }}` says, where that is plain text: a value with a brace would become Liquid. */
const senderText = (tag: string, sender: MessageData['sender']): string | undefined => {
  const field = /^\{\{\s*sender\.(\w+)\s*\}\}$/.exec(tag)?.[1];
  const value = field !== undefined && Object.hasOwn(sender, field) ? sender[field as keyof typeof sender] : undefined;
  return value === undefined || value.includes('{') ? undefined : value;
};

/** Encodes what is static now, so that rendering joins finished pieces (see quoted-printable.ts). The sender's name,
 *  address and telephone are the same in every mail of a campaign, so they count as static. */
const compileEncoded = (
  engine: LiquidEngine,
  escape: (value: string) => string,
  source: string,
  sender: MessageData['sender'],
): Rendering => {
  let encoded = '';
  let fixed = '';
  for (const part of splitLiquid(`${source.trimEnd()}\n`)) {
    const known = part.kind === 'tag' ? senderText(part.text, sender) : undefined;
    if (part.kind === 'text' || known !== undefined) {
      fixed += known === undefined ? part.text : escape(known);
    } else {
      encoded += encodePiece(fixed) + part.text;
      fixed = '';
    }
  }
  return engine.compile(encoded + encodePiece(fixed));
};

interface Compiled {
  readonly hash: string;
  readonly subject: Rendering;
  readonly text: Rendering;
  readonly html: Rendering;
  /** The MIME parts around the two bodies. */
  readonly beforeText: string;
  readonly beforeHtml: string;
  readonly end: string;
}

const compile = (template: MailVariant, sender: MessageData['sender']): Compiled => {
  // `=_` can occur in no quoted-printable text, so the boundary is safe whatever is mailed.
  const boundary = `=_perennial_${template.hash.slice(0, 24)}`;
  const part = (type: string): string =>
    `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
  return {
    hash: template.hash,
    subject: plain.compile(template.subject),
    text: compileEncoded(encodedText, asItIs, template.text, sender),
    html: compileEncoded(encodedHtml, escapeHtml, template.html, sender),
    beforeText:
      `MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n` +
      `Content-Language: ${template.locale}\r\n\r\n${part('text/plain')}`,
    beforeHtml: `\r\n${part('text/html')}`,
    end: `\r\n--${boundary}--\r\n`,
  };
};

/** List and unsubscribe headers (RFC 2919, 2369, 8058). A statutory notice cannot be unsubscribed from. */
const listHeaders = (input: MailInput): string => {
  const { sender, unsubscribeUrl: url } = input;
  let out = `List-Id: <${sender.listId}>\r\n`;
  if (url === undefined || input.sendClass === 'statutory') return out;
  out += `List-Unsubscribe: <${url}>,\r\n <mailto:${sender.unsubscribeAddress}?subject=unsubscribe>\r\n`;
  return `${out}List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`;
};

const failed = (reason: FailReason, detail: string): RenderedMail => ({ kind: 'failed', reason, detail });

const renderOne = (compiled: Compiled, input: MailInput, maxBytes: number): RenderedMail => {
  const { sender } = input;
  const to = cleanAddress(input.to.address);
  const from = cleanAddress(sender.fromAddress);
  const replyTo = cleanAddress(sender.replyTo);
  // The address itself is personal and stays out of the detail.
  if (to === undefined) return failed('rejected', 'the recipient address is no address');
  if (from === undefined || replyTo === undefined)
    return failed('rejected', `sender ${sender.id} has an address that is none`);
  if (input.unsubscribeUrl !== undefined && !isHeaderUrl(input.unsubscribeUrl)) {
    return failed('rejected', 'the unsubscribe link is no link');
  }
  const data = input.clicks === undefined ? input.data : { ...input.data, clicks: input.clicks };
  const subject = compiled.subject(data);
  const raw =
    `From: ${mailbox(sender.fromName, from)}\r\nTo: ${mailbox(input.to.name, to)}\r\n` +
    `Reply-To: ${mailbox(sender.company, replyTo)}\r\nSubject: ${encodeText(subject)}\r\nDate: ${mailDate(input.at)}\r\n` +
    `${listHeaders(input)}Auto-Submitted: auto-generated\r\n` +
    `${compiled.beforeText}${compiled.text(data)}${compiled.beforeHtml}${compiled.html(data)}${compiled.end}`;
  if (raw.length > maxBytes) return failed('too-large', `${raw.length} bytes, at most ${maxBytes} can be sent`);
  return {
    kind: 'rendered',
    raw: Buffer.from(raw, 'latin1'),
    subject,
    template: input.template.version,
    variant: compiled.hash,
  };
};

/**
 * A renderer of compiled mails. Each variant is prepared on first use, then only values are encoded per mail.
 * @param settings.maxBytes refuses larger mails; SES's limit where absent
 */
export const createMailRenderer = (settings: { readonly maxBytes?: number } = {}): MailRenderer => {
  const prepared = new WeakMap<MailVariant, Map<string, Compiled>>();

  const prepare = (variant: MailVariant, sender: MessageData['sender'], tracked: boolean): Compiled => {
    const senders = prepared.get(variant) ?? new Map<string, Compiled>();
    const key = `${tracked}\n${Object.values(sender).join('\n')}`;
    let known = senders.get(key);
    if (known === undefined) {
      if (senders.size >= MAX_SENDERS) senders.clear();
      known = compile(tracked ? withClickLinks(variant) : variant, sender);
      senders.set(key, known);
      prepared.set(variant, senders);
    }
    return known;
  };

  return {
    render: (input) => {
      const { template } = input;
      if (!template.classes.includes(input.sendClass)) {
        return failed('rendering-failure', `template ${template.name} may not be sent as ${input.sendClass}`);
      }
      try {
        const variant = variantOf(template, input.locale);
        return renderOne(
          prepare(variant, input.data.sender, input.clicks !== undefined),
          input,
          settings.maxBytes ?? MAX_BYTES,
        );
      } catch (error) {
        const failure = describeFailure(error);
        if (failure === undefined) throw error;
        return failure.kind === 'missing-value'
          ? failed('missing-value', failure.variable)
          : failed('rendering-failure', failure.detail);
      }
    },
  };
};
