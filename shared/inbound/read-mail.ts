import PostalMime, { type Address, addressParser } from 'postal-mime';
import { textOfHtml } from './html-text.ts';

/** A mail as it came in, read as far as it is needed. Whatever of it is missing or broken is empty. */
export interface ReceivedMail {
  /** Values of a header, the uppermost first, as they stand there; `name` in lowercase. */
  readonly header: (name: string) => readonly string[];
  /** Without angle brackets; empty where there is none. */
  readonly messageId: string;
  /** The first address of From, lowercase; empty where there is none. */
  readonly from: string;
  /** Every address that it says it was sent or delivered to. */
  readonly recipients: readonly string[];
  /** SES ids of the mails that it answers, the nearest first. */
  readonly answers: readonly string[];
  readonly subject: string;
  readonly date: string;
  /** Its text, quotations included; from the HTML where there is no text. No markup. */
  readonly text: string;
  /** Files that came with it, as far as it was read; none is ever opened. */
  readonly attachments: number;
}

/** How much of a mail is read. Words stand at the beginning, before what is attached; and a mail of millions of short
 *  lines or parts takes the parser more than a minute (up to 8 µs a byte, measured), which a stranger could send for nothing. */
export const READ_BYTES = 256 * 1024;

const LIMITS = { maxHeadersSize: 128 * 1024, maxNestingDepth: 30, maxRfc822NestingDepth: 1 };
const SES_ID = /<([^<>@\s]{1,100})@[a-z0-9.-]*amazonses\.com>/gi;
/** How many addresses and ids of a mail are looked at: a header can hold thousands. */
const MANY = 50;

const addressesIn = (list: readonly Address[] | undefined): string[] =>
  (list ?? []).flatMap((one) => (one.group === undefined ? [one.address] : one.group.map(({ address }) => address)));

/** The mailbox that SES took it for: its own Received line, the uppermost that names one, says so even of a Bcc. */
const receivedFor = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /\bfor <?([^\s<>;]{3,320}@[^\s<>;]{1,255})>?\s*;/.exec(line)?.[1] ?? []).slice(0, 1);

const EMPTY: ReceivedMail = {
  header: () => [],
  messageId: '',
  from: '',
  recipients: [],
  answers: [],
  subject: '',
  date: '',
  text: '',
  attachments: 0,
};

const parse = async (raw: Uint8Array): Promise<ReceivedMail> => {
  const mail = await PostalMime.parse(raw, LIMITS);
  const header = (name: string): string[] =>
    mail.headers.filter(({ key }) => key === name).map(({ value }) => value.trim());
  const delivered = ['delivered-to', 'x-original-to'].flatMap(header).flatMap((text) => addressParser(text));
  const listed = [...addressesIn(mail.to), ...addressesIn(mail.cc), ...addressesIn(delivered)];
  // of References the last is the mail that was answered (RFC 5322, 3.6.4)
  const ids = [...header('in-reply-to'), ...header('references').map((text) => text.split(/\s+/).reverse().join(' '))]
    .join(' ')
    .slice(0, 20_000);
  const own = mail.text ?? '';
  return {
    header,
    messageId: (mail.messageId ?? '').replace(/[<>\s]/g, ''),
    from: (addressesIn(mail.from === undefined ? [] : [mail.from])[0] ?? '').toLowerCase(),
    recipients: [...new Set([...listed, ...receivedFor(header('received'))])].filter(Boolean).slice(0, MANY),
    answers: [...new Set([...ids.matchAll(SES_ID)].map(([, id = '']) => id))].slice(0, MANY),
    subject: mail.subject ?? '',
    date: mail.date ?? '',
    text: own.trim() === '' ? textOfHtml(mail.html ?? '') : own,
    attachments: mail.attachments.length,
  };
};

const headOf = (raw: Uint8Array): Uint8Array => {
  const text = Buffer.from(raw).toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  return end < 0 ? raw.subarray(0, LIMITS.maxHeadersSize) : raw.subarray(0, end + 2);
};

/**
 * Reads a mail. Nothing that a stranger sends makes it fail: what cannot be read is read without its body, and what has
 * no readable head either is empty.
 * @param raw the mail as it came, or its beginning
 * @param part `head`: the body is left alone
 */
export const readMail = async (raw: Uint8Array, part: 'whole' | 'head' = 'whole'): Promise<ReceivedMail> => {
  try {
    return await parse(part === 'whole' ? raw.subarray(0, READ_BYTES) : headOf(raw));
  } catch {
    return part === 'whole' ? readMail(raw, 'head') : EMPTY;
  }
};
