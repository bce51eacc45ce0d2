import shipped from '../../templates/generated/index.json' with { type: 'json' };
import { EngagementError } from '../platform/errors.ts';
import type { Files } from '../platform/files.ts';
import type { TemplateIndex, Templates, TemplateVersion } from './template.ts';

/** What ships with this build, by name. */
export const shippedIndex = shipped as unknown as TemplateIndex;

/**
 * The templates that ship with the build, each read from its file when it is first asked for. They know the versions of
 * this build only; those of earlier builds are in the store (`keepShipped`).
 * @param files the folder `templates/generated/shipped`
 */
export const createShippedTemplates = (files: Files): Templates => {
  const loaded = new Map<string, Promise<TemplateVersion>>();
  const read = async (name: string, version: string): Promise<TemplateVersion> => {
    const known = Object.hasOwn(shippedIndex, name) ? shippedIndex[name] : undefined;
    const text = known?.version === version ? await files.read(`${name}.json`) : undefined;
    if (text === undefined)
      throw new EngagementError('not-found', `template "${name}" does not ship in version ${version}`);
    return JSON.parse(text) as TemplateVersion;
  };
  return {
    current: async (name) => (Object.hasOwn(shippedIndex, name) ? shippedIndex[name]?.version : undefined),
    load: async (name, version) => {
      const key = `${name} ${version}`;
      const known = loaded.get(key) ?? read(name, version);
      loaded.set(key, known);
      known.catch(() => loaded.delete(key));
      return known;
    },
  };
};
