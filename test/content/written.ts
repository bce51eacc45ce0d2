import { readFileSync } from 'node:fs';
import { compileTemplate } from '../../functions/serve-templates/compile-template.ts';
import type { CompiledTemplate, ShippedSources, TemplateSources } from '../../shared/content/compiled-template.ts';
import { findingText } from '../../shared/content/finding.ts';

/** Everything that ships, as written. */
export const shippedSources = JSON.parse(
  readFileSync(new URL('../../templates/generated/sources.json', import.meta.url), 'utf8'),
) as ShippedSources;

/** A mail with this in its body (and head); the rest is as it should be. */
export const mailSource = (body: string, head: Readonly<Record<string, string>> = {}): string => {
  const lines = Object.entries({ subject: 'S', preheader: 'P', classes: 'service', needs: 'links.renew', ...head });
  return `---\n${lines.map(([key, value]) => `${key}: ${value}`).join('\n')}\n---\n<mj-section>\n<mj-column>\n${body}\n</mj-column>\n</mj-section>`;
};

/** Sources of one language around the shipped blocks. */
export const written = (text: string, given: Partial<TemplateSources> = {}): TemplateSources => ({
  name: 'x',
  kind: 'mail',
  files: [{ locale: 'en', text }],
  blocks: shippedSources.blocks,
  letter: shippedSources.letter,
  ...given,
});

/** Everything that was found, one a line: `error unknown-field en source:9: …`. */
export const said = ({ findings }: CompiledTemplate): string =>
  findings.map((finding) => `${finding.level} ${finding.code} ${findingText(finding)}`).join('\n');

export const compile = (text: string, given: Partial<TemplateSources> = {}): Promise<CompiledTemplate> =>
  compileTemplate(written(text, given));
