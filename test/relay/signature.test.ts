import { describe, expect, test } from 'vitest';
import { type Instant, MINUTE, SECOND } from '../../shared/platform/time.ts';
import { endpointKey, sign, verify, writtenKey } from '../../shared/relay/signature.ts';

/** The example of the Standard Webhooks specification. */
const KEY = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = (1_614_265_330 * SECOND) as Instant;
const BODY = Buffer.from('{"test": 2432232314}');
const signed = sign(KEY, ID, AT, BODY);

test('signs as the specification’s example', () => {
  expect(signed).toEqual({
    'webhook-id': ID,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

describe('a call that came in', () => {
  const later = (milliseconds: number): Instant => (AT + milliseconds) as Instant;

  test('is known by its signature, within five minutes, and bears its id', () => {
    for (const now of [AT, later(5 * MINUTE), later(-5 * MINUTE)]) expect(verify(KEY, signed, BODY, now)).toBe(ID);
    const several = { ...signed, 'webhook-signature': `v1,AAAA v2,zzz ${signed['webhook-signature']}` };
    expect(verify(KEY, several, BODY, AT)).toBe(ID);
  });

  test.each<[string, Parameters<typeof verify>]>([
    ['another key', [endpointKey(KEY, 'x'), signed, BODY, AT]],
    ['another body', [KEY, signed, Buffer.from('{"test": 2432232315}'), AT]],
    ['another id', [KEY, { ...signed, 'webhook-id': 'msg_x' }, BODY, AT]],
    ['another time', [KEY, { ...signed, 'webhook-timestamp': '1614265331' }, BODY, AT]],
    ['too late: played again', [KEY, signed, BODY, later(5 * MINUTE + 1)]],
    ['too early', [KEY, signed, BODY, later(-5 * MINUTE - 1)]],
    ['no signature', [KEY, { 'webhook-id': ID, 'webhook-timestamp': '1614265330' }, BODY, AT]],
    ['no headers at all', [KEY, {}, BODY, AT]],
    ['an empty signature', [KEY, { ...signed, 'webhook-signature': 'v1,' }, BODY, AT]],
    [
      'another scheme',
      [KEY, { ...signed, 'webhook-signature': signed['webhook-signature'].replace('v1', 'v1a') }, BODY, AT],
    ],
    ['a time that is none', [KEY, { ...signed, 'webhook-timestamp': 'NaN' }, BODY, AT]],
  ])('is refused: %s', (_, asked) => {
    expect(verify(...asked)).toBeUndefined();
  });

  test('each flipped bit of signature and body is refused', () => {
    const good = Buffer.from(signed['webhook-signature'].slice(3), 'base64');
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const bad = Buffer.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verify(KEY, { ...signed, 'webhook-signature': `v1,${bad.toString('base64')}` }, BODY, AT)).toBeUndefined();
    }
  });
});

test('each endpoint has a key of its own, written as receivers’ libraries take it', () => {
  const secret = Buffer.from('the secret of a stage');
  expect(endpointKey(secret, 'a')).not.toEqual(endpointKey(secret, 'b'));
  expect(endpointKey(secret, 'a')).toEqual(endpointKey(secret, 'a'));
  expect(writtenKey(endpointKey(secret, 'a'))).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});
