import type { Table } from './table.ts';
import { DAY, formatInstant, type Instant } from './time.ts';

/** How often somebody may do a thing in a day. */
export interface DailyLimit {
  /** Counts one more. @returns false where `most` were counted on that day (UTC) already */
  take(who: string, most: number, now: Instant): Promise<boolean>;
}

const TRIES = 5;

/**
 * Counters of a day over the table: `LIMIT#<name>#<who>` / `<yyyy-mm-dd>`, forgotten two days later.
 * @param name what is limited
 */
export const createDailyLimit = (table: Table, name: string): DailyLimit => ({
  async take(who, most, now) {
    const key = { pk: `LIMIT#${name}#${who}`, sk: formatInstant(now).slice(0, 10) };
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const count = ((await table.get(key, { consistent: true }))?.count as number | undefined) ?? 0;
      if (count >= most) return false;
      const expiresAt = Math.ceil((now + 2 * DAY) / 1_000);
      const outcome = await table.put({ ...key, entity: 'DailyCount', schemaVersion: 1, count: count + 1, expiresAt }, [
        count === 0 ? { path: ['pk'], absent: true } : { path: ['count'], is: count },
      ]);
      if (outcome.kind === 'written') return true;
    }
    return false;
  },
});
