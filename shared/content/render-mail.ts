import type { SendClass } from '../customer/customer.ts';
import type { FailReason } from '../message/message.ts';
import { EngagementError } from '../platform/errors.ts';
import type { SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { chooseLocale } from './formats.ts';
import { createLiquid, describeFailure, type LiquidEngine, type Rendering, splitLiquid } from './liquid.ts';
import { cleanAddress, encodeText, isHeaderUrl, mailbox, mailDate } from './mail-headers.ts';
import type { CompiledTemplate, CompiledTemplates } from './mail-template.ts';
import type { MessageData } from './message-data.ts';
import { encodePiece } from './quoted-printable.ts';
import type { SenderProfile } from './sender.ts';

/** One mail to one recipient. */
export interface MailInput {
  readonly template: string;
  /** The language wanted; the template's nearest variant is taken (`chooseLocale`). */
  readonly locale: string;
  readonly data: MessageData;
  readonly to: { readonly name?: string; readonly address: string };
  readonly sender: SenderProfile;
  readonly sendClass: SendClass;
  readonly sendId: SendId;
  /** Where given, the mail offers one-click unsubscribe (RFC 8058), unless it is statutory. */
  readonly unsubscribeUrl?: string;
  readonly at: Instant;
}

type RenderedMail =
  | { readonly kind: 'rendered'; readonly raw: Uint8Array; readonly subject: string; readonly template: string }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

export interface MailRenderer {
  /**
   * Renders and encodes a mail; the same input gives the same bytes.
   * @returns `rendered` with the MIME message, the subject as read and the template's hash; or `failed`: a value is
   *   missing, an address is none (`rejected`), the mail is larger than SES takes
   * @throws EngagementError `not-found` where no such template was compiled
   */
  render(input: MailInput): RenderedMail;
  /** The locale of the variant that `render` would take, so that data can be written in the same language. */
  localeOf(template: string, wanted: string): string;
}

/** What SES v1 takes at most, attachments and encoding included: 10 MB. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Templates in all languages for the senders of a large insurer; beyond that they are prepared again. */
const MAX_PREPARED = 500;

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
  readonly template: CompiledTemplate;
  readonly subject: Rendering;
  readonly text: Rendering;
  readonly html: Rendering;
  /** The MIME parts around the two bodies. */
  readonly beforeText: string;
  readonly beforeHtml: string;
  readonly end: string;
}

const compile = (template: CompiledTemplate, sender: MessageData['sender']): Compiled => {
  // `=_` can occur in no quoted-printable text, so the boundary is safe whatever is mailed.
  const boundary = `=_perennial_${template.hash.slice(0, 24)}`;
  const part = (type: string): string =>
    `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
  return {
    template,
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
  const token = url.slice(url.lastIndexOf('/') + 1);
  out += `List-Unsubscribe: <${url}>,\r\n <mailto:${sender.unsubscribeAddress}?subject=${encodeURIComponent(token)}>\r\n`;
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
  const subject = compiled.subject(input.data);
  const raw =
    `From: ${mailbox(sender.fromName, from)}\r\nTo: ${mailbox(input.to.name, to)}\r\n` +
    `Reply-To: ${mailbox(sender.company, replyTo)}\r\nSubject: ${encodeText(subject)}\r\nDate: ${mailDate(input.at)}\r\n` +
    `${listHeaders(input)}Auto-Submitted: auto-generated\r\n` +
    `${compiled.beforeText}${compiled.text(input.data)}${compiled.beforeHtml}${compiled.html(input.data)}${compiled.end}`;
  if (raw.length > maxBytes) return failed('too-large', `${raw.length} bytes, at most ${maxBytes} can be sent`);
  return { kind: 'rendered', raw: Buffer.from(raw, 'latin1'), subject, template: compiled.template.hash };
};

/**
 * A renderer over compiled templates. Each is prepared on first use, then only values are encoded per mail.
 * @param settings.maxBytes refuses larger mails; SES's limit where absent
 */
export const createMailRenderer = (
  templates: CompiledTemplates,
  settings: { readonly maxBytes?: number } = {},
): MailRenderer => {
  const byName = new Map<string, Map<string, CompiledTemplate>>();
  for (const template of templates.templates) {
    const variants = byName.get(template.name) ?? new Map<string, CompiledTemplate>();
    byName.set(template.name, variants.set(template.locale, template));
  }
  const prepared = new Map<string, Compiled>();

  const prepare = (template: CompiledTemplate, sender: MessageData['sender']): Compiled => {
    const key = `${template.name} ${template.locale} ${Object.values(sender).join('\n')}`;
    let known = prepared.get(key);
    if (known === undefined) {
      if (prepared.size >= MAX_PREPARED) prepared.clear();
      known = compile(template, sender);
      prepared.set(key, known);
    }
    return known;
  };

  const variant = (name: string, wanted: string): CompiledTemplate => {
    const variants = byName.get(name);
    const locales = [...(variants?.keys() ?? [])];
    const template = variants?.get(chooseLocale(locales, wanted, locales.includes('en') ? 'en' : (locales[0] ?? '')));
    if (template === undefined) {
      throw new EngagementError(
        'not-found',
        `no mail template "${name}": add templates/mail/${name} and build the templates`,
      );
    }
    return template;
  };

  return {
    localeOf: (name, wanted) => variant(name, wanted).locale,
    render: (input) => {
      const template = variant(input.template, input.locale);
      if (!template.sendClasses.includes(input.sendClass)) {
        return failed('rendering-failure', `template ${template.name} may not be sent as ${input.sendClass}`);
      }
      try {
        return renderOne(prepare(template, input.data.sender), input, settings.maxBytes ?? MAX_BYTES);
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
