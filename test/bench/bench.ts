import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Measurement } from './measurement.ts';

const HELP = `npm run bench -- [--only P2,P4] [--list]

Measures the figures of docs/bench.md on this machine, prints each beside its floor and goal, and writes
test/bench/results/<date>.json. Figures are counted where they can be, timed where they cannot.`;

const { values } = parseArgs({
  options: { only: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const here = dirname(fileURLToPath(import.meta.url));
const modules = readdirSync(here).filter((name) => name.endsWith('.measure.ts'));
const measurements: Measurement[] = [];
for (const name of modules.sort())
  measurements.push(...((await import(join(here, name))) as { measurements: readonly Measurement[] }).measurements);
measurements.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));

const wanted = values.only?.split(',').map((id) => id.trim());
const chosen = measurements.filter(
  ({ id }) => wanted === undefined || wanted.some((only) => id === only || id.replace(/[a-z]$/, '') === only),
);
if (chosen.length === 0) {
  console.error(`no figure ${values.only}: known are ${measurements.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}
if (values.list) {
  for (const { id, name } of chosen) console.log(`${id.padEnd(5)} ${name}`);
  process.exit(0);
}

const shown = (value: number): string =>
  Number.isNaN(value) ? '–' : value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
const verdictOf = ({ floor, goal, more }: Measurement, value: number): string => {
  if (Number.isNaN(value)) return 'not measured';
  const reaches = (target: number): boolean => (more ? value >= target : value <= target);
  return reaches(goal) ? 'goal' : reaches(floor) ? 'floor' : 'BELOW FLOOR';
};

const results = [];
console.log(
  `${'id'.padEnd(5)} ${'figure'.padEnd(58)} ${'value'.padStart(10)} ${'floor'.padStart(10)} ${'goal'.padStart(10)}  reaches`,
);
for (const measurement of chosen) {
  const value = await measurement.run();
  const verdict = verdictOf(measurement, value);
  const { id, name, unit, floor, goal } = measurement;
  results.push({ id, name, unit, value, floor, goal, verdict });
  console.log(
    `${id.padEnd(5)} ${`${name}, ${unit}`.padEnd(58)} ${shown(value).padStart(10)} ${shown(floor).padStart(10)} ${shown(goal).padStart(10)}  ${verdict}`,
  );
}

mkdirSync(join(here, 'results'), { recursive: true });
const at = new Date().toISOString();
const file = join(here, 'results', `${at.slice(0, 19).replaceAll(':', '-')}.json`);
writeFileSync(
  file,
  `${JSON.stringify({ at, node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, results }, null, 2)}\n`,
);
console.log(`written to ${file}`);
// a local system under measurement may leave handles behind
process.exit(results.some(({ verdict }) => verdict === 'BELOW FLOOR') ? 1 : 0);
