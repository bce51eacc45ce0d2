import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSheet } from '../../shared/import/read-sheet.ts';
import type { RawRecord } from '../../shared/import/split-records.ts';
import { makeXlsx, makeZip } from './support/make-xlsx.ts';
import { createImportRig } from './support/rig.ts';

const fileOf = (bytes: Buffer, block = 65_536) => ({
  size: bytes.length,
  stream: async (from: number) =>
    (async function* () {
      for (let at = from; at < bytes.length; at += block) yield bytes.subarray(at, at + block);
    })(),
});
const SHEET = 'Customers & more';
const read = async (bytes: Buffer, options: { sheet?: string; decimal?: '.' | ','; block?: number } = {}) => {
  const { sheet = SHEET, decimal = '.', block } = options;
  const records: RawRecord[] = [];
  for await (const part of readSheet(fileOf(bytes, block), { sheet, decimal })) records.push(...part);
  return records;
};

const SHARED = [
  '<t>no</t>',
  '<t xml:space="preserve"> name </t>',
  '<r><t>张</t></r><r><t>伟</t></r><rPh><t>ZHANG</t></rPh>',
  '<t>a &lt;b&gt; &#20013;_x000D_</t>',
];
const ROWS = `
  <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>day</t></is></c><c r="D1" t="str"><f>"pre"&amp;"mium"</f><v>premium</v></c></row>
  <row r="2"><c r="A2"><v>17</v></c><c r="B2" t="s"><v>2</v></c><c r="C2" s="1"><v>43496</v></c><c r="D2" s="3"><v>222.52000000000001</v></c></row>
  <row r="3"/>
  <row r="5"><c r="A5" t="b"><v>1</v></c><c r="C5" s="2"><v>43496.75</v></c></row>
  <row r="6"><c r="B6" t="s"><v>3</v></c><c r="C6" s="2"><v>59</v></c><c r="D6" t="e"><v>#N/A</v></c></row>`;

describe('reading .xlsx', () => {
  it('gives texts, dates, numbers and truth values as they show, with the numbers of their rows', async () => {
    const records = await read(makeXlsx(ROWS, SHARED));
    expect(records).toEqual([
      { line: 1, cells: ['no', ' name ', 'day', 'premium'] },
      { line: 2, cells: ['17', '张伟', '2019-01-31', '222.52'] },
      { line: 5, cells: ['true', '', '2019-01-31 18:00:00', ''] },
      { line: 6, cells: ['', 'a <b> 中\r', '1900-02-28', '#N/A'] },
    ]);
  });

  it('writes numbers with the mapping’s decimal sign, and counts days from 1904 where the workbook does', async () => {
    const rows = '<row r="1"><c r="A1"><v>-1.5</v></c><c r="B1" s="1"><v>42034</v></c></row>';
    expect(await read(makeXlsx(rows, [], '<workbookPr date1904="1"/>'), { decimal: ',' })).toEqual([
      { line: 1, cells: ['-1,5', '2019-01-31'] },
    ]);
  });

  it('reads the same however the bytes are cut into blocks', async () => {
    const bytes = makeXlsx(ROWS, SHARED);
    const whole = await read(bytes);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (block) => {
        expect(await read(bytes, { block })).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['no archive', Buffer.from('PK and no more'), /no intact Excel file/],
    ['cut off', makeXlsx(ROWS, SHARED).subarray(0, -60), /no intact Excel file/],
    ['another archive', makeZip({ 'a.txt': 'x' }), /has no sheet/],
    [
      'a damaged part',
      (() => {
        const bytes = makeXlsx(ROWS, SHARED);
        bytes.fill(0xff, 60, 200);
        return bytes;
      })(),
      /no intact|no sheet|not utf-8/,
    ],
    [
      'S22 a bomb',
      makeXlsx(`<row r="1"><c r="A1" t="inlineStr"><is><t>${'x'.repeat(30_000_000)}</t></is></c></row>`),
      /inflates beyond|longer than a million/,
    ],
  ])('F26 %s is refused in words', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it('is imported like any other file; its error file is CSV', async () => {
    const rig = await createImportRig();
    await rig.addMapping({
      id: 'people',
      source: 'lists',
      appliesTo: ['*.xlsx'],
      format: { type: 'xlsx', sheet: SHEET },
      key: ['no'],
      records: [{ record: 'customer', key: 'no', full: 'name', birthOn: 'day' }],
    } as { id: string });
    const { counts, record, errors } = await rig.run('people.xlsx', makeXlsx(ROWS, SHARED));
    expect(counts).toEqual({ rows: 3, changed: 2, unchanged: 0, refused: 1, warnings: 1 });
    expect(errors.map(({ line, problems }) => [line, problems[0]?.column, problems[0]?.reason])).toEqual([
      [5, 'day', 'not-a-date'],
      [6, 'no', 'empty'],
    ]);
    const text = Buffer.from((await rig.objects.get(record.errorFiles?.[0] ?? ''))?.body ?? '').toString('utf8');
    const again = await rig.run(
      `errors-${record.importId}.csv`,
      text.replaceAll('2019-01-31 18:00:00,', '2019-01-31,'),
    );
    expect(again.counts).toMatchObject({ rows: 2, changed: 1, refused: 1 });
  });
});
