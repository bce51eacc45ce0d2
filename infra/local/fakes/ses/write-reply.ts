import { createHash } from 'node:crypto';
import libmime from 'libmime';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { AcceptedMail } from './accept-log.ts';
import { addressesOf } from './raw-mail.ts';

/** A reply ready to be handed over. */
export interface WrittenReply {
  readonly raw: Buffer;
  readonly from: string;
  readonly to: readonly string[];
}

const headerOf = ({ headers }: Pick<AcceptedMail, 'headers'>, name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value;

/** The id under which SES sends a mail; what an answer refers to. */
export const messageIdOf = ({ messageId }: Pick<AcceptedMail, 'messageId'>): string =>
  `<${messageId}@email.amazonses.com>`;

/**
 * What a mail program makes of a reader's answer: to the Reply-To, with the ids of what it answers, the answered mail
 * quoted below. The same words to the same mail are the same mail, id and all.
 * @param more further header fields, such as those of an absence note
 */
export const writeReply = (
  mail: AcceptedMail,
  text: string,
  at: Instant,
  more: Readonly<Record<string, string>> = {},
): WrittenReply => {
  const [from = ''] = mail.to;
  const to = addressesOf(headerOf(mail, 'reply-to') ?? mail.from);
  const id = createHash('sha256')
    .update(JSON.stringify([mail.messageId, text]))
    .digest('hex')
    .slice(0, 32);
  const day = new Date(mail.at).toUTCString();
  const body = [text, '', `On ${day}, ${mail.from} wrote:`, '', `> ${mail.subject}`, '> …', ''].join('\r\n');
  const head = {
    From: from,
    To: to.join(', '),
    Subject: libmime.encodeWords(`Re: ${mail.subject}`),
    Date: new Date(at).toUTCString().replace('GMT', '+0000'),
    'Message-ID': `<${id}@mailbox.local>`,
    'In-Reply-To': messageIdOf(mail),
    References: messageIdOf(mail),
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': 'base64',
    ...more,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  const encoded = Buffer.from(body, 'utf8')
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n');
  return { raw: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${encoded}\r\n`), from, to };
};
