import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngagementError } from '../../../shared/platform/errors.ts';
import type { NamedTemplate, Template } from './resolve.ts';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Between starts, outside any state folder: what can be made again. */
export const CACHE = join(ROOT, 'node_modules', '.cache', 'perennial');

/** The local stage is synthesized for this port, and its addresses are moved to the real one afterwards, so that the
 *  cache serves every port. */
const SYNTHESIZED_ORIGIN = 'http://127.0.0.1:4600';

/** The templates of the local stage, from the cache where neither the CDK app nor a dependency has changed since.
 *  @param origin where this start listens */
export const synthesize = async (origin: string): Promise<readonly NamedTemplate[]> => {
  const file = join(CACHE, `template-${sourceHash()}.json`);
  const text = readCached(file) ?? (await synthesizeInto(file));
  return JSON.parse(text.replaceAll(SYNTHESIZED_ORIGIN, origin)) as readonly NamedTemplate[];
};

const readCached = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** Everything the synthesis reads: the app, the contracts it imports, the dependencies. */
const sourceHash = (): string => {
  const hash = createHash('sha256');
  const files = globSync(
    ['infra/*.ts', 'infra/constructs/**/*.ts', 'shared/**/*.ts', 'cdk.json', 'package-lock.json'],
    { cwd: ROOT },
  );
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex').slice(0, 24);
};

/** In a process of its own: the CDK library is large, and is needed only here. */
const synthesizeInto = async (file: string): Promise<string> => {
  const child = fork(fileURLToPath(import.meta.url), ['--into', file], { execArgv: [], silent: true });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new EngagementError('misconfigured', `the CDK app cannot be synthesized:\n${errors.trim()}`);
  return readFileSync(file, 'utf8');
};

/** What the child does: builds the app without bundling and keeps its stacks' templates in `file`. */
const writeTemplates = async (file: string): Promise<void> => {
  const { buildApp } = await import('../../app.ts');
  const outdir = mkdtempSync(join(tmpdir(), 'perennial-synth-'));
  try {
    const assembly = buildApp({ stage: 'local', bundle: false, outdir }).synth();
    const stacks: NamedTemplate[] = assembly.stacks.map((stack) => ({
      stack: stack.stackName,
      template: stack.template as Template,
    }));
    mkdirSync(dirname(file), { recursive: true });
    // Written aside and renamed: another start may read at this moment.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(stacks));
    renameSync(`${file}.${process.pid}`, file);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === '--into') {
  await writeTemplates(process.argv[3] ?? '');
}
