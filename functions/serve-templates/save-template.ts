import { blocksUsed, type WrittenTemplate } from '../../shared/content/compiled-template.ts';
import type { Finding } from '../../shared/content/finding.ts';
import type { TemplateVersion } from '../../shared/content/template.ts';
import { MAX_SAVES, type StoredTemplates } from '../../shared/content/template-store.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { Library } from './library.ts';
import { compileSafely, type TemplateWorkers } from './work-safely.ts';

/** What became of a save. Only `saved` wrote anything. */
export type SaveOutcome =
  | {
      readonly kind: 'saved';
      readonly template: TemplateVersion;
      readonly revision: number;
      readonly findings: readonly Finding[];
    }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }
  /** Somebody saved it meanwhile: its revision now (F32). */
  | { readonly kind: 'changed'; readonly revision: number }
  | { readonly kind: 'other-kind' };

export interface SavePorts {
  readonly library: Library;
  readonly stored: StoredTemplates;
  readonly workers: TemplateWorkers;
  readonly now: () => Instant;
}

/**
 * Compiles a template with the blocks in force and saves it as its current version. What ran before runs on with the
 * version that it was approved with (F34).
 * @param given.revision that the editor began with; 0 for a new one and for one that ships
 */
export const saveTemplate = async (
  { library, stored, workers, now }: SavePorts,
  given: {
    readonly name: string;
    readonly kind: WrittenTemplate['kind'];
    readonly files: WrittenTemplate['files'];
    readonly revision: number;
    readonly by: string;
  },
): Promise<SaveOutcome> => {
  const { name, kind, files, revision, by } = given;
  const before = await library.get(name);
  if ((before?.revision ?? 0) !== revision) return { kind: 'changed', revision: before?.revision ?? 0 };
  if (before !== undefined && before.kind !== kind) return { kind: 'other-kind' };
  const sources = await library.sources(name, { kind, files });
  const compiled = await compileSafely(workers, sources);
  if (compiled.kind === 'refused') return compiled;
  const { template, findings } = compiled;
  const used = new Set(blocksUsed([...files, ...layoutFiles(sources.blocks, files)], sources.blocks));
  const blocks = Object.fromEntries(
    Object.entries(sources.blocks).filter(([key]) => key === 'layout' || used.has(key.split('/')[0] ?? '')),
  );
  const { version, classes, offer, needs } = template;
  const record = {
    name,
    version,
    kind,
    classes,
    offer,
    needs,
    locales: template.variants.map(({ locale }) => locale),
    saves: [...(before?.saves ?? []), { version, at: now(), by }].slice(-MAX_SAVES),
    revision: revision + 1,
  };
  const saved = await stored.save(record, template, { kind, files, blocks: kind === 'mail' ? blocks : {} }, revision);
  if (saved === 'refused') return { kind: 'changed', revision: (await stored.get(name))?.revision ?? 0 };
  return { kind: 'saved', template, revision: record.revision, findings };
};

/** The blocks that the layout puts around every mail, as if they stood in each language's file. */
const layoutFiles = (
  blocks: Readonly<Record<string, string>>,
  files: WrittenTemplate['files'],
): WrittenTemplate['files'] =>
  files.map(({ locale }) => ({
    locale,
    text: `${blocks['layout'] ?? ''}[block closing][block footer-service][block footer-marketing]`,
  }));
