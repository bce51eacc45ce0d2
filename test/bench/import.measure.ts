import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchKeysOf } from '../../shared/customer/match-key.ts';
import type { KeyHash } from '../../shared/customer/match-key-store.ts';
import { placeRecord } from '../../shared/customer/place-record.ts';
import { createRowMapper } from '../../shared/import/map-row.ts';
import { mappingSchema } from '../../shared/import/mapping.ts';
import { openFile } from '../../shared/import/read-file.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { BOOK_HEADER, BOOK_MAPPING, bookBlocks, bookRow } from './generated-book.ts';
import type { Measurement } from './measurement.ts';

const ROWS = 10_000;
const PORT = 4_690;
const local = (path: string): string => new URL(path, import.meta.url).pathname;

/** Rows a second from the first file seen until all is quiet, on a runtime of its own. */
const endToEnd = async (): Promise<number> => {
  const dir = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
  writeFileSync(
    join(dir, 'generated.csv'),
    [BOOK_HEADER, ...Array.from({ length: ROWS }, (_, n) => bookRow(n))].join('\r\n'),
  );
  writeFileSync(join(dir, 'generated.csv.mapping.json'), JSON.stringify(BOOK_MAPPING));
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      local('../../infra/local/start.ts'),
      '--book',
      dir,
      '--now',
      '2018-12-01',
      '--state',
      join(dir, 'state'),
      '--port',
      String(PORT),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let said = '';
  let begun: number | undefined;
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    if (said.includes('importing generated.csv')) begun ??= performance.now();
  });
  try {
    for (let quiet = 0; quiet < 3; ) {
      if (child.exitCode !== null) return Number.NaN;
      await sleep(250);
      if (begun === undefined) continue;
      const status = (await (await fetch(`http://127.0.0.1:${PORT}/local/status`)).json()) as { idle: boolean };
      quiet = status.idle ? quiet + 1 : 0;
    }
    return ROWS / ((performance.now() - (begun ?? 0) - 750) / 1_000);
  } finally {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
};

/** Rows a second read, mapped and placed among those before, without a table. */
const alone = async (): Promise<number> => {
  const rows = 200_000;
  const mapping = mappingSchema.parse(BOOK_MAPPING);
  const started = performance.now();
  const opening = await openFile({ size: 0, stream: async () => bookBlocks(rows) }, mapping);
  if (opening.kind !== 'open') throw new Error(opening.problems.join());
  const map = createRowMapper(mapping, opening.file.columns);
  const holders = new Map<KeyHash, PartyId>();
  let parties = 0;
  for await (const block of opening.file.records)
    for (const record of block) {
      const { person } = map(record, 0 as Instant);
      if (!person) continue;
      const keys = matchKeysOf(person).map(({ kind, parts }) => ({
        kind,
        hash: createHmac('sha256', 'bench').update(JSON.stringify(parts)).digest('base64url') as KeyHash,
      }));
      if (placeRecord(keys, [], holders).kind === 'new')
        for (const { hash } of keys) holders.set(hash, String((parties += 1)) as PartyId);
    }
  return rows / ((performance.now() - started) / 1_000);
};

/** With the young generation that the stack gives the importing functions: V8's own default trades memory for nothing here. */
const peakMemory = async (): Promise<number> =>
  Number(
    execFileSync(process.execPath, [
      '--max-semi-space-size=8',
      '--disable-warning=ExperimentalWarning',
      local('import-memory.ts'),
      '1000000',
    ]).toString(),
  );

/** P1: what an import costs. */
export const measurements: readonly Measurement[] = [
  {
    id: 'P1a',
    name: 'import end to end, policy rows with projections',
    unit: 'rows/s',
    floor: 400,
    goal: 900,
    more: true,
    run: endToEnd,
  },
  {
    id: 'P1b',
    name: 'import: parse, map, link alone',
    unit: 'rows/s',
    floor: 20_000,
    goal: 60_000,
    more: true,
    run: alone,
  },
  {
    id: 'P1c',
    name: 'import: peak memory for 1,000,000 rows',
    unit: 'MB',
    floor: 256,
    goal: 192,
    more: false,
    run: peakMemory,
  },
];
