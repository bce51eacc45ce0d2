import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readEmail } from '../../shared/customer/read-email.ts';
import { createDateReader, isDateSpelling, readDecimal } from '../../shared/import/field-values.ts';
import { mappingSchema } from '../../shared/import/mapping.ts';
import { openFile } from '../../shared/import/read-file.ts';
import type { RawRecord } from '../../shared/import/split-records.ts';

const mappingOf = (format: object = {}) =>
  mappingSchema.parse({
    id: 'people',
    source: 'lists',
    appliesTo: ['*'],
    key: ['id'],
    format,
    records: [{ record: 'customer', key: 'id', full: 'name' }],
  });

async function* blocks(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) yield bytes.subarray(at, at + Math.max(1, size));
}

const readAll = async (bytes: Uint8Array, format: object = {}, size?: number) => {
  const opening = await openFile(
    { size: bytes.length, stream: async (from) => blocks(bytes.subarray(from), size) },
    mappingOf(format),
  );
  if (opening.kind === 'refused') return opening;
  const records: RawRecord[] = [];
  for await (const block of opening.file.records) records.push(...block);
  return { kind: 'open' as const, columns: opening.file.columns, records };
};

const TEXT = 'id,name\n1,Müller\n2,Łukasz\n';
const CHINESE = 'id,name\n1,张伟\n2,欧阳娜娜\n';

