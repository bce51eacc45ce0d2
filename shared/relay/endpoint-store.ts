import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import type { Endpoint } from './endpoint.ts';

/** The registered endpoints. */
export interface Endpoints {
  /** Strongly read: an address that was withdrawn is not called any more. */
  get(name: string): Promise<Endpoint | undefined>;
  /** By name. */
  all(): Promise<readonly Endpoint[]>;
  /** @param expectedVersion 0 for a new one; another in the store refuses (F32) */
  put(endpoint: Omit<Endpoint, 'version'>, expectedVersion: number): Promise<'written' | 'refused'>;
}

const keyOf = (name: string): Key => ({ pk: 'ENDPOINTS', sk: name });

const fromItem = (item: Item): Endpoint => ({
  name: item.sk,
  kind: item.kind as Endpoint['kind'],
  url: item.url as string,
  ...(item.perMinute === undefined ? {} : { perMinute: item.perMinute as number }),
  changed: { by: item.changedBy as string, at: parseInstant(item.changedAt as string) as Instant },
  version: item.version as number,
});

/** Endpoints over the table: `ENDPOINTS` / <name>. */
export const createEndpoints = (table: Table): Endpoints => ({
  async get(name) {
    const item = await table.get(keyOf(name), { consistent: true });
    return item && fromItem(item);
  },

  async all() {
    const found: Endpoint[] = [];
    for await (const item of queryAll(table, { pk: 'ENDPOINTS' })) found.push(fromItem(item));
    return found;
  },

  async put({ name, kind, url, perMinute, changed }, expectedVersion) {
    const item = {
      ...keyOf(name),
      entity: 'Endpoint',
      schemaVersion: 1,
      kind,
      url,
      ...(perMinute === undefined ? {} : { perMinute }),
      changedBy: changed.by,
      changedAt: formatInstant(changed.at),
      version: expectedVersion + 1,
    };
    const asRead =
      expectedVersion === 0
        ? ({ path: ['pk'], absent: true } as const)
        : ({ path: ['version'], is: expectedVersion } as const);
    return (await table.put(item, [asRead])).kind;
  },
});
