import { expect, test } from 'vitest';
import { detailsOf, titleOf } from '../../console/src/parts/row-text.ts';
import { type Language, texts } from '../../console/src/text.ts';

const languageOf = (locale: string): Language => ({ locale, text: texts[locale as keyof typeof texts] }) as Language;
const at = Date.parse('2019-01-31T10:00:00Z');

test.each([
  ['en', 'Clicked by a person', 'Followed by a scanner', 'several links at once', 'Clicked a link in a message'],
  ['zh-CN', '客户点击时间', '扫描程序访问时间', '同时打开多个链接', '点击了消息中的链接'],
])('in %s a row says who clicked, and a click is a reaction', (locale, person, scanner, sign, title) => {
  const language = languageOf(locale);
  const details = { messageId: 'm', clickedAt: at, scannedAt: at, scannedBy: 'burst' };
  const shown = new Map(detailsOf({ kind: 'message', details }, language));
  expect([...shown.keys()].slice(0, 2)).toEqual([person, scanner]);
  expect(shown.get(person)).toMatch(/2019/);
  expect([...shown.values()]).toContain(sign);
  const row = {
    row: 'r',
    customerId: 'c',
    at: '2019-01-31T10:00:00Z',
    kind: 'reaction',
    policyIds: [],
    reason: 'click',
  };
  expect(titleOf(row as Parameters<typeof titleOf>[0], language.text)).toBe(title);
});
