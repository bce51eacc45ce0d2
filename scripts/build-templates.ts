import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run build`: compiles `templates/` into the `generated` folders beside the code that reads them. Does
 * nothing where the sources are those of the last build, so that every start and every test can run it.
 */
const root = join(import.meta.dirname, '..');

/** What the result depends on: the templates, and all that reads, checks and converts them. */
const inputs = [
  ...globSync('templates/**/*.*', { cwd: root }),
  ...globSync('scripts/templates/*.ts', { cwd: root }),
  'scripts/build-templates.ts',
  'shared/content/liquid.ts',
  'shared/content/message-data.ts',
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
const stamp = join(root, 'shared/content/generated/mail-templates.json');
const last = existsSync(stamp) ? (JSON.parse(readFileSync(stamp, 'utf8')) as { sources?: string }).sources : undefined;
if (last !== sources) {
  // The compilers take a second to load: only where there is work.
  const { compileAll } = await import('./templates/compile-all.ts');
  const problems = await compileAll(root, sources);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exit(1);
  }
}
