import type { SendQuota } from '../message/quota.ts';
import type { Table } from '../platform/table.ts';
import { formatInstant, type Instant, MINUTE } from '../platform/time.ts';
import { DEFAULT_PER_MINUTE, type Endpoint } from './endpoint.ts';

/** How often another worker may come in between before nothing is leased. */
const TRIES = 8;

/** A gateway's room, shared by all workers and classes: one counter a minute, `RATE#gateway#<name>` / <minute>. */
export const createGatewayRate = (
  table: Table,
  { name, perMinute = DEFAULT_PER_MINUTE }: Pick<Endpoint, 'name' | 'perMinute'>,
): SendQuota => ({
  async lease(_, wanted, now) {
    const key = { pk: `RATE#gateway#${name}`, sk: formatInstant(now).slice(0, 16) };
    const retryAt = ((Math.floor(now / MINUTE) + 1) * MINUTE) as Instant;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const known = await table.get(key, { consistent: true });
      const taken = (known?.taken as number | undefined) ?? 0;
      const granted = Math.max(0, Math.min(wanted, perMinute - taken));
      if (granted === 0) return wanted === 0 ? { granted } : { granted, retryAt };
      const item = { ...key, entity: 'GatewayRate', schemaVersion: 1, taken: taken + granted };
      const asRead =
        known === undefined ? ({ path: ['pk'], absent: true } as const) : ({ path: ['taken'], is: taken } as const);
      if ((await table.put(item, [asRead])).kind === 'written')
        return granted === wanted ? { granted } : { granted, retryAt };
    }
    return { granted: 0, retryAt };
  },
});
