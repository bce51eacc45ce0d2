import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLiquid } from '../../shared/content/liquid.ts';
import { addressBlock, isPostable } from '../../shared/letter/address-block.ts';
import { markBody, plainValue, readBody } from '../../shared/letter/letter-body.ts';

const source = `{{ greeting }}

First line
second line

| Label | {{ value }} |
{% if strong %}
|! Premium | {{ value }} |
{% endif %}

- one
- {{ value }}

@answer Scan this
Last`;

const read = (data: object) =>
  readBody(createLiquid(plainValue).compile(markBody(source))({ strong: true, greeting: 'Hello', ...data }));

describe('the body of a letter', () => {
  test('paragraphs, rows, items, the code', () => {
    expect(read({ value: 'V' })).toEqual([
      { kind: 'paragraph', lines: ['Hello'] },
      { kind: 'paragraph', lines: ['First line', 'second line'] },
      {
        kind: 'facts',
        rows: [
          { cells: ['Label', 'V'], strong: false },
          { cells: ['Premium', 'V'], strong: true },
        ],
      },
      { kind: 'list', items: ['one', 'V'] },
      { kind: 'answer', caption: 'Scan this' },
      { kind: 'paragraph', lines: ['Last'] },
    ]);
  });

  test('S15, S17: no value can add a block, whatever it holds', () => {
    const shape = (parts: ReturnType<typeof read>) =>
      parts.map((part) => [part.kind, part.kind === 'facts' ? part.rows.length : 0]);
    const usual = shape(read({ value: 'V', greeting: 'H' }));
    const nasty = fc.array(
      fc.constantFrom(
        '\n\n',
        '| a | b |',
        '- x',
        '@answer y',
        '\u001d',
        '\u001dP',
        '\u001e',
        '\u001f',
        '{{ value }}',
        '#set',
        '\\',
        'a',
        '\r',
        '\u2028',
      ),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(nasty, nasty, (a, b) => {
        const [value, greeting] = [`x${a.join('')}`, `x${b.join('')}`];
        const parts = read({ value, greeting });
        expect(shape(parts)).toEqual(usual);
        expect(parts[0]).toEqual({ kind: 'paragraph', lines: [plainValue(greeting)] });
      }),
    );
  });
});

describe('the address block', () => {
  test.each([
    [
      'China',
      { lines: ['世纪大道 100 号', '28 楼'], city: '上海市', region: '上海市', postcode: '200120', country: 'CN' },
      '张伟',
      'CN',
      ['200120', '上海市世纪大道 100 号', '28 楼', '张伟 收'],
    ],
    [
      'Chinese province, place already in the street',
      { lines: ['浙江省杭州市文三路 1 号'], city: '杭州市', region: '浙江省', postcode: '310000', country: 'CN' },
      '李娜',
      'CN',
      ['310000', '浙江省杭州市文三路 1 号', '李娜 收'],
    ],
    [
      'Spain at home',
      { lines: ['Calle Mayor 1'], city: 'Madrid', postcode: '28013', country: 'ES' },
      'María García',
      'ES',
      ['María García', 'Calle Mayor 1', '28013 Madrid'],
    ],
    [
      'Spain from abroad',
      { lines: ['Calle Mayor 1'], city: 'Madrid', postcode: '28013', country: 'ES' },
      'M',
      'CN',
      ['M', 'Calle Mayor 1', '28013 Madrid', 'SPAIN'],
    ],
    [
      'Britain',
      { lines: ['1 High St'], city: 'Leeds', postcode: 'LS1 1AA', country: 'GB' },
      'A B',
      'ES',
      ['A B', '1 High St', 'Leeds', 'LS1 1AA', 'UNITED KINGDOM'],
    ],
    [
      'a line break in a line',
      { lines: ['a\nb', ' '], city: 'c', postcode: '', country: 'ES' },
      'N',
      'ES',
      ['N', 'a b', 'c'],
    ],
  ])('%s', (_, address, name, home, lines) => {
    expect(addressBlock(name, address, home)).toEqual(lines);
  });

  test('what is postable', () => {
    const address = { lines: ['x'], city: 'c', postcode: '', country: 'ES' };
    expect(isPostable(address)).toBe(true);
    expect(isPostable(undefined)).toBe(false);
    expect(isPostable({ ...address, lines: [] })).toBe(false);
    expect(isPostable({ ...address, city: ' ' })).toBe(false);
  });
});
