import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Defect, defects, plant } from './defects.ts';

/**
 * `npm run defects`: plants each seeded defect in a copy of the repository and runs the tests that promise it cannot be.
 * A defect that no test catches is a hole in the suite, and the run fails.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HELP = `usage: npm run defects -- [--only ID] [--list]

Plants each of the ${defects.length} seeded defects of test/defects/defects.ts in a copy of this repository, one at a
time, and runs the tests named with it. Each must fail. Takes about ten minutes.

  --only ID   this one only (may be given several times)
  --list      name them and stop`;

/** What is no source: installed, built or somebody's state. */
const LEFT_OUT = new Set(['node_modules', '.git', 'cdk.out', '.state', 'coverage']);

const copyOf = (root: string): string => {
  const copy = mkdtempSync(join(tmpdir(), 'defect-'));
  for (const name of readdirSync(root))
    if (!LEFT_OUT.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  return copy;
};

interface Verdict {
  readonly caught: boolean;
  readonly by: string;
}

/** Tests that could not even be loaded prove nothing: at least one must have run and failed. */
const judge = (report: string): Verdict => {
  const { numFailedTests, testResults } = JSON.parse(report) as {
    numFailedTests: number;
    testResults: { assertionResults: { status: string; fullName: string }[] }[];
  };
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
  return { caught: numFailedTests > 0, by: failed[0] ?? 'nothing' };
};

const tryDefect = (copy: string, defect: Defect): Verdict => {
  const path = join(copy, defect.file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, plant(defect, sound));
  const output = join(copy, 'defect-report.json');
  rmSync(output, { force: true });
  try {
    const { stderr } = spawnSync(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--bail=1',
        '--reporter=json',
        `--outputFile=${output}`,
        ...defect.tests,
      ],
      { cwd: copy, encoding: 'utf8', timeout: 300_000, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    try {
      return judge(readFileSync(output, 'utf8'));
    } catch {
      return { caught: false, by: `no report: ${stderr.slice(0, 300)}` };
    }
  } finally {
    writeFileSync(path, sound);
  }
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const chosen = values.only === undefined ? defects : defects.filter(({ id }) => values.only?.includes(id));
if (chosen.length === 0) {
  console.error(`no defect ${values.only?.join(', ')}: see npm run defects -- --list`);
  process.exit(2);
}
if (values.list) {
  for (const { id, promise } of chosen) console.log(`${id.padEnd(28)} ${promise}`);
  process.exit(0);
}

const copy = copyOf(ROOT);
let missed = 0;
try {
  for (const [n, defect] of chosen.entries()) {
    const { caught, by } = tryDefect(copy, defect);
    if (!caught) missed += 1;
    console.log(`${n + 1}/${chosen.length} ${caught ? 'caught' : 'MISSED'}  ${defect.id}: ${by}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(
  missed === 0 ? `all ${chosen.length} caught` : `${missed} of ${chosen.length} missed: write the test that fails`,
);
process.exit(missed === 0 ? 0 : 1);