describe('encodings', () => {
  it.each([
    ['UTF-8', Buffer.from(CHINESE), {}, '张伟'],
    ['UTF-8 with BOM', Buffer.from(`\ufeff${CHINESE}`), { encoding: 'windows-1252' }, '张伟'],
    ['UTF-16 LE with BOM', iconv.encode(CHINESE, 'utf-16le', { addBOM: true }), {}, '张伟'],
    ['UTF-16 BE with BOM', iconv.encode(CHINESE, 'utf-16be', { addBOM: true }), {}, '张伟'],
    ['UTF-16 LE as declared', iconv.encode(CHINESE, 'utf-16le'), { encoding: 'utf-16le' }, '张伟'],
    ['GBK', iconv.encode(CHINESE, 'gbk'), { encoding: 'gbk' }, '张伟'],
    ['GB 18030', iconv.encode('id,name\n1,𠮷田\n', 'gb18030'), { encoding: 'gb18030' }, '𠮷田'],
    ['Windows-1252', iconv.encode('id,name\n1,Müller€\n', 'win1252'), { encoding: 'windows-1252' }, 'Müller€'],
  ])('F26 %s, whole and byte by byte', async (_, bytes, format, name) => {
    const whole = await readAll(bytes, format);
    expect(whole).toMatchObject({ kind: 'open', columns: ['id', 'name'] });
    expect(whole.kind === 'open' && whole.records[0]).toEqual({ line: 2, cells: ['1', name] });
    expect(await readAll(bytes, format, 1)).toEqual(whole);
  });

  it.each([
    ['GBK taken for UTF-8', iconv.encode(CHINESE, 'gbk'), {}, /line [23]: bytes that are not utf-8: declare/],
    [
      'Windows-1252 taken for UTF-8',
      iconv.encode(TEXT.replace('Łukasz', 'Zoë'), 'win1252'),
      {},
      /line 2: bytes that are not utf-8/,
    ],
    ['UTF-16 taken for UTF-8', iconv.encode(TEXT, 'utf-16le'), {}, /UTF-16|not utf-8/],
    ['UTF-8 taken for GBK', Buffer.from('id,name\n1,张\n'), { encoding: 'gbk' }, /not gbk/],
  ])('F26 %s is refused with the line', async (_, bytes, format, message) => {
    const read = await readAll(bytes, format).catch((error: Error) => ({ kind: 'refused', problems: [error.message] }));
    expect(read.kind).toBe('refused');
    expect(read.kind === 'refused' && 'problems' in read ? read.problems.join() : '').toMatch(message);
  });

  it('reads the same however the bytes are cut into blocks', async () => {
    const line = fc
      .tuple(fc.nat(99), fc.constantFrom('张伟', 'Müller', '"a,b"', '𠮷\n', ''))
      .map(([id, name]) => `${id},${name}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.constantFrom('utf-8', 'utf-16le', 'gb18030'),
        fc.integer({ min: 1, max: 7 }),
        async (lines, encoding, size) => {
          const bytes = iconv.encode(`id,name\n${lines.join('\r\n')}`, encoding.replace('utf-', 'utf'));
          const collect = async (cut?: number) =>
            readAll(bytes, { encoding }, cut).catch((error: Error) => error.message);
          expect(await collect(size)).toEqual(await collect());
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('headers', () => {
  it.each([
    ['an empty file', '', ['the file is empty']],
    ['nothing but blank lines', '\n\r\n', ['the file is empty']],
    ['a column twice', 'id,name,id\n1,x,2', ['column "id" stands twice in the header: rename one']],
    ['a column of the mapping missing', 'id,nom\n1,x', ['column "name" of the mapping is not in the file']],
    [
      'data where the header should be',
      '1,x\n2,y',
      ['column "id" of the mapping is not in the file', 'column "name" of the mapping is not in the file'],
    ],
    ['an unclosed quote in the header', '"id,name\n1,x', ['the header row cannot be read (unclosed-quote)']],
    [
      'a NUL in the header',
      'i\0d,name\n1,x',
      ['the header holds NUL characters: the file looks like UTF-16, declare its encoding'],
    ],
    [
      'more columns than any table',
      `${Array.from({ length: 1_100 }, (_, n) => `c${n}`).join()}\n`,
      ['the file has 1100 columns, more than 1024: see its delimiter'],
    ],
  ])('F26 %s: the whole file is refused before its first row', async (_, text, problems) => {
    expect(await readAll(Buffer.from(text))).toEqual({ kind: 'refused', problems });
  });

  it('F26 1,000 columns, names with spaces around, __proto__ as a column, extra columns', async () => {
    const names = [' id', ' name ', '__proto__', ...Array.from({ length: 997 }, (_, n) => `c${n}`)];
    const read = await readAll(Buffer.from(`${names.join()}\n${names.map((_, n) => n).join()}\n`));
    expect(read).toMatchObject({ kind: 'open', records: [{ line: 2 }] });
    expect(read.kind === 'open' && read.columns.slice(0, 3)).toEqual(['id', 'name', '__proto__']);
  });

  it('S22 a picture or archive named .csv is told as such', async () => {
    for (const head of [
      [0x89, 0x50, 0x4e, 0x47],
      [0x50, 0x4b, 3, 4],
      [0x25, 0x50, 0x44, 0x46],
      [0xff, 0xd8, 0xff, 0xe0],
    ])
      expect(await readAll(Uint8Array.from([...head, 1, 2, 3, 0xff]))).toMatchObject({
        kind: 'refused',
        problems: [expect.stringMatching(/the file is an? .*export it as CSV/)],
      });
  });

  it('a file without a header takes its columns from the mapping', async () => {
    expect(await readAll(Buffer.from('1,x\n2,y\n'), { columns: ['id', 'name'] })).toMatchObject({
      columns: ['id', 'name'],
      records: [
        { line: 1, cells: ['1', 'x'] },
        { line: 2, cells: ['2', 'y'] },
      ],
    });
  });
});

describe('values', () => {
  it.each([
    ['DD/MM/YYYY', '29/02/2016', '2016-02-29'],
    ['DD/MM/YYYY', '29/02/2015', 'no-such-day'],
    ['YYYYMMDD', '19211430', 'no-such-day'],
    ['D.M.YYYY', '1.2.2019', '2019-02-01'],
    ['YYYY年M月D日', '2019年2月1日', '2019-02-01'],
    ['YYYY-MM-DD HH:mm:ss', '2019-02-01 23:59:00', '2019-02-01'],
    ['YYYY-MM-DD', '0001-01-01', 'no-such-day'],
    ['YYYY-MM-DD', '01/02/2019', 'other'],
  ])('date %s of %s is %s', (spelling, text, date) => {
    expect(createDateReader([spelling])(text)).toBe(date);
  });

  it('a date spelling names each part once', () => {
    expect(
      ['DD/MM/YYYY', 'YYYYMMDD', 'D.M.YYYY', 'MM/YYYY', 'DD/MM/YY', 'DD/DD/YYYY', 'DD-MM-YYYY MM'].map(isDateSpelling),
    ).toEqual([true, true, true, false, false, false, false]);
  });

  it.each([
    ['1234.5', '.', '1234.5'],
    ['1,234.50', '.', '1234.50'],
    ['1.234,50', ',', '1234.50'],
    ['1 234,5', ',', '1234.5'],
    ['-12', '.', '-12'],
    ['1,23', '.', undefined],
    ['1e400', '.', undefined],
    ['9'.repeat(400), '.', undefined],
    ['12.', '.', undefined],
    ['', '.', undefined],
  ] as const)('number %s with decimal %s', (text, decimal, plain) => {
    expect(readDecimal(text, decimal)).toBe(plain);
  });

  it.each([
    ['reid.14@EXAMPLE.com', 'reid.14@example.com'],
    ["o'neil@example.com", "o'neil@example.com"],
    ['nicholas at example.com', undefined],
    ['a@b', undefined],
    ['a b@example.com', undefined],
    ['a..b@example.com', undefined],
    ['a@example.com\r\nBcc: x@y.zz', undefined],
    ['张@example.com', undefined],
  ])('S20 e-mail %j', (text, address) => {
    expect(readEmail(text)).toBe(address);
  });
});
