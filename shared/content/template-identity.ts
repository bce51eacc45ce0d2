import { createHash } from 'node:crypto';
import { derivedId } from '../platform/ids.ts';
import type { TemplateVersion } from './template.ts';

/** The hash that a variant should have: of all that it says, with its language. */
export const variantHash = (variant: TemplateVersion['variants'][number]): string => {
  const { locale, hash: _, ...parts } = variant;
  const said = 'text' in variant && !('html' in variant) ? variant.text : parts;
  return createHash('sha256')
    .update(JSON.stringify([locale, said]))
    .digest('hex');
};

/** The version that a template should have: of all its languages and of what is said about it. */
export const versionOf = (template: TemplateVersion): string => {
  const { name, kind, classes, needs, offer, variants } = template;
  const layout = template.kind === 'letter' ? template.layout : '';
  return derivedId(
    'template',
    JSON.stringify([name, kind, classes, needs, offer, layout, variants.map(({ hash }) => hash)]),
  );
};
