import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CompiledTemplate, CompiledTemplates } from '../shared/content/mail-template.ts';
import { compileMail } from './templates/compile-mail.ts';

/**
 * `npm run build:templates`: templates → `generated/*.json` beside the code that reads them. Does nothing where the
 * sources are those of the last build, so that every start and every test can run it.
 */
const root = join(import.meta.dirname, '..');
const target = join(root, 'shared/content/generated/mail-templates.json');

/** What the result depends on: the templates, and the code that reads and checks them. */
const inputs = [
  ...globSync('templates/**/*.*', { cwd: root }),
  ...globSync('scripts/templates/*.ts', { cwd: root }),
  'scripts/build-templates.ts',
  'shared/content/liquid.ts',
  'shared/content/message-data.ts',
  'package-lock.json',
].sort();

const hashOf = (files: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
};

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const blocks = (name: string, locale: string): string | undefined => {
  const file = `templates/mail/blocks/${locale === '' ? name : `${name}/${locale}`}.mjml`;
  return existsSync(join(root, file)) ? read(file) : undefined;
};

const sources = hashOf(inputs);
const last = existsSync(target) ? (JSON.parse(readFileSync(target, 'utf8')) as CompiledTemplates).sources : '';
if (last !== sources) {
  const templates: CompiledTemplate[] = [];
  const failures: string[] = [];
  for (const file of globSync('templates/mail/*/*.mjml', { cwd: root, exclude: ['templates/mail/blocks'] }).sort()) {
    const name = basename(dirname(file));
    const locale = basename(file, '.mjml');
    try {
      templates.push(await compileMail({ name, locale, text: read(file) }, blocks));
    } catch (error) {
      failures.push(...(error as Error).message.split('\n').map((line) => `${file}: ${line}`));
    }
  }
  if (failures.length > 0) {
    console.error(failures.join('\n'));
    process.exit(1);
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, JSON.stringify({ sources, templates } satisfies CompiledTemplates));
  console.log(`templates: ${templates.length} mails compiled`);
}
