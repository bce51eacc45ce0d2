import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run build`: compiles `templates/` into `templates/generated/`, which functions read at run time, and bundles the
 * thread that compiles what marketing saves. Does nothing where the sources are those of the last build, so that every
 * start and every test can run it.
 */
const root = join(import.meta.dirname, '..');

/** What the result depends on: the templates, and all that reads, checks and converts them. */
const inputs = [
  ...globSync('templates/**/*.*', { cwd: root, exclude: ['templates/generated'] }),
  ...globSync('scripts/templates/*.ts', { cwd: root }),
  ...globSync('shared/content/*.ts', { cwd: root }),
  'scripts/build-templates.ts',
  ...globSync('functions/serve-templates/*.ts', { cwd: root }),
  'shared/letter/compile-letter.ts',
  'shared/letter/letter-body.ts',
  'package-lock.json',
].sort();

const hash = createHash('sha256');
for (const file of inputs)
  hash
    .update(file)
    .update('\0')
    .update(readFileSync(join(root, file)))
    .update('\0');
const sources = hash.digest('hex');

// Written last: while it names these sources, everything is there.
const stamp = join(root, 'templates/generated/stamp');
const last = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
if (last !== sources) {
  // The compilers take a second to load: only where there is work.
  const { compileAll } = await import('./templates/compile-all.ts');
  const { buildWorker } = await import('./templates/build-worker.ts');
  const problems = await compileAll(root);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exit(1);
  }
  await buildWorker(root);
  writeFileSync(stamp, sources);
}
