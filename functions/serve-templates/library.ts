import { blocksInForce, type StoredBlocks } from '../../shared/content/block-store.ts';
import type { ShippedSources, TemplateSources, WrittenTemplate } from '../../shared/content/compiled-template.ts';
import type { TemplateFacts, TemplateIndex, Templates } from '../../shared/content/template.ts';
import { readTemplateIndex, type StoredTemplates, type TemplateSave } from '../../shared/content/template-store.ts';

/** A template as it stands, whoever wrote it. */
export interface LibraryTemplate extends TemplateFacts {
  readonly locales: readonly string[];
  /** 0 where it ships and nobody has saved it yet. */
  readonly revision: number;
  readonly saves: readonly TemplateSave[];
}

/** What ships and what was saved, as one. */
export interface Library {
  all(): Promise<readonly LibraryTemplate[]>;
  get(name: string): Promise<LibraryTemplate | undefined>;
  /** A version as it was written; undefined where its source is not here: a version of an earlier build. */
  written(name: string, version: string): Promise<WrittenTemplate | undefined>;
  /** Blocks by `name/locale`, the layout as `layout`. */
  blocks(): Promise<Readonly<Record<string, string>>>;
  /** All that compiling needs beyond the files. */
  sources(name: string, written: Omit<WrittenTemplate, 'blocks'>): Promise<TemplateSources>;
}

export interface LibraryPorts {
  readonly stored: StoredTemplates;
  readonly storedBlocks: StoredBlocks;
  readonly index: TemplateIndex;
  /** `templates/generated/sources.json`. */
  readonly shippedSources: () => Promise<ShippedSources>;
  readonly templates: Templates;
}

/** The library over what ships and what is stored. */
export const createLibrary = ({ stored, storedBlocks, index, shippedSources }: LibraryPorts): Library => {
  const shippedOne = (name: string): LibraryTemplate | undefined =>
    Object.hasOwn(index, name)
      ? { name, ...(index[name] as TemplateIndex[string]), revision: 0, saves: [] }
      : undefined;
  const blocks = async () => blocksInForce((await shippedSources()).blocks, await storedBlocks.all());
  return {
    all: async () => {
      const saved = new Map((await stored.all()).map((record) => [record.name, record]));
      const names = Object.keys(await readTemplateIndex({ all: async () => [...saved.values()] }, index));
      return names.sort().flatMap((name) => saved.get(name) ?? shippedOne(name) ?? []);
    },
    get: async (name) => (await stored.get(name)) ?? shippedOne(name),
    written: async (name, version) => {
      const saved = await stored.written(name, version);
      if (saved !== undefined) return saved;
      const { templates, blocks: shipped } = await shippedSources();
      const own = Object.hasOwn(templates, name) ? templates[name] : undefined;
      return own !== undefined && index[name]?.version === version ? { ...own, blocks: shipped } : undefined;
    },
    blocks,
    sources: async (name, { kind, files }) => ({
      name,
      kind,
      files,
      blocks: await blocks(),
      letter: (await shippedSources()).letter,
    }),
  };
};
