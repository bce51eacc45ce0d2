import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CompiledTemplate, CompiledTemplates } from '../../shared/content/mail-template.ts';
import type { LetterTemplate, LetterTemplates, LetterWords } from '../../shared/letter/letter-template.ts';
import { compileLetter } from './compile-letter.ts';
import { compileMail } from './compile-mail.ts';
import { commonRuns, fontCoverage } from './font-coverage.ts';

/** Both weights of the letters' font; Noto Sans SC has Chinese and Latin in one design (OFL 1.1). */
const FONTS = ['400Regular/NotoSansSC_400Regular.ttf', '700Bold/NotoSansSC_700Bold.ttf'];

/**
 * Compiles everything under `templates/` and writes the results, the mails last.
 * @param sources hash of what they are compiled from, written into each result
 * @returns problems as `file: what is wrong`; where there are any, nothing was written
 */
export const compileAll = async (root: string, sources: string): Promise<readonly string[]> => {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8');
  const problems: string[] = [];
  const compileFiles = async <Made>(
    pattern: string,
    compile: (source: { name: string; locale: string; text: string }) => Made | Promise<Made>,
  ): Promise<Made[]> => {
    const made: Made[] = [];
    for (const file of globSync(pattern, { cwd: root, exclude: ['templates/mail/blocks'] }).sort()) {
      const locale = basename(file).replace(/\.\w+$/, '');
      try {
        made.push(await compile({ name: basename(dirname(file)), locale, text: read(file) }));
      } catch (error) {
        problems.push(...(error as Error).message.split('\n').map((line) => `${file}: ${line}`));
      }
    }
    return made;
  };

  const blocks = (name: string, locale: string): string | undefined => {
    const file = `templates/mail/blocks/${locale === '' ? name : `${name}/${locale}`}.mjml`;
    return existsSync(join(root, file)) ? read(file) : undefined;
  };
  const layout = read('templates/letter/layout.typ');
  const words = JSON.parse(read('templates/letter/words.json')) as Record<string, LetterWords>;
  const mails: CompiledTemplate[] = await compileFiles('templates/mail/*/*.mjml', (source) =>
    compileMail(source, blocks),
  );
  const letters: LetterTemplate[] = await compileFiles('templates/letter/*/*.liquid', (source) =>
    compileLetter(source, words, layout),
  );
  if (problems.length > 0) return problems;

  const write = (file: string, content: object): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(content));
  };
  const fonts = FONTS.map((file) => join(root, 'node_modules/@expo-google-fonts/noto-sans-sc', file));
  mkdirSync(join(root, 'shared/letter/fonts'), { recursive: true });
  for (const font of fonts) copyFileSync(font, join(root, 'shared/letter/fonts', basename(font)));
  const glyphs = fonts.map((font) => fontCoverage(readFileSync(font))).reduce(commonRuns);
  write('shared/letter/generated/letter-templates.json', {
    sources,
    layout,
    templates: letters,
    glyphs,
  } satisfies LetterTemplates);
  write('shared/content/generated/mail-templates.json', { sources, templates: mails } satisfies CompiledTemplates);
  console.log(`templates: ${mails.length} mails, ${letters.length} letters compiled`);
  return [];
};
