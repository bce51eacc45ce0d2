import type { Table } from '../platform/table.ts';
import { type Instant, MINUTE } from '../platform/time.ts';

/** How many messages all runs together have put on the send queues in the running minute. */
export interface Pace {
  /** Takes up to `wanted` of what `perMinute` leaves of this minute. Several takers together never exceed it.
   *  @returns how many may be queued now; 0 where the minute is used up */
  take(wanted: number, perMinute: number, now: Instant): Promise<number>;
}

const KEY = { pk: 'PACE', sk: 'EMAIL' };

/** The pace over the table: one item, which a newer minute takes over. */
export const createPace = (table: Table): Pace => ({
  async take(wanted, perMinute, now) {
    const minute = Math.floor(now / MINUTE);
    for (;;) {
      const item = await table.get(KEY, { consistent: true });
      // a worker whose clock lags takes nothing rather than an old minute again
      if (item && (item.minute as number) > minute) return 0;
      const used = item && item.minute === minute ? (item.used as number) : 0;
      const granted = Math.max(0, Math.min(wanted, perMinute - used));
      if (granted === 0) return 0;
      const outcome = await table.put(
        { ...KEY, entity: 'Pace', schemaVersion: 1, minute, used: used + granted },
        item
          ? [
              { path: ['minute'], is: item.minute as number },
              { path: ['used'], is: item.used as number },
            ]
          : [{ path: ['pk'], absent: true }],
      );
      if (outcome.kind === 'written') return granted;
    }
  },
});
