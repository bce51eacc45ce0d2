import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Instant, MINUTE, SECOND } from '../../../../shared/platform/time.ts';
import { WireRefusal, type WireRequest } from '../../wire.ts';

/** Links live a week at most (S3: signature version 4). */
const MAX_SECONDS = 604_800;
const SKEW = 15 * MINUTE;

/** True for a request whose right to be made lies in its URL. */
export const isPresigned = (query: URLSearchParams): boolean => query.has('X-Amz-Signature');

/** Checks a pre-signed link: its signature over method, path, parameters and signed headers, and its life on the given
 *  clock. Unlike other calls these come from outside, so here the key matters (S44).
 *  @param secretOf the secret key of an access key; undefined where it is not known
 *  @throws WireRefusal 403 */
export const checkPresigned = (
  request: WireRequest,
  now: Instant,
  secretOf: (accessKeyId: string) => string | undefined,
): void => {
  const { query } = request;
  const text = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  const [accessKeyId = '', day = '', region = '', service = '', end = ''] = text('Credential').split('/');
  const seconds = Number(text('Expires'));
  const signedAt = readDate(text('Date'));
  const wellFormed =
    text('Algorithm') === 'AWS4-HMAC-SHA256' &&
    end === 'aws4_request' &&
    service === 's3' &&
    text('Date').startsWith(day);
  if (!wellFormed || signedAt === undefined || !(seconds >= 1 && seconds <= MAX_SECONDS)) {
    throw new WireRefusal(400, 'AuthorizationQueryParametersError', 'The parameters of the pre-signed link are wrong');
  }
  const secret = secretOf(accessKeyId);
  if (secret === undefined) {
    throw new WireRefusal(
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    );
  }
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const toSign = [
    'AWS4-HMAC-SHA256',
    text('Date'),
    `${day}/${region}/${service}/${end}`,
    createHash('sha256').update(canonicalRequest(request)).digest('hex'),
  ].join('\n');
  const key = [region, service, end].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day));
  const expected = hmac(key, toSign);
  const given = Buffer.from(text('Signature'), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new WireRefusal(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  if (now > signedAt + seconds * SECOND) throw new WireRefusal(403, 'AccessDenied', 'Request has expired');
  if (now < signedAt - SKEW) throw new WireRefusal(403, 'AccessDenied', 'Request is not valid yet');
};

const canonicalRequest = ({ method, path, query, headers }: WireRequest): string => {
  const signed = (query.get('X-Amz-SignedHeaders') ?? '').split(';');
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map((pair) => pair.join('='));
  return [
    method,
    path
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    parameters.join('&'),
    ...signed.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    signed.join(';'),
    query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
};

/** RFC 3986: everything but letters, digits and `-._~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const readDate = (text: string): number | undefined => {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return y === undefined ? undefined : Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
};
