import {
  copyFileSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compileTemplate } from '../../functions/serve-templates/compile-template.ts';
import type { ShippedSources, TemplateSources } from '../../shared/content/compiled-template.ts';
import { findingText } from '../../shared/content/finding.ts';
import type { LetterWords, TemplateIndex, TemplateKind, TemplateVersion } from '../../shared/content/template.ts';
import { commonRuns, fontCoverage } from './font-coverage.ts';

/** Both weights of the letters' font; Noto Sans SC has Chinese and Latin in one design (OFL 1.1). */
const FONTS = ['400Regular/NotoSansSC_400Regular.ttf', '700Bold/NotoSansSC_700Bold.ttf'];

/** Where a kind's sources lie, and how they end. */
const ENDINGS: Readonly<Record<TemplateKind, string>> = { mail: 'mjml', letter: 'liquid', text: 'txt' };

/** Everything under `templates/` that templates are made from, as written. */
const readSources = (root: string): readonly TemplateSources[] => {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8');
  const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
  const blocks = Object.fromEntries(
    files('templates/mail/blocks/**/*.mjml').map((file) => [
      file.slice('templates/mail/blocks/'.length, -'.mjml'.length),
      read(file),
    ]),
  );
  const letter = {
    layout: read('templates/letter/layout.typ'),
    words: JSON.parse(read('templates/letter/words.json')) as Record<string, LetterWords>,
  };
  return Object.entries(ENDINGS).flatMap(([kind, ending]) => {
    const own = files(`templates/${kind}/*/*.${ending}`).filter((file) => !file.includes('/blocks/'));
    const names = new Set(own.map((file) => basename(dirname(file))));
    return [...names].map((name) => ({
      name,
      kind: kind as TemplateKind,
      files: own
        .filter((file) => basename(dirname(file)) === name)
        .map((file) => ({ locale: basename(file, `.${ending}`), text: read(file) })),
      blocks,
      letter,
    }));
  });
};

/** What is printable with the fonts that letters are set in, and the fonts themselves. */
const writeFonts = (root: string): void => {
  const fonts = FONTS.map((file) => join(root, 'node_modules/@expo-google-fonts/noto-sans-sc', file));
  mkdirSync(join(root, 'shared/letter/fonts'), { recursive: true });
  mkdirSync(join(root, 'shared/letter/generated'), { recursive: true });
  for (const font of fonts) copyFileSync(font, join(root, 'shared/letter/fonts', basename(font)));
  const glyphs = fonts.map((font) => fontCoverage(readFileSync(font))).reduce(commonRuns);
  writeFileSync(join(root, 'shared/letter/generated/glyphs.json'), JSON.stringify(glyphs));
};

/** Puts a file in place whole: a test run that builds at the same time must find either the old or the new one. */
const replaceFile = (path: string, text: string): void => {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
};

/**
 * Compiles everything under `templates/` into `templates/generated/`: a file a template in `shipped/`, `index.json` with
 * what a definition must know of each, and `sources.json` with what they were made from.
 * @returns problems as `name: place: what is wrong`; where there are any, nothing was written
 */
export const compileAll = async (root: string): Promise<readonly string[]> => {
  const templates: TemplateVersion[] = [];
  const problems: string[] = [];
  const written = readSources(root);
  for (const sources of written) {
    const compiled = await compileTemplate(sources);
    for (const finding of compiled.findings) {
      const text = `templates/${sources.kind}/${sources.name}: ${findingText(finding)}`;
      if (compiled.kind === 'refused') problems.push(text);
      else console.warn(text);
    }
    if (compiled.kind === 'compiled') templates.push(compiled.template);
  }
  const twice = templates.filter(({ name }, n) => templates.findIndex((other) => other.name === name) !== n);
  problems.push(...twice.map(({ name }) => `templates: two kinds have a template "${name}": names are unique`));
  if (problems.length > 0) return problems;

  const folder = join(root, 'templates/generated');
  const shippedFolder = join(folder, 'shipped');
  mkdirSync(shippedFolder, { recursive: true });
  for (const template of templates) replaceFile(join(shippedFolder, `${template.name}.json`), JSON.stringify(template));
  const files = new Set(templates.map(({ name }) => `${name}.json`));
  for (const file of readdirSync(shippedFolder))
    if (file.endsWith('.json') && !files.has(file)) rmSync(join(shippedFolder, file), { force: true });
  const index: TemplateIndex = Object.fromEntries(
    templates.map(({ name, version, kind, classes, offer, needs, variants }) => [
      name,
      { version, kind, locales: variants.map(({ locale }) => locale), classes, offer, needs },
    ]),
  );
  writeFileSync(join(folder, 'index.json'), `${JSON.stringify(index, undefined, 1)}\n`);
  const [first] = written;
  const shipped: ShippedSources = {
    templates: Object.fromEntries(written.map(({ name, kind, files }) => [name, { kind, files }])),
    blocks: first?.blocks ?? {},
    letter: first?.letter ?? { layout: '', words: {} },
  };
  writeFileSync(join(folder, 'sources.json'), JSON.stringify(shipped));
  writeFonts(root);
  console.log(`templates: ${templates.length} compiled`);
  return [];
};
