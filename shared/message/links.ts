import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SendClass } from '../customer/customer.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';

/** What a public link is good for; one made for one purpose opens nothing else (S27). */
export type LinkPurpose = 'renew' | 'survey' | 'unsubscribe' | 'preferences' | 'confirm' | 'click';

/** What a link says, all opaque ids and names of ours: no personal data is in any URL (S31). */
export interface LinkClaims {
  readonly purpose: LinkPurpose;
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
  readonly campaign?: string;
  readonly occurrence?: string;
  readonly step?: string;
  readonly sendClass?: SendClass;
  /** Of a survey's link: what is asked, in the version that the campaign was approved with. */
  readonly survey?: string;
  readonly surveyVersion?: string;
  /** Of a click link: id of a stored target, never an address (S23). Of a link to preferences or to confirm: `mark` of the
   *  mail address that it is about. */
  readonly target?: string;
  /** Of a click link: the message's timeline row, as `messageClaim` names it. */
  readonly message?: string;
  /** Kept to the second, rounded up. */
  readonly expiresAt: Instant;
}

/** Answer to a token; a page shows one and the same to `invalid` tokens of every kind. */
type LinkReading =
  | { readonly kind: 'valid'; readonly claims: LinkClaims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' };

export interface Links {
  /** The address of the page, with the claims as a signed token. @throws `too-large` where a name exceeds 200 bytes */
  url(claims: LinkClaims): string;
  /** Names an address, or anything else that must not be told, by a keyed hash: the same for the same text, and without
   *  the secret nobody can tell which text it was. */
  mark(text: string): string;
  /** Reads a token for one purpose. Any changed, cut, added or swapped character makes it `invalid` (S25). */
  read(purpose: LinkPurpose, token: string, now: Instant): LinkReading;
}

/** Public paths by purpose. */
export const LINK_PATHS: Readonly<Record<LinkPurpose, string>> = {
  renew: '/r/',
  survey: '/s/',
  unsubscribe: '/u/',
  preferences: '/p/',
  confirm: '/a/',
  click: '/c/',
};

const FORMAT = 1;
const MAC_BYTES = 16;
const PACKED_ID = 0xff;
const ID_LENGTH = 26;
const ID_BYTES = 17;
const TOKEN_CHARACTERS = 1_200;
const CLASSES: readonly (SendClass | undefined)[] = [undefined, 'marketing', 'service', 'statutory'];

/** Our ids are 26 characters of [0-9a-z]: as a base-36 number they take 17 bytes. Other text goes as UTF-8. */
const encodeText = (text: string | undefined): Buffer => {
  if (text !== undefined && text.length === ID_LENGTH && /^[0-9a-z]+$/.test(text)) {
    let number = 0n;
    for (const character of text) number = number * 36n + BigInt(Number.parseInt(character, 36));
    return Buffer.concat([Buffer.of(PACKED_ID), Buffer.from(number.toString(16).padStart(ID_BYTES * 2, '0'), 'hex')]);
  }
  const bytes = Buffer.from(text ?? '', 'utf8');
  if (bytes.length > 200)
    throw new EngagementError('too-large', `link claim of ${bytes.length} bytes exceeds 200: use a shorter name`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
};

/** Reads what `encodeText` wrote; a length that leaves the buffer yields undefined, and the reader refuses. */
const createReader = (bytes: Buffer) => {
  let at = 0;
  const take = (length: number): Buffer => {
    const part = bytes.subarray(at, at + length);
    if (part.length < length) throw new EngagementError('bad-input', 'link token ends early: it was cut');
    at += length;
    return part;
  };
  return {
    take,
    text: (): string | undefined => {
      const length = take(1)[0] ?? 0;
      if (length !== PACKED_ID) return length === 0 ? undefined : take(length).toString('utf8');
      return BigInt(`0x${take(ID_BYTES).toString('hex')}`)
        .toString(36)
        .padStart(ID_LENGTH, '0');
    },
    done: (): boolean => at === bytes.length,
  };
};

const encodeClaims = (claims: LinkClaims): Buffer => {
  const head = Buffer.alloc(6);
  head.writeUInt8(FORMAT, 0);
  head.writeUInt8(CLASSES.indexOf(claims.sendClass), 1);
  head.writeUInt32BE(Math.ceil(claims.expiresAt / 1_000), 2);
  const texts = [
    claims.partyId,
    claims.policyId,
    claims.campaign,
    claims.occurrence,
    claims.step,
    claims.survey,
    claims.surveyVersion,
    claims.target,
    // at the end and left out where there is none: the links of letters are typed and drawn as codes, and stay short
    ...(claims.message === undefined ? [] : [claims.message]),
  ];
  return Buffer.concat([head, ...texts.map(encodeText)]);
};

/** @returns undefined for a format this version does not know; only ever called on bytes whose MAC held */
const decodeClaims = (purpose: LinkPurpose, bytes: Buffer): LinkClaims | undefined => {
  const reader = createReader(bytes);
  const head = reader.take(6);
  if (head.readUInt8(0) !== FORMAT) return undefined;
  const sendClass = CLASSES[head.readUInt8(1)];
  const expiresAt = (head.readUInt32BE(2) * 1_000) as Instant;
  const [partyId, policyId, campaign, occurrence, step, survey, surveyVersion, target] = Array.from(
    { length: 8 },
    reader.text,
  );
  const message = reader.done() ? undefined : reader.text();
  if (partyId === undefined || !reader.done()) return undefined;
  return {
    purpose,
    partyId: partyId as PartyId,
    ...(policyId === undefined ? {} : { policyId: policyId as PolicyId }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(occurrence === undefined ? {} : { occurrence }),
    ...(step === undefined ? {} : { step }),
    ...(sendClass === undefined ? {} : { sendClass }),
    ...(survey === undefined ? {} : { survey }),
    ...(surveyVersion === undefined ? {} : { surveyVersion }),
    ...(target === undefined ? {} : { target }),
    ...(message === undefined ? {} : { message }),
    expiresAt,
  };
};

/**
 * Signed links under `origin` (no trailing slash). A token is base64url of the claims in binary and 128 bits of
 * HMAC-SHA-256 under a key derived from `secret` for the purpose (HKDF), so that the purpose is inside the MAC.
 */
export const createLinks = (secret: Uint8Array, origin: string): Links => {
  if (secret.length < 16)
    throw new EngagementError('misconfigured', `link secret of ${secret.length} bytes is too short: use 32 or more`);
  const keys = new Map(
    (Object.keys(LINK_PATHS) as LinkPurpose[]).map((purpose) => [
      purpose,
      Buffer.from(hkdfSync('sha256', secret, '', `perennial/link/v${FORMAT}/${purpose}`, 32)),
    ]),
  );
  const macOf = (purpose: LinkPurpose, body: Buffer): Buffer =>
    createHmac('sha256', keys.get(purpose) as Buffer)
      .update(body)
      .digest()
      .subarray(0, MAC_BYTES);
  const markKey = Buffer.from(hkdfSync('sha256', secret, '', `perennial/mark/v${FORMAT}`, 32));
  return {
    mark: (text) => createHmac('sha256', markKey).update(text).digest().subarray(0, MAC_BYTES).toString('base64url'),

    url(claims) {
      const body = encodeClaims(claims);
      const token = Buffer.concat([body, macOf(claims.purpose, body)]).toString('base64url');
      return `${origin}${LINK_PATHS[claims.purpose]}${token}`;
    },

    read(purpose, token, now) {
      if (token.length > TOKEN_CHARACTERS) return { kind: 'invalid' };
      const bytes = Buffer.from(token, 'base64url');
      // base64 has several spellings of the same bytes; only the one we write is ours
      if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== token) return { kind: 'invalid' };
      const body = bytes.subarray(0, -MAC_BYTES);
      if (!timingSafeEqual(macOf(purpose, body), bytes.subarray(-MAC_BYTES))) return { kind: 'invalid' };
      const claims = decodeClaims(purpose, body);
      if (!claims) return { kind: 'invalid' };
      return now > claims.expiresAt ? { kind: 'expired' } : { kind: 'valid', claims };
    },
  };
};
