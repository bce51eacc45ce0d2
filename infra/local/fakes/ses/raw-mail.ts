import libmime from 'libmime';
import { WireRefusal } from '../../wire.ts';

/** One header line as it stands in the message, unfolded; encoded words are left as they are. */
export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

/** What SES reads of a raw message. */
export interface RawMail {
  readonly headers: readonly MailHeader[];
  /** Text of the From header, decoded. */
  readonly from: string;
  readonly fromAddress: string;
  /** Decoded. */
  readonly subject: string;
  /** Addresses of To, Cc and Bcc. */
  readonly recipients: readonly string[];
}

/** Messages of more bytes are refused (SES quotas, v1 API: 10 MB, MIME as sent). */
const MAX_BYTES = 10_485_760;
/** Headers of which a message may hold one only. */
const SINGLE = ['from', 'to', 'cc', 'bcc', 'subject', 'date', 'message-id', 'reply-to', 'sender', 'return-path'];

const invalid = (message: string): WireRefusal => new WireRefusal(400, 'InvalidParameterValue', message);

/** Reads the head of a message. @throws WireRefusal where SES would refuse it */
export const readRawMail = (raw: Buffer): RawMail => {
  if (raw.length === 0) throw invalid('Message is empty');
  if (raw.length > MAX_BYTES) throw invalid(`Message length is more than ${MAX_BYTES} bytes long: '${raw.length}'.`);
  const headers = readHeaders(raw);
  const valueOf = (name: string): string | undefined =>
    headers.find((header) => header.name.toLowerCase() === name)?.value;
  for (const name of SINGLE) {
    const found = headers.filter((header) => header.name.toLowerCase() === name);
    if (found.length > 1) throw invalid(`Duplicate header '${found[0]?.name}'.`);
  }
  for (const { name } of headers) {
    if (/^x-ses-/i.test(name)) {
      throw invalid(`header ${name} is not covered by the local runtime: pass it as a parameter of the call`);
    }
  }
  const from = valueOf('from');
  if (from === undefined) throw invalid("Missing required header 'From'.");
  const [fromAddress] = addressesOf(from);
  if (fromAddress === undefined) throw invalid('Missing final address in From header.');
  return {
    headers,
    from: libmime.decodeWords(from),
    fromAddress,
    subject: libmime.decodeWords(valueOf('subject') ?? ''),
    recipients: ['to', 'cc', 'bcc'].flatMap((name) => addressesOf(valueOf(name) ?? '')),
  };
};

const readHeaders = (raw: Buffer): MailHeader[] => {
  const end = raw.indexOf('\r\n\r\n');
  const bare = raw.indexOf('\n\n');
  const stop = end < 0 ? bare : bare < 0 ? end : Math.min(end, bare);
  const text = raw.subarray(0, stop < 0 ? raw.length : stop).toString('utf8');
  return text
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => {
      const [, name, value] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw invalid('the message head holds a line that is no header');
      return { name, value: value.trimEnd() };
    });
};

/** The bare addresses of an address list such as `"Zhang, San" <zhang@example.com>, b@example.com`. */
export const addressesOf = (list: string): string[] =>
  list
    .replace(/"(?:[^"\\]|\\.)*"|\([^)]*\)/g, '')
    .split(',')
    .map((part) => (/<([^>]*)>/.exec(part)?.[1] ?? part).trim())
    .filter((address) => address !== '');

/** Addresses SES takes: ASCII before the @, a dotted domain after it. @throws WireRefusal naming what is wrong */
export const checkAddress = (address: string): void => {
  const at = address.lastIndexOf('@');
  if (at < 0) throw invalid(`Missing final '@domain'`);
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (local === '') throw invalid('User name is missing');
  // oxlint-disable-next-line no-control-regex -- control characters and non-ASCII are what is refused
  if (/[\u0000-\u0020\u007f-\uffff,;<>()[\]\\:]/.test(local) || local.length > 64) {
    throw invalid('Local address contains control or whitespace');
  }
  if (!/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i.test(domain)) {
    throw invalid('Domain contains illegal character');
  }
};
