import { createHash, randomBytes } from 'node:crypto';
import { ulid } from 'ulid';

/** Ids are derived where uniqueness means "the same fact", and drawn where it means "a new thing". */

/** Opaque id of a person or organisation as one source system or several know it. */
export type PartyId = string & { readonly __brand: 'PartyId' };
/** Opaque id of a policy: derived, so that every department's row about it finds it. */
export type PolicyId = string & { readonly __brand: 'PolicyId' };
/** Identity of one message to one recipient in the ledger (architecture.md, "Send id"). */
export type SendId = string & { readonly __brand: 'SendId' };

/** 26 characters of lowercase base32 = 130 bits of SHA-256 over the injective JSON encoding of `parts`.
 *  JSON rather than join: `['a-b','c']` and `['a','b-c']` must differ. */
export const derivedId = (...parts: readonly (string | number)[]): string => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let out = '';
  for (let bit = 0; out.length < 26; bit += 5) {
    const byte = bit >> 3;
    const word = ((digest[byte] ?? 0) << 8) | (digest[byte + 1] ?? 0);
    out += alphabet[(word >> (11 - (bit & 7))) & 31];
  }
  return out;
};

/** Id of the policy that `source` numbers `policyNo` and that began on `contractStart` (civil date). */
export const policyIdOf = (source: string, policyNo: string, contractStart: string): PolicyId =>
  derivedId('policy', source, policyNo, contractStart) as PolicyId;

/** Key of a message: one per campaign, occurrence, subject (policy or party), step and channel. */
export const sendIdOf = (
  campaign: string,
  occurrence: string,
  subject: string,
  step: string,
  channel: string,
): SendId => derivedId('send', campaign, occurrence, subject, step, channel) as SendId;

/** Where new ids come from; tests pass a counter. */
export interface Ids {
  /** A new ULID, lowercase. */
  next(): string;
}

/** Ids from the system's randomness. */
export const randomIds: Ids = { next: () => ulid().toLowerCase() };

/** An unguessable token of `bytes` × 8 bits, base64url. */
export const randomToken = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** A shard 0 … `count`−1 that depends on `key` only, evenly spread. */
export const shardOf = (key: string, count: number): number =>
  createHash('sha256').update(key).digest().readUInt32BE(0) % count;
