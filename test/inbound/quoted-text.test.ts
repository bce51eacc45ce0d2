import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textOfHtml } from '../../shared/inbound/html-text.ts';
import { ownWords } from '../../shared/inbound/quoted-text.ts';
import { readMail } from '../../shared/inbound/read-mail.ts';
import { SAMPLES, type SampleMail } from './mails.ts';

const mimeOf = ({ text, html }: SampleMail): Buffer =>
  Buffer.from(
    `From: ann@example.com\r\nSubject: Re: x\r\nContent-Type: text/${text === undefined ? 'html' : 'plain'}; charset=utf-8\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(text ?? html ?? '').toString('base64')}\r\n`,
  );

describe('the words of a person in a reply (M5)', () => {
  test('there are enough kinds of mail to say so', () => {
    expect(SAMPLES.length).toBeGreaterThan(30);
  });

  test.each(SAMPLES)('$name', async (sample) => {
    expect(ownWords((await readMail(mimeOf(sample))).text)).toBe(sample.words);
  });

  test('line ends of any system give the same words', () => {
    for (const { text, words } of SAMPLES)
      if (text !== undefined)
        for (const end of ['\r\n', '\r']) expect(ownWords(text.replaceAll('\n', end))).toBe(words);
  });

  test('a text without any mark stays whole', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ,.!?]{0,60}$/), { maxLength: 20 }), (lines) => {
        const text = lines
          .map((line) => line.trim())
          .join('\n')
          .trim()
          .replace(/\n{3,}/g, '\n\n');
        fc.pre(!/(confidential|disclaimer|this (e-?mail|message)|wrote|sent |get |--)/.test(text));
        expect(ownWords(text)).toBe(text);
      }),
    );
  });

  test.each<[string, string]>([
    ['one line', 'x'.repeat(262_144)],
    ['blanks', `to${' '.repeat(262_000)}x`],
    ['dashes', '-'.repeat(262_144)],
    ['greater than', '>'.repeat(262_144)],
    ['fields', 'From: x\n'.repeat(32_000)],
    ['attributions', 'At 1 wrote:\n> x\n'.repeat(16_000)],
    ['short lines', 'a\n'.repeat(131_000)],
    ['on and on', 'on 1 '.repeat(52_000)],
  ])('hostile text is worked off at once: %s', (_, text) => {
    const began = performance.now();
    ownWords(text);
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  test.each<[string, string]>([
    ['nested', '<div>'.repeat(50_000)],
    ['quotes', '<blockquote>'.repeat(20_000)],
    ['unclosed', '<a '.repeat(60_000)],
    ['comments', '<!--'.repeat(60_000)],
    ['breaks', '<br>'.repeat(60_000)],
    ['entities', '&amp'.repeat(60_000)],
  ])('hostile HTML is worked off at once: %s', (_, html) => {
    const began = performance.now();
    expect(textOfHtml(html)).toBeTypeOf('string');
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
