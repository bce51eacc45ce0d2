import type { Finding } from './finding.ts';
import type { LetterWords, TemplateKind, TemplateVersion } from './template.ts';
import type { SourceFile } from './template-source.ts';

/** A template as people write it, in all languages, and the blocks that it is put together with. */
export interface WrittenTemplate {
  readonly kind: TemplateKind;
  readonly files: readonly SourceFile[];
  /** Blocks by `name/locale`, the layout as `layout`. Of a saved version: those that it uses, as they were. */
  readonly blocks: Readonly<Record<string, string>>;
}

/** All that a compilation depends on. */
export interface TemplateSources extends WrittenTemplate {
  readonly name: string;
  readonly letter: { readonly layout: string; readonly words: Readonly<Record<string, LetterWords>> };
}

/** A template compiled, with its warnings; or what refuses it. */
export type CompiledTemplate =
  | { readonly kind: 'compiled'; readonly template: TemplateVersion; readonly findings: readonly Finding[] }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

/** `templates/generated/sources.json`: everything that ships, as written. */
export interface ShippedSources {
  readonly templates: Readonly<Record<string, Omit<WrittenTemplate, 'blocks'>>>;
  readonly blocks: Readonly<Record<string, string>>;
  readonly letter: TemplateSources['letter'];
}

/** Names of the blocks that texts use, those within blocks included, ascending; a block's name without its language. */
export const blocksUsed = (
  files: readonly SourceFile[],
  blocks: Readonly<Record<string, string>>,
): readonly string[] => {
  const found = new Set<string>();
  const visit = (text: string, locale: string): void => {
    for (const [, name = ''] of text.matchAll(/\[block ([a-z][a-z0-9-]*)\]/g)) {
      const key = `${name}/${locale}`;
      if (found.has(key)) continue;
      found.add(key);
      if (Object.hasOwn(blocks, key)) visit(blocks[key] as string, locale);
    }
  };
  for (const { text, locale } of files) visit(text, locale);
  return [...new Set([...found].map((key) => key.slice(0, key.lastIndexOf('/'))))].sort();
};
