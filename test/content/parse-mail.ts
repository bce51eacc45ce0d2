import { createRequire } from 'node:module';

/** A mail as a mail program reads it: mailparser, which shares no code with what wrote it. */
export interface ParsedMail {
  readonly subject: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly { readonly name: string; readonly address: string }[];
  readonly replyTo: { readonly name: string; readonly address: string };
  readonly cc: boolean;
  readonly bcc: boolean;
  readonly date: Date;
  readonly html: string;
  readonly text: string;
  /** Header lines as they came, unfolded, in order; names in lower case. */
  readonly lines: readonly { readonly key: string; readonly line: string }[];
}

interface Addresses {
  readonly value: readonly { readonly name: string; readonly address: string }[];
}

// mailparser publishes no types of its own.
const { simpleParser } = createRequire(import.meta.url)('mailparser') as {
  simpleParser(
    raw: Buffer,
    options: object,
  ): Promise<{
    subject: string;
    from: Addresses;
    to: Addresses;
    replyTo: Addresses;
    cc?: Addresses;
    bcc?: Addresses;
    date: Date;
    html: string;
    text: string;
    headerLines: readonly { key: string; line: string }[];
  }>;
};

export const parseMail = async (raw: Uint8Array): Promise<ParsedMail> => {
  const mail = await simpleParser(Buffer.from(raw), { skipTextLinks: true, skipTextToHtml: true });
  const first = (addresses: Addresses) => addresses.value[0] as { name: string; address: string };
  return {
    subject: mail.subject,
    from: first(mail.from),
    to: mail.to.value,
    replyTo: first(mail.replyTo),
    cc: mail.cc !== undefined,
    bcc: mail.bcc !== undefined,
    date: mail.date,
    html: mail.html,
    text: mail.text,
    lines: mail.headerLines,
  };
};

/** Line breaks of every kind as one, none at the end. */
export const sameBreaks = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
