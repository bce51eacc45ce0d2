/** A mail taken apart for people to look at: what they would have seen, without attachments and pictures. */
export interface ReadableMail {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly html?: string;
  readonly text?: string;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Deeper than any mail of ours; a mail that nests further shows what is found above. */
const MAX_DEPTH = 5;

/** Bytes as text, one character a byte: headers are ASCII, bodies are decoded by their own charset. */
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const split = (source: string): Part => {
  const end = /\r?\n\r?\n/.exec(source);
  const head = end ? source.slice(0, end.index) : source;
  const headers = new Map<string, string>();
  // a header goes on in lines that begin with white space
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: end ? source.slice(end.index + end[0].length) : '' };
};

const decodeBytes = (bytes: Uint8Array, charset: string): string => {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // a charset nobody knows: most are close enough to be read
    return new TextDecoder('utf-8').decode(bytes);
  }
};

const quotedPrintable = (text: string): Uint8Array =>
  Buffer.from(
    text
      .replaceAll(/[ \t]+(?=\r?\n|$)/g, '')
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** Words of a header as RFC 2047 encodes them. */
const decodeWords = (value: string): string =>
  value
    // white space between two encoded words belongs to neither
    .replaceAll(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?)/gi, '$1')
    .replaceAll(/=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi, (_, charset: string, encoding: string, text: string) =>
      decodeBytes(
        encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quotedPrintable(text.replaceAll('_', ' ')),
        charset,
      ),
    );

const parameter = (header: string, name: string): string | undefined => {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header);
  return match?.[1] ?? match?.[2];
};

const textOf = ({ headers, body }: Part): string => {
  const type = headers.get('content-type') ?? '';
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? quotedPrintable(body)
        : Buffer.from(body, 'latin1');
  return decodeBytes(bytes, parameter(type, 'charset') ?? 'utf-8');
};

/** The text and HTML among a part and what it holds; the first of each. */
const bodiesOf = (part: Part, depth: number): { html?: string; text?: string } => {
  const type = part.headers.get('content-type') ?? 'text/plain';
  const media = type.split(';', 1)[0]?.trim().toLowerCase();
  if (media === 'text/html') return { html: textOf(part) };
  if (media === 'text/plain') return { text: textOf(part) };
  const boundary = parameter(type, 'boundary');
  if (!media?.startsWith('multipart/') || boundary === undefined || depth > MAX_DEPTH) return {};
  const pieces = `\n${part.body}`.split(`\n--${boundary}`).slice(1);
  return pieces
    .filter((piece) => !piece.startsWith('--'))
    .map((piece) => bodiesOf(split(piece.replace(/^[ \t]*\r?\n/, '').replace(/\r$/, '')), depth + 1))
    .reduceRight((later, earlier) => ({ ...later, ...earlier }), {});
};

/** Takes a mail as sent apart. Never throws: what cannot be read is absent. */
export const readMime = (raw: Uint8Array): ReadableMail => {
  const mail = split(latin1(raw));
  const header = (name: string): string => {
    const value = mail.headers.get(name) ?? '';
    // raw UTF-8 (RFC 6532) came in as one character a byte
    return decodeWords(/[\u0080-\u00ff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value);
  };
  return { subject: header('subject'), from: header('from'), to: header('to'), ...bodiesOf(mail, 0) };
};
