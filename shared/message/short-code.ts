import { createHmac } from 'node:crypto';
import { EngagementError } from '../platform/errors.ts';
import type { Table } from '../platform/table.ts';
import type { LinkClaims } from './links.ts';

/** No 0/O, 1/I/L, U/V confusion when typed from paper: 30 characters, 8 of them make 6.5 × 10^11 codes. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 8;
const SPELLING = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);
const ATTEMPTS = 8;

/** Codes printed on letters for those who type rather than scan; each stands for the claims of one link. */
export interface ShortCodes {
  /** The code of a letter: the same for the same `sendId`, so that a letter composed again keeps it. */
  create(sendId: string, claims: LinkClaims): Promise<string>;
  /** @returns the claims as stored, expired or not; undefined for a code that was never given */
  find(typed: string): Promise<LinkClaims | undefined>;
}

/** A code as typed, as stored: lowercase, without the spaces and dashes people put in. @returns undefined for no code */
export const normaliseCode = (typed: string): string | undefined => {
  const code = typed.toLowerCase().replace(/[\s-]/g, '');
  return SPELLING.test(code) ? code : undefined;
};

/** A code as printed: `abcd-efgh`. */
export const formatCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;

/** The `attempt`-th code of a letter: keyed, so that nobody can compute the code of a letter whose id is known. */
const codeOf = (secret: Uint8Array, sendId: string, attempt: number): string => {
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify(['short-code', sendId, attempt]))
    .digest();
  let number = digest.readBigUInt64BE(0);
  let code = '';
  for (let n = 0; n < LENGTH; n += 1) {
    code += ALPHABET[Number(number % BigInt(ALPHABET.length))];
    number /= BigInt(ALPHABET.length);
  }
  return code;
};

/** Short codes over the table. */
export const createShortCodes = (table: Table, secret: Uint8Array): ShortCodes => ({
  async create(sendId, claims) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const code = codeOf(secret, sendId, attempt);
      const key = { pk: `K#${code}`, sk: 'LINK' };
      const outcome = await table.put({ ...key, entity: 'ShortCode', schemaVersion: 1, sendId, claims }, [
        { path: ['pk'], absent: true },
      ]);
      if (outcome.kind === 'written') return code;
      const known = await table.get(key, { consistent: true });
      if (known?.sendId === sendId) return code;
    }
    throw new EngagementError(
      'conflict',
      `no free short code for ${sendId} after ${ATTEMPTS} attempts: lengthen codes`,
    );
  },

  async find(typed) {
    const code = normaliseCode(typed);
    if (code === undefined) return undefined;
    const item = await table.get({ pk: `K#${code}`, sk: 'LINK' });
    return item?.claims as LinkClaims | undefined;
  },
});
