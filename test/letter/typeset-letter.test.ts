import { describe, expect, test } from 'vitest';
import { addressBlock } from '../../shared/letter/address-block.ts';
import { formatFor } from '../../shared/letter/letter-format.ts';
import { qrSvg } from '../../shared/letter/qr-code.ts';
import { createTypesetter, type LetterInput } from '../../shared/letter/typeset-letter.ts';
import type { ZoneId } from '../../shared/platform/time.ts';
import { dataOf, links, now, shipped } from '../content/samples.ts';
import { readPdf } from './read-pdf.ts';

const typesetter = createTypesetter();
const renewalM14 = shipped<'letter'>('renewal-m14');
const spain = { lines: ['Calle Mayor 12, 3º B'], city: 'Madrid', postcode: '28013', country: 'ES' };

const letterOf = (given: Partial<LetterInput> = {}): LetterInput => ({
  template: renewalM14,
  locale: 'zh-CN',
  data: dataOf({ locale: given.locale ?? 'zh-CN' }),
  sendClass: 'service',
  address: addressBlock(
    '张伟',
    { lines: ['世纪大道 100 号'], city: '上海市', postcode: '200120', country: 'CN' },
    'CN',
  ),
  link: { url: links.short, code: 'abcd-efgh' },
  largePrint: false,
  at: now,
  zone: 'Asia/Shanghai' as ZoneId,
  ...given,
});

const typeset = async (given: Partial<LetterInput> = {}) => {
  const letter = typesetter.typeset(letterOf(given));
  if (letter.kind === 'failed') throw new Error(`${letter.reason}: ${letter.detail}`);
  return { letter, pdf: await readPdf(letter.pdf), raw: Buffer.from(letter.pdf).toString('latin1') };
};

describe('a letter as printed', () => {
  test.each(['zh-CN', 'en'])(
    '%s: one A4 page, tagged, titled, in its language, with all it has to say',
    async (locale) => {
      const { letter, pdf, raw } = await typeset({ locale, data: dataOf({ locale }) });
      expect(pdf).toMatchObject({ pages: 1, size: [210, 297] });
      expect(letter.pages).toBe(1);
      expect(pdf.roles).toEqual(
        expect.arrayContaining([
          'H1',
          'P',
          'Table',
          `Figure: ${renewalM14.variants.find((one) => one.locale === locale)?.words.qrAlt}`,
        ]),
      );
      expect(pdf.language).toMatch(locale === 'en' ? /^en/ : /^zh/);
      expect(pdf.title).toContain(locale === 'en' ? 'due for renewal on 31 January 2019' : '将于2019年1月31日续保');
      const text = pdf.text.replace(/\s+/g, '');
      for (const part of [
        '3,340.50',
        '3,120.00',
        '****2345',
        '400-000-0188',
        'abcd-efgh',
        'pages.example.com/k/abcdefgh',
      ])
        expect(text).toContain(part);
      expect(raw).toContain('pdfuaid:part');
      // fonts as subsets: a name with six capitals before it
      expect(raw).toMatch(/\/[A-Z]{6}\+NotoSansSC-Regular/);
    },
  );

  test('the address lies in the window, nothing else does', async () => {
    const { pdf } = await typeset({
      locale: 'en',
      data: dataOf({ locale: 'en' }),
      address: addressBlock('María García', spain, 'CN'),
    });
    const { window } = formatFor(false);
    const inWindow = pdf.runs.filter(
      ({ x, y }) =>
        x >= window.x - 1 &&
        x < window.x + window.width &&
        y > window.y + window.addressFrom &&
        y < window.y + window.height,
    );
    expect(inWindow.map(({ text }) => text.trim())).toEqual([
      'María García',
      'Calle Mayor 12, 3º B',
      '28013 Madrid',
      'SPAIN',
    ]);
  });

  test('large print has type of 16 points and page numbers', async () => {
    const { pdf } = await typeset({ largePrint: true });
    expect(formatFor(true).fontSize).toBeGreaterThanOrEqual(16);
    expect(pdf.pages).toBe(2);
    expect(pdf.text.replace(/\s+/g, '')).toContain('第2页，共2页');
  });

  test('the QR code is at least 20 mm wide', () => {
    for (const large of [true, false]) expect(formatFor(large).qr).toBeGreaterThanOrEqual(20);
    expect(qrSvg(links.short)).toMatch(/^<svg .*viewBox="0 0 (25|29|33|37) \1"/);
  });

  test('the same letter has the same hash, another customer another', async () => {
    const first = (await typeset()).letter;
    const again = createTypesetter().typeset(letterOf());
    expect(again).toMatchObject({ sha256: first.sha256 });
    expect((await typeset({ address: ['x'] })).letter.sha256).not.toBe(first.sha256);
  });

  test('S15, S17: markup and Typst code in a name are printed as they are', async () => {
    const nasty = '<img src=x onerror=1> #panic("x") $x^2$ *b* @ref {{ x }}';
    const { pdf } = await typeset({
      locale: 'en',
      data: dataOf({ locale: 'zh-CN', profile: { name: { company: nasty } } }),
      address: [nasty, 'Madrid'],
    });
    const text = pdf.text.replace(/\s+/g, '');
    expect(text.split(nasty.replace(/\s+/g, '')).length).toBe(3);
  });
});

