import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReplyAddresses } from '../../shared/inbound/reply-address.ts';
import { derivedId, type PartyId, randomIds } from '../../shared/platform/ids.ts';
import senders from '../../templates/senders.json' with { type: 'json' };

const addresses = createReplyAddresses(Buffer.from('a secret of a stage, 32 bytes or so'));
const id = fc.array(fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'), { minLength: 26, maxLength: 26 });
const claims = fc.record({
  use: fc.constantFrom('reply' as const, 'unsubscribe' as const),
  partyId: id.map((letters) => letters.join('') as PartyId),
  sendClass: fc.constantFrom('marketing' as const, 'service' as const),
});
const one = { use: 'reply', partyId: derivedId('party', 1) as PartyId, sendClass: 'service' } as const;

describe('addresses that replies come to (ADR 0114)', () => {
  test('give back what they were made of, in any case', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const address = addresses.address('care@perennial.example', given);
        expect(addresses.read(address)).toEqual({ kind: 'ours', claims: given });
        expect(addresses.read(address.toUpperCase())).toEqual({ kind: 'ours', claims: given });
      }),
    );
  });

  test('a notice counts as service', () => {
    expect(addresses.read(addresses.address('care@perennial.example', { ...one, sendClass: 'statutory' }))).toEqual({
      kind: 'ours',
      claims: one,
    });
  });

  test('fit into the 64 characters of a local part, for every sender and the longest ids', () => {
    for (const { replyTo, unsubscribe } of senders)
      for (const partyId of [randomIds.next(), 'z'.repeat(26)] as PartyId[])
        for (const mailbox of [replyTo, unsubscribe]) {
          const address = addresses.address(`${mailbox}@perennial.example`, { ...one, partyId });
          expect(address).toMatch(/^[a-z]+\+[a-z2-7]{48}@in\.perennial\.example$/);
          expect(address.indexOf('@')).toBeLessThanOrEqual(64);
        }
  });

  test('S25: every changed, cut or added character is refused', () => {
    const address = addresses.address('care@perennial.example', one);
    const start = address.indexOf('+') + 1;
    const token = address.slice(start, start + 48);
    for (let place = 0; place < token.length; place += 1)
      for (const letter of 'abcdefghijklmnopqrstuvwxyz234567') {
        if (token[place] === letter) continue;
        const changed = `${token.slice(0, place)}${letter}${token.slice(place + 1)}`;
        expect(addresses.read(`care+${changed}@in.perennial.example`).kind).toBe('forged');
      }
    for (const wrong of [token.slice(1), token.slice(0, -1), `${token}a`, '', `${token.slice(0, -1)}1`, 'news'])
      expect(addresses.read(`care+${wrong}@in.perennial.example`).kind).toBe('forged');
  });

  test('S27: another secret, or the other use, opens nothing', () => {
    const others = createReplyAddresses(Buffer.from('another secret of another stage'));
    expect(others.read(addresses.address('care@perennial.example', one)).kind).toBe('forged');
    // the use is in the key: a token made for one cannot be told to mean the other
    const reply = addresses.address('care@perennial.example', one).replace('care+', 'unsubscribe+');
    expect(addresses.read(reply)).toEqual({ kind: 'ours', claims: one });
  });

  test.each(['care@in.perennial.example', '', '@', 'no address at all'])('"%s" bears no token', (address) => {
    expect(addresses.read(address)).toEqual({ kind: 'none' });
  });

  test('hostile addresses are read without a fault', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(addresses.read(`care+${text}@x`).kind).not.toBe('ours');
      }),
    );
  });

  test('what does not fit is refused', () => {
    expect(() => addresses.address('a-mailbox-too-long@perennial.example', one)).toThrow('too long');
    expect(() => addresses.address('care@perennial.example', { ...one, partyId: 'P1' as PartyId })).toThrow('26 of');
  });
});
