import { describe, expect, test } from 'vitest';
import { en } from '../../console/src/text/en.ts';
import { zhCN } from '../../console/src/text/zh-CN.ts';
import { chooseLocale, stepName, texts } from '../../console/src/text.ts';

const leaves = (value: unknown, path = ''): [string, unknown][] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([name, part]) => leaves(part, `${path}.${name}`))
    : [[path, value]];
const shown = (text: unknown): string => String(typeof text === 'function' ? text('一', '二') : text);

describe('the words of the first page', () => {
  test('O4: every language has every text', () => {
    const wanted = leaves(en).map(([path]) => path);
    expect(wanted.length).toBeGreaterThan(150);
    for (const text of Object.values(texts)) {
      expect(leaves(text).map(([path]) => path)).toEqual(wanted);
      for (const [path, value] of leaves(text)) expect(shown(value).trim(), path).not.toBe('');
    }
  });

  test('O4: Chinese is Chinese, English is English', () => {
    const same = ['.product', '.signIn', '.message.proof'];
    for (const [path, value] of leaves(zhCN))
      if (!same.includes(path)) expect(shown(value), path).toMatch(/\p{Script=Han}/u);
    for (const [path, value] of leaves(en))
      expect(String(typeof value === 'function' ? value('1', '2') : value), path).not.toMatch(/\p{Script=Han}/u);
  });

  test.each([
    ['m30', '30 days before', '到期前 30 天'],
    ['p15', '15 days after', '之后 15 天'],
    ['d00', 'on the day', '到期当天'],
    ['m01', '1 day before', '到期前 1 天'],
    ['offer-missing', 'Offer is missing', '缺少报价'],
    ['something-new', 'something-new', 'something-new'],
  ])('step %s is called %s and %s', (step, english, chinese) => {
    expect(stepName(en, step)).toBe(english);
    expect(stepName(zhCN, step)).toBe(chinese);
  });

  test('a browser gets the language it asks for', () => {
    expect(chooseLocale([null, 'zh-TW', 'en'])).toBe('zh-CN');
    expect(chooseLocale(['fr', 'en-US'])).toBe('en');
    expect(chooseLocale([])).toBe('en');
  });
});
