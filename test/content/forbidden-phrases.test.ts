import { describe, expect, test } from 'vitest';
import { checkWords } from '../../shared/content/check-words.ts';
import type { Finding } from '../../shared/content/finding.ts';
import words from '../../templates/words.json' with { type: 'json' };

const found = (text: string): readonly Finding[] => {
  const findings: Finding[] = [];
  checkWords(
    text,
    () => ({ part: 'source' }),
    (finding) => findings.push(finding),
  );
  return findings;
};

describe('C18, C16: what may not be said is found however it is written', () => {
  const phrases = words.flatMap(({ phrases: all, level }) => all.map((phrase) => [phrase, level] as const));

  test.each(phrases)('%s', (phrase, level) => {
    expect(found(`我们的产品${phrase}。`).some((finding) => finding.level === level)).toBe(true);
    expect(found(`Our product: ${phrase}, today.`).some((finding) => finding.level === level)).toBe(true);
  });

  // a corpus of advertising that supervisors have objected to in kind, each sentence ours
  test.each([
    '零 风 险，放心投',
    '本产品零\u200b风险',
    '收益稳定，保证 收益 4%',
    'Ｚｅｒｏ　Ｒｉｓｋ for your family',
    'ZERO-RISK savings',
    'zero\u2011risk',
    'It comes with a Guaranteed Return of 5%.',
    'You can’t lose money with us',
    '即将停售，欲购从速',
    '收益远比存款高',
    '现在投保立即返现200元',
    '全国第一的车险',
  ])('%s', (text) => {
    expect(found(text).length).toBeGreaterThan(0);
  });

  test.each([
    '本产品不保证收益，过往业绩不代表未来。',
    '续保本保单只需几分钟。',
    '请投保本公司产品前阅读条款。',
    'This is not a guaranteed return.',
    'Please call us without delay.',
    'Cover begins on 1 January.',
    '保单将于停售后继续有效。',
    'Brisk winds, no risky driving.',
    '保险责任及责任免除以条款为准。',
  ])('%s is fine', (text) => {
    expect(found(text)).toEqual([]);
  });
});
