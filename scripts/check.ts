import { spawnSync } from 'node:child_process';

/** `npm run check`: format, lint (type-aware), types, unused code. All run, so that one pass shows every fault. */
const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format', 'biome', 'ci', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '--noEmit', '-p', '.'],
  ['types of the console', 'tsc', '--noEmit', '-p', 'console'],
  ['unused code', 'knip'],
];

const failed = checks.filter(([name, command, ...args]) => {
  console.log(`— ${name}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`failed: ${failed.map(([name]) => name).join(', ')}. \`npx biome check --write .\` mends the format.`);
  process.exit(1);
}
