import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLinks, LINK_PATHS, type LinkClaims, type LinkPurpose } from '../../shared/message/links.ts';
import { createShortCodes, formatCode, normaliseCode } from '../../shared/message/short-code.ts';
import { derivedId, type PartyId, type PolicyId, randomIds } from '../../shared/platform/ids.ts';
import { DAY, type Instant, parseInstant } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';

const secret = Buffer.alloc(32, 7);
const ORIGIN = 'https://renewals.example.com';
const links = createLinks(secret, ORIGIN);
const NOW = parseInstant('2019-01-31T10:00:00Z') as Instant;
const PURPOSES = Object.keys(LINK_PATHS) as LinkPurpose[];

const claimsOf = (more: Partial<LinkClaims> = {}): LinkClaims => ({
  purpose: 'renew',
  partyId: randomIds.next() as PartyId,
  policyId: derivedId('policy', 'x') as PolicyId,
  campaign: 'renewal',
  occurrence: '2018-02-14',
  step: 'm30',
  sendClass: 'service',
  expiresAt: (NOW + 90 * DAY) as Instant,
  ...more,
});
const tokenOf = (claims: LinkClaims): string =>
  links.url(claims).slice(ORIGIN.length + LINK_PATHS[claims.purpose].length);

const anyClaims = fc.record({
  purpose: fc.constantFrom(...PURPOSES),
  partyId: fc
    .oneof(fc.string({ minLength: 1, maxLength: 40 }), fc.constant('0'.repeat(26)), fc.constant('z'.repeat(26)))
    .map((id) => id as PartyId),
  policyId: fc.option(
    fc.string({ minLength: 1, maxLength: 30 }).map((id) => id as PolicyId),
    { nil: undefined },
  ),
  campaign: fc.option(fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }), { nil: undefined }),
  occurrence: fc.option(fc.constant('2018-02-14'), { nil: undefined }),
  step: fc.option(fc.constant('m30'), { nil: undefined }),
  sendClass: fc.option(fc.constantFrom('marketing' as const, 'service' as const, 'statutory' as const), {
    nil: undefined,
  }),
  expiresAt: fc.integer({ min: 1, max: 4_000_000 }).map((minutes) => (NOW + minutes * 60_000) as Instant),
});
const without = (claims: object): object =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));

describe('signed links', () => {
  test('say what was put in, for the purpose they were made for', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        expect(links.read(claims.purpose, tokenOf(claims as LinkClaims), NOW)).toEqual({
          kind: 'valid',
          claims: without(claims),
        });
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('S31: hold no readable id, and stay short enough for a mail', () => {
    const claims = claimsOf();
    expect(links.url(claims).length).toBeLessThan(150);
    expect(links.url(claims)).not.toContain(claims.partyId);
    expect(links.url(claims)).toMatch(/^https:\/\/renewals\.example\.com\/r\/[\w-]+$/);
  });

  test('S25: every changed byte, every flipped bit, each cut and each extension is invalid', () => {
    const token = tokenOf(claimsOf());
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at += 1)
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        expect(links.read('renew', changed.toString('base64url'), NOW).kind).toBe('invalid');
      }
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.~ %';
    for (let at = 0; at < token.length; at += 1)
      for (const character of alphabet) {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        if (changed !== token) expect(links.read('renew', changed, NOW).kind, changed).toBe('invalid');
      }
    for (let length = 0; length < token.length; length += 1)
      expect(links.read('renew', token.slice(0, length), NOW).kind).toBe('invalid');
    for (const more of ['A', 'AA', '=', '==', '\n', ' ', '.', token])
      expect(links.read('renew', token + more, NOW).kind).toBe('invalid');
    for (const nonsense of ['', 'A', 'A'.repeat(5_000), '../..', '💣'])
      expect(links.read('renew', nonsense, NOW).kind).toBe('invalid');
  });

  test('S25: parts of two valid tokens put together are invalid', () => {
    const [one, other] = [tokenOf(claimsOf()), tokenOf(claimsOf())];
    for (let at = 1; at < one.length; at += 1) {
      const mixed = one.slice(0, at) + other.slice(at);
      if (mixed !== one && mixed !== other) expect(links.read('renew', mixed, NOW).kind).toBe('invalid');
    }
  });

  test('S27: a token of one purpose opens no other, and no other secret reads it', () => {
    for (const made of PURPOSES)
      for (const used of PURPOSES)
        expect(links.read(used, tokenOf(claimsOf({ purpose: made })), NOW).kind).toBe(
          made === used ? 'valid' : 'invalid',
        );
    const elsewhere = createLinks(Buffer.alloc(32, 8), ORIGIN);
    expect(elsewhere.read('renew', tokenOf(claimsOf()), NOW).kind).toBe('invalid');
  });

  test('S26: expire to the second; a changed token never says that it expired', () => {
    const expiresAt = (NOW + 1_500) as Instant;
    const token = tokenOf(claimsOf({ expiresAt }));
    expect(links.read('renew', token, (NOW + 2_000) as Instant).kind).toBe('valid');
    expect(links.read('renew', token, (NOW + 2_001) as Instant).kind).toBe('expired');
    expect(links.read('survey', token, (NOW + DAY) as Instant).kind).toBe('invalid');
  });

  test('a secret too short to keep one is refused', () => {
    expect(() => createLinks(Buffer.alloc(8), ORIGIN)).toThrow(/too short/);
  });
});

describe.each(tableEngines)('short codes on $name', (engine) => {
  test('are the same for the same letter, differ between letters, and lead to the claims', async () => {
    const codes = createShortCodes(await engine.make(), secret);
    const claims = claimsOf();
    const code = await codes.create('send-1', claims);
    expect(await codes.create('send-1', claimsOf())).toBe(code);
    expect(await codes.create('send-2', claims)).not.toBe(code);
    expect(code).toMatch(/^[2-9a-hjkmnp-tv-z]{8}$/);
    expect(await codes.find(code)).toEqual(claims);
    expect(await codes.find(` ${formatCode(code).toUpperCase()} `)).toEqual(claims);
    expect(await codes.find('22222222')).toBeUndefined();
  });

  test('a code that another letter holds is passed over', async () => {
    const table = await engine.make();
    const codes = createShortCodes(table, secret);
    const first = await codes.create('send-1', claimsOf());
    await table.put({
      pk: `K#${first}`,
      sk: 'LINK',
      entity: 'ShortCode',
      schemaVersion: 1,
      sendId: 'other',
      claims: {},
    });
    const second = await codes.create('send-1', claimsOf());
    expect(second).not.toBe(first);
    expect(await codes.create('send-1', claimsOf())).toBe(second);
  });
});

test('what is no code is not looked for', () => {
  for (const typed of ['', 'abc', 'abcd-efg0', 'abcdefghj', 'K#x', 'abcd\nefgh2'])
    expect(normaliseCode(typed)).toBeUndefined();
  expect(normaliseCode('ABCD-EFGH')).toBe('abcdefgh');
});
