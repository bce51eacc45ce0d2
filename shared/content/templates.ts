import { EngagementError } from '../platform/errors.ts';
import { derivedId } from '../platform/ids.ts';
import { shippedIndex } from './shipped-templates.ts';
import type { TemplateIndex, Templates, TemplateVersion } from './template.ts';
import type { StoredTemplates } from './template-store.ts';

/** Versions held in memory; a sender works on a handful of campaigns at a time. */
const MAX_LOADED = 200;

/**
 * Every template there is: what marketing saved goes before what ships under the same name; a version is taken from the
 * build where the build has it and from the store else, and read once.
 */
export const createTemplates = (
  shipped: Templates,
  stored: Pick<StoredTemplates, 'get' | 'load'>,
  index: TemplateIndex = shippedIndex,
): Templates => {
  const loaded = new Map<string, Promise<TemplateVersion>>();
  const read = async (name: string, version: string): Promise<TemplateVersion> => {
    if (Object.hasOwn(index, name) && index[name]?.version === version) return shipped.load(name, version);
    const found = await stored.load(name, version);
    if (found !== undefined) return found;
    throw new EngagementError(
      'not-found',
      `template "${name}" has no version ${version}: save it again, or launch the campaign with a version that exists`,
    );
  };
  return {
    current: async (name) => (await stored.get(name))?.version ?? shipped.current(name),
    load: (name, version) => {
      const key = `${name} ${version}`;
      const known = loaded.get(key);
      if (known !== undefined) return known;
      if (loaded.size >= MAX_LOADED) loaded.clear();
      const reading = read(name, version);
      loaded.set(key, reading);
      reading.catch(() => loaded.delete(key));
      return reading;
    },
  };
};

/**
 * Keeps the versions of this build in the store, so that journeys which began with them find them after the next deploy.
 * One small read where they are there already; to be called once by each process that begins journeys or sends.
 */
export const keepShipped = async (
  shipped: Templates,
  stored: Pick<StoredTemplates, 'isKept' | 'keep'>,
  index: TemplateIndex = shippedIndex,
): Promise<void> => {
  const versions = Object.entries(index).map(([name, { version }]) => [name, version] as const);
  const build = derivedId('templates', JSON.stringify(versions.sort()));
  if (await stored.isKept(build)) return;
  await stored.keep(build, await Promise.all(versions.map(([name, version]) => shipped.load(name, version))));
};
