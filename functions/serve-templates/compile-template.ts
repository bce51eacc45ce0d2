import { type Blocks, type CompiledVariant, compileMail } from '../../shared/content/compile-mail.ts';
import { compileText } from '../../shared/content/compile-text.ts';
import type { CompiledTemplate, TemplateSources } from '../../shared/content/compiled-template.ts';
import { type Finding, hasErrors } from '../../shared/content/finding.ts';
import type { TemplateVersion } from '../../shared/content/template.ts';
import { compileLetter } from '../../shared/letter/compile-letter.ts';
import { derivedId } from '../../shared/platform/ids.ts';

type Good<Variant> = Extract<CompiledVariant<Variant>, { kind: 'compiled' }>;

/** All languages together: the same classes in each, everything that any of them needs. */
const join = <Variant extends { readonly locale: string; readonly hash: string }>(
  { name, kind }: TemplateSources,
  made: readonly CompiledVariant<Variant>[],
  layout: string,
  finish: (
    facts: Omit<TemplateVersion, 'kind' | 'variants' | 'layout'>,
    variants: readonly Variant[],
  ) => TemplateVersion,
): CompiledTemplate => {
  const findings: Finding[] = made.flatMap((one) => one.findings);
  const good = made.filter((one): one is Good<Variant> => one.kind === 'compiled');
  const [first] = good;
  const classes = [...new Set(first?.classes ?? [])].sort();
  for (const other of good.slice(1))
    if ([...other.classes].sort().join() !== classes.join()) {
      const message = `classes differ from those of ${first?.variant.locale}: all languages have the same`;
      findings.push({
        level: 'error',
        code: 'class',
        message,
        place: { locale: other.variant.locale, part: 'source' },
      });
    }
  if (first === undefined || good.length < made.length || hasErrors(findings)) return { kind: 'refused', findings };
  const variants = good.map(({ variant }) => variant).sort((a, b) => (a.locale < b.locale ? -1 : 1));
  const needs = [...new Set(good.flatMap((one) => one.needs))].sort();
  const offer = good.some((one) => one.offer);
  const version = derivedId(
    'template',
    JSON.stringify([name, kind, classes, needs, offer, layout, variants.map(({ hash }) => hash)]),
  );
  return { kind: 'compiled', template: finish({ name, version, classes, offer, needs }, variants), findings };
};

/** Compiles and checks a template in all its languages. The same sources give the same version. */
export const compileTemplate = async (sources: TemplateSources): Promise<CompiledTemplate> => {
  const { files, kind } = sources;
  if (files.length === 0) {
    const message = 'there is no language: write at least one';
    return { kind: 'refused', findings: [{ level: 'error', code: 'locale', message, place: { part: 'source' } }] };
  }
  switch (kind) {
    case 'mail': {
      const blocks: Blocks = (name, locale) => {
        const key = locale === '' ? name : `${name}/${locale}`;
        return Object.hasOwn(sources.blocks, key) ? sources.blocks[key] : undefined;
      };
      const made = await Promise.all(files.map((file) => compileMail(file, blocks)));
      return join(sources, made, '', (facts, variants) => ({ ...facts, kind: 'mail', variants }));
    }
    case 'letter': {
      const { layout, words } = sources.letter;
      const made = files.map((file) => compileLetter(file, words));
      return join(sources, made, layout, (facts, variants) => ({ ...facts, kind: 'letter', layout, variants }));
    }
    case 'text':
      return join(sources, files.map(compileText), '', (facts, variants) => ({ ...facts, kind: 'text', variants }));
  }
};
