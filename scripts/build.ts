import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Runs every build step; each is quick when its sources have not changed. */
for (const step of [
  'scripts/build-holidays.ts',
  'scripts/build-surveys.ts',
  'scripts/build-templates.ts',
  'scripts/build-console.ts',
])
  if (existsSync(step)) execFileSync(process.execPath, [step], { stdio: 'inherit' });
