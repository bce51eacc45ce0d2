import { createReadStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createRowMapper, type MappedRow } from '../shared/import/map-row.ts';
import { appliesTo, type Mapping, mappingSchema, parseMapping } from '../shared/import/mapping.ts';
import { openFile } from '../shared/import/read-file.ts';
import { problemTexts, type RowProblem } from '../shared/import/row-problem.ts';
import { formatInstant, type Instant } from '../shared/platform/time.ts';

/** `npm run import`: shows how a file would be read, checks mappings, writes the mapping format's JSON Schema. */

const MAPPINGS = new URL('../mappings/', import.meta.url).pathname;
const SCHEMA = join(MAPPINGS, 'mapping.schema.json');
const USAGE = `usage:
  npm run import -- --preview FILE [--mapping FILE.mapping.json | ID] [--rows N]   how the file would be read, and every problem
  npm run import -- --check [MAPPING …]                                            whether mappings are valid (default: mappings/)
  npm run import -- --schema                                                       writes mappings/mapping.schema.json`;

const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const readMapping = (path: string): Mapping => {
  const read = parseMapping(readFileSync(path, 'utf8'));
  if (read.kind === 'valid') return read.mapping;
  say(paint(31, `${path} is not valid:`));
  for (const problem of read.problems) say(`  ${problem}`);
  process.exit(1);
};

const savedMappings = (): string[] =>
  readdirSync(MAPPINGS)
    .filter((name) => name.endsWith('.mapping.json'))
    .map((name) => join(MAPPINGS, name));

/** The mapping named by path or id; else the one beside the file; else the saved one that fits its name. */
const mappingFor = (file: string, named: string | undefined): Mapping => {
  if (named !== undefined) return readMapping(existsSync(named) ? named : join(MAPPINGS, `${named}.mapping.json`));
  if (existsSync(`${file}.mapping.json`)) return readMapping(`${file}.mapping.json`);
  const fitting = savedMappings()
    .map(readMapping)
    .filter((mapping) => appliesTo(mapping, basename(file)));
  if (fitting.length === 1 && fitting[0]) return fitting[0];
  say(
    paint(
      31,
      fitting.length === 0
        ? 'no saved mapping applies to this file name: name one with --mapping'
        : 'several mappings apply: name one with --mapping',
    ),
  );
  process.exit(1);
};

const day = (at: Instant): string => (at <= 0 ? 'at once' : formatInstant(at).replace('.000Z', 'Z'));

/** One row as it would be taken, for people. */
const describe = (row: MappedRow): string[] => {
  const lines = [`${paint(1, `line ${row.line}`)}  key ${row.key}`];
  if (row.person) {
    const { source, key, knownFrom, data, consents } = row.person;
    lines.push(`  customer ${source} ${key}, known ${day(knownFrom)}: ${JSON.stringify(data)}`);
    for (const { channel, purpose, given, wording } of consents)
      lines.push(`  consent  ${channel} ${purpose}: ${given ? 'yes' : 'no'} (${wording})`);
  }
  for (const fact of [
    ...row.facts,
    ...row.numbered.map(({ policyNo, fact: numbered }) => ({ policyNo, ...numbered })),
  ]) {
    const { kind, knownFrom, ...rest } = fact as { kind: string; knownFrom: Instant };
    lines.push(`  ${kind.padEnd(8)} known ${day(knownFrom)}: ${JSON.stringify(rest)}`);
  }
  return lines;
};

const describeProblem = (line: number, { column, value, reason, severity }: RowProblem): string =>
  `${paint(severity === 'refused' ? 31 : 33, severity.padEnd(7))} line ${line}${column === '' ? '' : `, ${column}`}${value === '' ? '' : ` "${value}"`}: ${problemTexts[reason]}`;

/** @returns the exit code */
const preview = async (file: string, named: string | undefined, shown: number): Promise<number> => {
  const mapping = mappingFor(file, named);
  const opening = await openFile(
    { size: statSync(file).size, stream: async (start) => createReadStream(file, { start }) },
    mapping,
  );
  if (opening.kind === 'refused') {
    say(paint(31, `${file} would be refused as a whole:`));
    for (const problem of opening.problems) say(`  ${problem}`);
    return 1;
  }
  const { columns, records } = opening.file;
  say(`${file} by mapping ${mapping.id}: ${columns.length} columns`);
  const map = createRowMapper(mapping, columns);
  const counts = { rows: 0, refused: 0, warnings: 0 };
  const problems: string[] = [];
  for await (const block of records)
    for (const record of block) {
      const row = map(record, Date.now() as Instant);
      counts.rows += 1;
      if (counts.rows <= shown) for (const line of describe(row)) say(line);
      if (row.problems.some(({ severity }) => severity === 'refused')) counts.refused += 1;
      else if (row.problems.length > 0) counts.warnings += 1;
      for (const problem of row.problems) problems.push(describeProblem(row.line, problem));
    }
  if (problems.length > 0) say('');
  for (const problem of problems) say(problem);
  say(
    `\n${counts.rows} rows: ${counts.rows - counts.refused} would be taken, ${counts.warnings} of them with a warning; ${counts.refused} refused`,
  );
  return problems.length > 0 ? 1 : 0;
};

const check = (paths: readonly string[]): number => {
  for (const path of paths.length > 0 ? paths : savedMappings()) {
    const mapping = readMapping(path);
    say(`${path}: valid, ${mapping.records.map(({ record }) => record).join(', ')} from ${mapping.source}`);
  }
  return 0;
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      preview: { type: 'string' },
      mapping: { type: 'string' },
      rows: { type: 'string', default: '5' },
      check: { type: 'boolean' },
      schema: { type: 'boolean' },
    },
  });
  if (values.preview !== undefined) {
    if (!existsSync(values.preview)) {
      say(paint(31, `${values.preview} is not there`));
      return 1;
    }
    return preview(values.preview, values.mapping, Number(values.rows));
  }
  if (values.check) return check([...positionals, ...(values.mapping === undefined ? [] : [values.mapping])]);
  if (values.schema) {
    writeFileSync(SCHEMA, `${JSON.stringify(z.toJSONSchema(mappingSchema, { io: 'input' }), null, 2)}\n`);
    say(`wrote ${SCHEMA}`);
    return 0;
  }
  say(USAGE);
  return 2;
};

try {
  process.exitCode = await main();
} catch (error) {
  say(paint(31, error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
