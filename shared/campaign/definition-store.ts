import { EngagementError } from '../platform/errors.ts';
import type { Table } from '../platform/table.ts';
import { definitionSchema, type PinnedDefinition, type Pins } from './definition.ts';

/** The definitions that were saved or that enrolments began with. They never change, so a container reads each once. */
export interface Definitions {
  /** Keeps a definition; done before the first enrolment or campaign record names it. */
  keep(pinned: PinnedDefinition): Promise<void>;
  /** @throws EngagementError `not-found` where nothing was kept under this hash; `unknown-version` where this build
   *  cannot read it (docs/guides/deploy.md: `npm run campaign -- check-stored` finds it before) */
  get(campaign: string, hash: string): Promise<PinnedDefinition>;
}

/** Partition that lists what is kept, so that a build can look at all of it before it is deployed. */
export const KEPT = 'DEFINITIONS';

/** Where a definition is kept. */
export const definitionKey = (campaign: string, hash: string) => ({ pk: `D#${campaign}`, sk: `V#${hash}` });

/**
 * Definitions over the table: `D#<campaign>` / `V#<hash>`, listed in `DEFINITIONS` / `<campaign>#<hash>`.
 * @param shipped the ones of this build, which need no read
 */
export const createDefinitions = (table: Table, shipped: readonly PinnedDefinition[]): Definitions => {
  const known = new Map<string, PinnedDefinition>(
    shipped.map(({ hash, definition, templates, surveys }) => [hash, { hash, definition, templates, surveys }]),
  );
  const kept = new Set<string>();
  return {
    async keep({ hash, definition, templates, surveys }) {
      if (kept.has(hash)) return;
      // listed first: a definition that is kept but not listed would be overlooked
      const listed = { pk: KEPT, sk: `${definition.id}#${hash}`, campaign: definition.id, hash };
      await table.put({ ...listed, entity: 'DefinitionEntry', schemaVersion: 1 });
      await table.put(
        {
          ...definitionKey(definition.id, hash),
          entity: 'Definition',
          schemaVersion: 1,
          definition,
          templates,
          surveys,
        },
        [{ path: ['pk'], absent: true }],
      );
      kept.add(hash);
    },

    async get(campaign, hash) {
      const found = known.get(hash);
      if (found?.definition.id === campaign) return found;
      const item = await table.get(definitionKey(campaign, hash), { consistent: true });
      if (!item)
        throw new EngagementError('not-found', `definition ${hash} of campaign ${campaign} is missing: restore it`);
      const parsed = definitionSchema.safeParse(item.definition);
      if (!parsed.success)
        throw new EngagementError(
          'unknown-version',
          `definition ${hash} of campaign ${campaign} is of a format that this build cannot read: deploy the one before`,
        );
      const { templates, surveys } = item as unknown as Pins;
      const pinned = { hash, definition: parsed.data, templates, surveys };
      known.set(hash, pinned);
      return pinned;
    },
  };
};
