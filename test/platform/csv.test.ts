import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { BYTE_ORDER_MARK, csvLine, guardCell, readCsv, toCsv, unguardCell } from '../../shared/platform/csv.ts';

const FORMULA = /^[=+\-@\t\r\n\0＝＋－＠]/;
const NASTY = [
  '=1+1',
  '=cmd|"/c calc"!A1',
  '+49 170',
  '-1',
  '@SUM(1)',
  '\tx',
  '\rx',
  '\nx',
  '\0x',
  '＝1',
  "'quoted",
  "'=1",
  "''=1",
  "'",
  '"',
  '""',
  'a,b',
  'a\r\nb',
  '评价, "很好"',
  '👩‍👩‍👧 ‮rtl',
  ' =1',
  '',
];

/** Texts of which many look like formulas, quotes or line ends. */
const cell = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom("'", '=', '"', ',', '\r', '\n', '\t', '-', 'x', '好')).map((parts) => parts.join('')),
);

describe('CSV', () => {
  test('S21: a guarded cell executes nowhere and comes back as it was', () => {
    for (const text of NASTY) {
      expect(guardCell(text)).not.toMatch(FORMULA);
      expect(unguardCell(guardCell(text))).toBe(text);
    }
    fc.assert(
      fc.property(cell, (text) => {
        expect(guardCell(text)).not.toMatch(FORMULA);
        expect(unguardCell(guardCell(text))).toBe(text);
      }),
    );
  });

  test('S21: any lines written are read back exactly, by us and, cell by cell, by another reader', () => {
    const lines = fc
      .integer({ min: 2, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(lines, (rows) => {
        const text = rows.map(csvLine).join('');
        expect(readCsv(text)).toEqual(rows);
        expect(readCsv(BYTE_ORDER_MARK + text)).toEqual(rows);
        const others = Papa.parse<string[]>(text, { delimiter: ',', newline: '\r\n' }).data.slice(0, -1);
        expect(others.map((line) => line.map(unguardCell))).toEqual(rows);
        for (const raw of others.flat()) expect(raw).not.toMatch(FORMULA);
      }),
    );
  });

  test('a header, then rows; a megabyte in one cell is no trouble', () => {
    expect(toCsv(['a', 'b'], [['1', 'x,"y"']])).toBe('a,b\r\n1,"x,""y"""\r\n');
    const long = '=“very” "long"\r\n'.repeat(70_000);
    expect(readCsv(csvLine(['1', long, '2']))).toEqual([['1', long, '2']]);
  });
});