describe('F28: nothing is cut', () => {
  test('long names and addresses wrap inside the paper', async () => {
    const name = 'Maximiliana-Josefina-Wolfeschlegelsteinhausenbergerdorff-Hohenzollern';
    const { pdf } = await typeset({
      locale: 'en',
      data: dataOf({ locale: 'en', profile: { name: { full: name } } }),
      address: [name, ...spain.lines, '28013 Madrid'],
    });
    const text = pdf.text.replace(/\s+/g, '');
    expect(text).toContain(`Dear${name},`);
    expect(text.split(name).length).toBe(3);
    for (const { x } of pdf.runs) expect(x).toBeLessThan(205);
  });

  test.each([
    ['more lines than the window holds', { address: ['1', '2', '3', '4', '5', '6', '7'] }, /7 lines/],
    ['lines that wrap beyond it', { address: ['a b '.repeat(150), 'x'] }, /does not fit the window/],
    ['a character no font has', { address: ['😀'] }, /U\+1F600/],
    [
      'a body of too many pages',
      { data: dataOf({ profile: { name: { company: 'wort '.repeat(9_000) } } }) },
      /pages, at most 4/,
    ],
  ])('%s: not printed, and said', (_, given, detail) => {
    const letter = typesetter.typeset(letterOf(given));
    expect(letter).toMatchObject({ kind: 'failed', reason: 'not-printable' });
    expect(letter.kind === 'failed' && letter.detail).toMatch(detail);
  });

  test('rare characters of names have glyphs', async () => {
    const { pdf } = await typeset({ address: ['喆堃镕頔㛃 收'] });
    expect(pdf.text).toContain('喆堃镕頔㛃');
  });

  test('a missing value fails and names the field', () => {
    const data = dataOf();
    const { hotline: _, ...sender } = data.sender;
    expect(typesetter.typeset(letterOf({ data: { ...data, sender: sender as never } }))).toMatchObject({
      reason: 'missing-value',
    });
  });
});

test('without an offer the price follows, and no premium is printed (C5)', async () => {
  for (const locale of ['zh-CN', 'en']) {
    const { pdf } = await typeset({ locale, data: dataOf({ locale, policy: { offer: undefined as never } }) });
    expect(pdf.text).not.toMatch(/3,120|3,340/);
  }
});

test('a letter cannot be sent as advertising', () => {
  expect(typesetter.typeset(letterOf({ sendClass: 'marketing' }))).toMatchObject({ reason: 'rendering-failure' });
});
