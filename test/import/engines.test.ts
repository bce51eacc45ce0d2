import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { search } from '../../shared/customer/search.ts';
import { createRowMapper } from '../../shared/import/map-row.ts';
import { parseMapping } from '../../shared/import/mapping.ts';
import { openFile } from '../../shared/import/read-file.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { BOOK_HEADER, BOOK_MAPPING, bookRow } from '../bench/generated-book.ts';
import { tableEngines } from '../support/tables.ts';
import { createImportRig } from './support/rig.ts';

const book = (rows: number): string =>
  [BOOK_HEADER, ...Array.from({ length: rows }, (_, n) => bookRow(n))].join('\r\n');

describe.each(tableEngines)('an import on $name', ({ make }) => {
  it('takes rows once, whatever order the table returns its maps in', async () => {
    const rig = await createImportRig(await make());
    await rig.addMapping({ ...BOOK_MAPPING, onChangedFile: 'load' } as { id: string });
    expect((await rig.run('generated-1.csv', book(300))).counts).toEqual({
      rows: 300,
      changed: 300,
      unchanged: 0,
      refused: 0,
      warnings: 0,
    });
    rig.changes.take();
    const again = await rig.run('generated-2.csv', `${book(300)}\r\n`);
    expect(again.counts).toMatchObject({ changed: 0, unchanged: 300 });
    expect(rig.changes.take()).toEqual([]);

    const more = await rig.run('generated-3.csv', book(302));
    expect(more.counts).toMatchObject({ changed: 2, unchanged: 300 });
    expect(rig.changes.take()).toMatchObject([{ kind: 'policies', policyIds: [expect.any(String)] }]);
    const [hit] = await search(rig.table, { text: 'H7' });
    expect(await rig.link.profiles.get(hit?.partyId as never)).toMatchObject({
      name: { full: 'Given7 Family7' },
      records: [{ key: 'H7' }],
    });
    expect((await rig.imports.list()).items).toHaveLength(3);
    expect((await rig.link.unclear.list()).items.length).toBeGreaterThan(0);
  });
});

describe('docs/guides/import.md', () => {
  it('its example reads as it says', async () => {
    const guide = readFileSync(new URL('../../docs/guides/import.md', import.meta.url), 'utf8');
    const file = Buffer.from(/```\n(Pol\.No[\s\S]*?)```/.exec(guide)?.[1] ?? '');
    const read = parseMapping(/```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '');
    if (read.kind === 'invalid') throw new Error(read.problems.join());
    const opening = await openFile(
      { size: file.length, stream: async () => [file] as unknown as AsyncIterable<Uint8Array> },
      read.mapping,
    );
    if (opening.kind === 'refused') throw new Error(opening.problems.join());
    const map = createRowMapper(read.mapping, opening.file.columns);
    const rows = [];
    for await (const block of opening.file.records) rows.push(...block.map((record) => map(record, 0 as Instant)));
    expect(rows.map(({ facts, problems }) => [facts.map(({ kind }) => kind), problems])).toEqual([
      [['contract', 'term'], []],
      [['contract', 'term', 'ending'], []],
    ]);
  });
});
