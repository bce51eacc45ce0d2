import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derivedId, sendIdOf, shardOf } from '../../shared/platform/ids.ts';
import { formatMoney, minorDigits, parseMoney } from '../../shared/platform/money.ts';
import { once } from '../../shared/platform/once.ts';

describe('money', () => {
  test.each([
    ['222.52', 'EUR', 22_252],
    ['1234.5', 'CNY', 123_450],
    ['0.1', 'EUR', 10],
    ['-3', 'EUR', -300],
    ['1000', 'JPY', 1_000],
    ['1.50', 'JPY', undefined],
    ['1.500', 'EUR', 150],
    ['1.505', 'EUR', undefined],
    ['1,50', 'EUR', undefined],
    ['', 'EUR', undefined],
    ['1e3', 'EUR', undefined],
    ['99999999999999999', 'EUR', undefined],
  ])('%s %s is %s in minor units', (text, currency, minor) => {
    expect(parseMoney(text, currency)).toEqual(minor === undefined ? undefined : { minor, currency });
  });

  test('is read exactly: every amount of cents comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (minor) => {
        const text = `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;
        expect(parseMoney(text, 'EUR')).toEqual({ minor, currency: 'EUR' });
      }),
    );
  });

  test('is written as people write it', () => {
    expect(formatMoney({ minor: 123_450, currency: 'CNY' }, 'zh-CN')).toBe('¥1,234.50');
    expect(formatMoney({ minor: 22_252, currency: 'EUR' }, 'en')).toBe('€222.52');
    expect([minorDigits('JPY'), minorDigits('EUR')]).toEqual([0, 2]);
  });
});

describe('derived ids', () => {
  test('are injective where joined text is not, 26 characters of base32', () => {
    expect(derivedId('a-b', 'c')).not.toBe(derivedId('a', 'b-c'));
    expect(derivedId('1')).not.toBe(derivedId(1));
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        expect(derivedId(...parts)).toMatch(/^[a-z2-7]{26}$/);
      }),
    );
    const ids = new Set(Array.from({ length: 20_000 }, (_, n) => derivedId('x', n)));
    expect(ids.size).toBe(20_000);
  });

  test('every part of a send id counts: another step, channel or occurrence is another message', () => {
    const parts = ['renewal', '2018-01-01', 'policy', 'm30', 'email'] as const;
    const ids = parts.map((_, n) => {
      const [campaign, occurrence, subject, step, channel] = parts.map((part, m) => (m === n ? `${part}x` : part));
      return sendIdOf(campaign ?? '', occurrence ?? '', subject ?? '', step ?? '', channel ?? '');
    });
    expect(new Set([...ids, sendIdOf(...parts)]).size).toBe(6);
  });

  test('spread evenly over shards', () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let n = 0; n < 16_000; n += 1) {
      const shard = shardOf(`key${n}`, 16);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
  });
});

test('what is made once is made once, and again after a fault', async () => {
  let calls = 0;
  const make = once(async () => {
    calls += 1;
    if (calls === 1) throw new Error('first');
    return calls;
  });
  await expect(make()).rejects.toThrow('first');
  expect(await Promise.all([make(), make()])).toEqual([2, 2]);
});
