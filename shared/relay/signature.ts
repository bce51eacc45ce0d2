import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Instant, MINUTE, SECOND } from '../platform/time.ts';

/**
 * Signatures of calls in both directions, by the Standard Webhooks specification: `webhook-id`, `webhook-timestamp`
 * (seconds) and `webhook-signature`, which is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** A key of one endpoint, derived from the stage's secret: whoever knows one endpoint's key knows no other's. */
export const endpointKey = (secret: Uint8Array, endpoint: string): Uint8Array =>
  createHmac('sha256', secret).update(`webhook\n${endpoint}`).digest();

/** The key as receivers' libraries take it: `whsec_` and base64. */
export const writtenKey = (key: Uint8Array): string => `whsec_${Buffer.from(key).toString('base64')}`;

const macOf = (key: Uint8Array, id: string, timestamp: string, body: Uint8Array): Buffer =>
  createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();

/** Signs one call. @param id names the call: the same for each try of it */
export const sign = (key: Uint8Array, id: string, at: Instant, body: Uint8Array): SignedHeaders => {
  const timestamp = String(Math.floor(at / SECOND));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${macOf(key, id, timestamp, body).toString('base64')}`,
  };
};

/** How far a caller's clock may differ, and for how long a call that was overheard can be played again. */
const TOLERANCE = 5 * MINUTE;

/**
 * Checks the signature of a call that came in. Several signatures, separated by spaces, are taken, because a caller may
 * be changing its key.
 * @returns the call's id where it is signed by `key` within five minutes of `now`; else undefined, for whatever reason
 */
export const verify = (
  key: Uint8Array,
  headers: Readonly<Partial<Record<keyof SignedHeaders, string>>>,
  body: Uint8Array,
  now: Instant,
): string | undefined => {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signatures = '' } = headers;
  if (!/^[\w.-]{1,200}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(Number(timestamp) * SECOND - now) > TOLERANCE) return undefined;
  const expected = macOf(key, id, timestamp, body);
  const given = signatures
    .split(' ', 10)
    .filter((one) => one.startsWith('v1,'))
    .map((one) => Buffer.from(one.slice('v1,'.length), 'base64'));
  return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected)) ? id : undefined;
};
