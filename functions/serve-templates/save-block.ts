import { type BlockRecord, blockVersion, type StoredBlocks } from '../../shared/content/block-store.ts';
import { blocksUsed } from '../../shared/content/compiled-template.ts';
import type { Finding } from '../../shared/content/finding.ts';
import { MAX_SAVES } from '../../shared/content/template-store.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { Library } from './library.ts';
import { compileSafely, type TemplateWorkers } from './work-safely.ts';

/** What became of the save of a block. */
export type BlockOutcome =
  | { readonly kind: 'saved'; readonly record: BlockRecord; readonly usedBy: readonly string[] }
  /** A template that uses it would no longer compile; what is wrong, by template. */
  | { readonly kind: 'refused'; readonly findings: readonly (Finding & { readonly template: string })[] }
  | { readonly kind: 'changed'; readonly revision: number };

/** Blocks that stand in every mail without being named by it. */
const EVERYWHERE: readonly string[] = ['closing', 'footer-service', 'footer-marketing'];

/**
 * Saves a block after compiling every mail that uses it with the new text. The mails keep the text they were saved with
 * until they are saved again: `usedBy` names them.
 */
export const saveBlock = async (
  ports: {
    readonly library: Library;
    readonly storedBlocks: StoredBlocks;
    readonly workers: TemplateWorkers;
    readonly now: () => Instant;
  },
  given: {
    readonly name: string;
    readonly locales: Readonly<Record<string, string>>;
    readonly revision: number;
    readonly by: string;
  },
): Promise<BlockOutcome> => {
  const { library, storedBlocks, workers, now } = ports;
  const { name, locales, revision, by } = given;
  const before = await storedBlocks.get(name);
  if ((before?.revision ?? 0) !== revision) return { kind: 'changed', revision: before?.revision ?? 0 };
  const current = await library.blocks();
  const blocks = {
    ...current,
    ...Object.fromEntries(Object.entries(locales).map(([locale, text]) => [`${name}/${locale}`, text])),
  };
  const usedBy: string[] = [];
  const findings: (Finding & { template: string })[] = [];
  for (const template of await library.all()) {
    if (template.kind !== 'mail') continue;
    const written = await library.written(template.name, template.version);
    if (written === undefined) continue;
    if (!EVERYWHERE.includes(name) && !blocksUsed(written.files, blocks).includes(name)) continue;
    usedBy.push(template.name);
    const sources = { ...(await library.sources(template.name, written)), blocks };
    const compiled = await compileSafely(workers, sources);
    if (compiled.kind === 'refused')
      findings.push(...compiled.findings.map((finding) => ({ ...finding, template: template.name })));
  }
  if (findings.length > 0) return { kind: 'refused', findings: findings.slice(0, 100) };
  const version = blockVersion(name, locales);
  const record: BlockRecord = {
    name,
    version,
    locales,
    saves: [...(before?.saves ?? []), { version, at: now(), by }].slice(-MAX_SAVES),
    revision: revision + 1,
  };
  const saved = await storedBlocks.save(record, revision);
  if (saved === 'refused') return { kind: 'changed', revision: (await storedBlocks.get(name))?.revision ?? 0 };
  return { kind: 'saved', record, usedBy };
};
