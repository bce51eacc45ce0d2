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

/** How tests ended. A file that could not even be loaded proves nothing: only tests that ran count. */
interface Run {
  readonly passed: number;
  /** The first test that failed. */
  readonly failed?: string;
  /** Set where no report was written. */
  readonly trouble?: string;
}

const judge = (report: string): Run => {
  const { numPassedTests, testResults } = JSON.parse(report) as {
    numPassedTests: number;
    testResults: { message: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed')?.fullName;
  const unloaded = testResults.find(({ assertionResults }) => assertionResults.length === 0)?.message;
  return {
    passed: numPassedTests,
    ...(failed === undefined ? {} : { failed }),
    ...(unloaded === undefined ? {} : { trouble: unloaded.slice(0, 300) }),
  };
};

const runTests = (copy: string, tests: readonly string[]): Run => {
  const output = join(copy, 'defect-report.json');
  rmSync(output, { force: true });
  const { stderr } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=json', `--outputFile=${output}`, ...tests],
    { cwd: copy, encoding: 'utf8', timeout: 600_000, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    return judge(readFileSync(output, 'utf8'));
  } catch {
    return { passed: 0, trouble: `no report: ${stderr.slice(0, 300)}` };
  }
};

/** @returns the test that noticed, or why none did */
const tryDefect = (copy: string, defect: Defect): { readonly caught: boolean; readonly by: string } => {
  const path = join(copy, defect.file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, plant(defect, sound));
  try {
    const { failed, trouble } = runTests(copy, defect.tests);
    return { caught: failed !== undefined, by: failed ?? trouble ?? 'nothing' };
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

/** @returns the exit code: 0 where all were caught */
const tryAll = (copy: string): number => {
  // a test that fails anyway would catch everything
  const sound = runTests(copy, [...new Set(chosen.flatMap(({ tests }) => tests))]);
  if (sound.failed !== undefined || sound.trouble !== undefined) {
    console.error(`without any defect: ${sound.failed ?? sound.trouble}`);
    return 2;
  }
  console.log(`${sound.passed} tests pass without a defect`);
  let missed = 0;
  for (const [n, defect] of chosen.entries()) {
    const { caught, by } = tryDefect(copy, defect);
    if (!caught) missed += 1;
    console.log(`${n + 1}/${chosen.length} ${caught ? 'caught' : 'MISSED'}  ${defect.id}: ${by}`);
  }
  console.log(
    missed === 0 ? `all ${chosen.length} caught` : `${missed} of ${chosen.length} missed: write the test that fails`,
  );
  return missed === 0 ? 0 : 1;
};

const copy = copyOf(ROOT);
try {
  process.exitCode = tryAll(copy);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
