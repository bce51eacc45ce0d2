import type { StoredBlocks } from '../../shared/content/block-store.ts';
import { roles } from '../../shared/platform/api/reader.ts';
import { type Route, route } from '../../shared/platform/api/route.ts';
import { formatInstant } from '../../shared/platform/time.ts';
import * as contract from './contract.ts';
import { changed } from './routes.ts';
import { saveBlock } from './save-block.ts';
import type { SavePorts } from './save-template.ts';

/** Blocks that several mails share. */
export const blockRoutes = (ports: SavePorts & { readonly storedBlocks: StoredBlocks }): readonly Route[] => {
  const { library, storedBlocks } = ports;
  /** Texts of the blocks in force, by name and language. */
  const inForce = async (): Promise<Map<string, Record<string, string>>> => {
    const texts = new Map<string, Record<string, string>>();
    for (const [key, text] of Object.entries(await library.blocks())) {
      const [name = '', locale] = key.split('/');
      if (locale !== undefined) texts.set(name, { ...texts.get(name), [locale]: text });
    }
    return texts;
  };
  return [
    route({
      method: 'get',
      path: '/api/templates/blocks',
      summary: 'Blocks that mails share',
      roles,
      answer: contract.blocksAnswer,
      handle: async () => {
        const revisions = new Map((await storedBlocks.all()).map(({ name, revision }) => [name, revision]));
        const items = [...(await inForce())].map(([name, texts]) => ({
          name,
          locales: Object.keys(texts).sort(),
          revision: revisions.get(name) ?? 0,
        }));
        return { kind: 'ok', body: { items } };
      },
    }),

    route({
      method: 'get',
      path: '/api/templates/blocks/{block}',
      summary: 'A block in each language',
      roles,
      params: contract.blockParams,
      answer: contract.blockAnswer,
      handle: async ({ params: { block: name } }) => {
        const locales = (await inForce()).get(name);
        const saved = await storedBlocks.get(name);
        if (locales === undefined) return { kind: 'not-found' };
        const saves = (saved?.saves ?? []).map((one) => ({ ...one, at: formatInstant(one.at) }));
        return { kind: 'ok', body: { name, locales, revision: saved?.revision ?? 0, saves } };
      },
    }),

    route({
      method: 'put',
      path: '/api/templates/blocks/{block}',
      summary: 'Save a block: every mail that uses it is compiled first; each keeps its text until it is saved again',
      roles: ['marketing', 'engineer'],
      params: contract.blockParams,
      body: contract.blockRequest,
      answer: contract.blockSaved,
      handle: async ({ params: { block: name }, body, reader }) => {
        const outcome = await saveBlock(ports, { name, ...body, by: reader.id });
        switch (outcome.kind) {
          case 'saved': {
            const { record, usedBy } = outcome;
            return { kind: 'ok', body: { version: record.version, revision: record.revision, usedBy: [...usedBy] } };
          }
          case 'changed':
            return changed(outcome.revision);
          case 'refused':
            return {
              kind: 'refused',
              status: 400,
              code: 'bad-template',
              message: 'mails that use it would no longer compile: see problems',
              problems: outcome.findings.map((finding) => ({ ...finding })),
            };
        }
      },
    }),
  ];
};
