import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SendClass } from '../customer/customer.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId } from '../platform/ids.ts';

/** What a mail to an address of ours is: an answer to what was written, or a request to stop (RFC 2369, `mailto:`). */
export type MailboxUse = 'reply' | 'unsubscribe';

/** Whose mail it is, and what that mail was: advertising, or about a contract. */
export interface ReplyClaims {
  readonly use: MailboxUse;
  readonly partyId: PartyId;
  /** Class of the mail that bore the address; a notice counts as service. */
  readonly sendClass: Exclude<SendClass, 'statutory'>;
}

/** What an address says. `none`: it bears no token; `forged`: it bears one that is not ours, or was changed. */
export type AddressReading =
  | { readonly kind: 'ours'; readonly claims: ReplyClaims }
  | { readonly kind: 'forged' }
  | { readonly kind: 'none' };

export interface ReplyAddresses {
  /**
   * The address a mail bears in place of `plain`.
   * @param plain the sender's own, such as `care@perennial.example`; what stands before the @ has at most 15 characters
   * @throws EngagementError `bad-input` for a name or id that does not fit
   */
  address(plain: string, claims: Omit<ReplyClaims, 'sendClass'> & { readonly sendClass: SendClass }): string;
  /** Reads an address back, in whatever case it comes. */
  read(address: string): AddressReading;
}

/** What separates the mailbox from the token: mail systems deliver `care+anything@` where `care@` goes (RFC 5233). */
const SEPARATOR = '+';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const TOKEN_LENGTH = 48;
/** RFC 5321, 4.5.3.1.1. */
const LOCAL_LENGTH = 64;
const ID = /^[0-9a-z]{26}$/;
const ID_BYTES = 17;
const TEN_DIGITS = 36n ** 10n;
/** 104 bits: with the id, exactly the 240 bits of 48 base32 characters, so that no two spellings mean the same. */
const MAC_BYTES = 13;
const USES: readonly MailboxUse[] = ['reply', 'unsubscribe'];

const toBase32 = (bytes: Buffer): string => {
  let out = '';
  let word = 0;
  let bits = 0;
  for (const byte of bytes) {
    word = ((word << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += BASE32[(word >> (bits - 5)) & 31];
  }
  return out;
};

const fromBase32 = (text: string): Buffer => {
  const bytes: number[] = [];
  let word = 0;
  let bits = 0;
  for (const letter of text) {
    word = ((word << 5) | BASE32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((word >> bits) & 0xff);
    }
  }
  return Buffer.from(bytes);
};

/** A party's id is 26 digits of base 36, 134.4 bits; the bit that is left in 17 bytes says whether it was advertising. */
const pack = (partyId: PartyId, advertising: boolean): Buffer => {
  if (!ID.test(partyId))
    throw new EngagementError('bad-input', `party id of ${partyId.length} characters: an address takes 26 of [0-9a-z]`);
  // ten digits at a time are exact numbers
  const part = (from: number, to: number): bigint => BigInt(Number.parseInt(partyId.slice(from, to), 36));
  const number = (part(0, 6) * TEN_DIGITS + part(6, 16)) * TEN_DIGITS + part(16, 26);
  return Buffer.from((number * 2n + (advertising ? 1n : 0n)).toString(16).padStart(ID_BYTES * 2, '0'), 'hex');
};

const unpack = (bytes: Buffer): Omit<ReplyClaims, 'use'> => {
  const number = BigInt(`0x${bytes.toString('hex')}`);
  return {
    partyId: (number >> 1n).toString(36).padStart(26, '0') as PartyId,
    sendClass: (number & 1n) === 1n ? 'marketing' : 'service',
  };
};

/**
 * Addresses that say whose reply a mail is, whatever From it bears (ADR 0114): `care+<token>@in.<sender's domain>`. The
 * token holds the party's id and 104 bits of HMAC-SHA-256 under a key derived from `secret` for the use, so that one
 * cannot be guessed, changed, or used for the other.
 * @param secret the stage's link secret
 */
export const createReplyAddresses = (secret: Uint8Array): ReplyAddresses => {
  const keys = new Map(
    USES.map((use) => [use, Buffer.from(hkdfSync('sha256', secret, '', `perennial/mail-address/v1/${use}`, 32))]),
  );
  const macOf = (use: MailboxUse, body: Buffer): Buffer =>
    createHmac('sha256', keys.get(use) as Buffer)
      .update(body)
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    address(plain, { use, partyId, sendClass }) {
      const at = plain.lastIndexOf('@');
      const body = pack(partyId, sendClass === 'marketing');
      const local = `${plain.slice(0, at)}${SEPARATOR}${toBase32(Buffer.concat([body, macOf(use, body)]))}`;
      if (local.length > LOCAL_LENGTH)
        throw new EngagementError('bad-input', `"${plain}" is too long: use at most 15 characters before the @`);
      return `${local}@${inboundDomain(plain.slice(at + 1))}`;
    },

    read(address) {
      const local = address.slice(0, Math.max(0, address.lastIndexOf('@'))).toLowerCase();
      const at = local.lastIndexOf(SEPARATOR);
      if (at < 0) return { kind: 'none' };
      const token = local.slice(at + 1);
      if (token.length !== TOKEN_LENGTH || !/^[a-z2-7]+$/.test(token)) return { kind: 'forged' };
      const bytes = fromBase32(token);
      const body = bytes.subarray(0, ID_BYTES);
      const mac = bytes.subarray(ID_BYTES);
      const use = USES.find((each) => timingSafeEqual(macOf(each, body), mac));
      return use === undefined ? { kind: 'forged' } : { kind: 'ours', claims: { use, ...unpack(body) } };
    },
  };
};

/** Where replies come in: a name of its own, so that its MX record takes nothing from the insurer's other mail. */
export const inboundDomain = (senderDomain: string): string => `in.${senderDomain}`;
