import { EngagementError } from '../platform/errors.ts';
import type { Table } from '../platform/table.ts';
import { type CampaignDefinition, definitionSchema, type PinnedDefinition } from './definition.ts';

/** The definitions that enrolments began with. They never change, so each is read once by a container. */
export interface Definitions {
  /** Keeps a definition for the enrolments that begin with it; done before the first of them is written. */
  keep(pinned: PinnedDefinition): Promise<void>;
  /** @throws EngagementError `not-found` where nothing was kept under this hash */
  get(campaign: string, hash: string): Promise<CampaignDefinition>;
}

const keyOf = (campaign: string, hash: string) => ({ pk: `D#${campaign}`, sk: `V#${hash}` });

/**
 * Definitions over the table: `D#<campaign>` / `V#<hash>`.
 * @param inForce the ones this build ships, which need no read
 */
export const createDefinitions = (table: Table, inForce: readonly PinnedDefinition[]): Definitions => {
  const known = new Map(inForce.map(({ hash, definition }) => [hash, definition]));
  const kept = new Set<string>();
  return {
    async keep({ hash, definition }) {
      if (kept.has(hash)) return;
      await table.put({ ...keyOf(definition.id, hash), entity: 'Definition', schemaVersion: 1, definition }, [
        { path: ['pk'], absent: true },
      ]);
      kept.add(hash);
    },

    async get(campaign, hash) {
      const found = known.get(hash);
      if (found) return found;
      const item = await table.get(keyOf(campaign, hash), { consistent: true });
      if (!item)
        throw new EngagementError('not-found', `definition ${hash} of campaign ${campaign} is missing: restore it`);
      const definition = definitionSchema.parse(item.definition);
      known.set(hash, definition);
      return definition;
    },
  };
};
