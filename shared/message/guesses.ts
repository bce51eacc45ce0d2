import { createHmac } from 'node:crypto';
import type { Key, Table } from '../platform/table.ts';
import { formatInstant, type Instant, MINUTE } from '../platform/time.ts';

/** So many wrong codes from one source within `WINDOW`, and it has to wait: a code of 6.5 × 10^11 is found by nobody who
 *  may try 20 of them in ten minutes, and nobody who types from paper errs so often. */
export const MISSES = 20;
const WINDOW = 10 * MINUTE;

/** How often codes were guessed wrong, by source. */
export interface Guesses {
  /** Seconds until the source may try again; 0 where it may now. */
  waitOf(source: string, now: Instant): Promise<number>;
  /** Counts a wrong code. */
  miss(source: string, now: Instant): Promise<void>;
}

/** Counters over the table: `GUESS#<keyed hash of the source>` / `<start of the window>`, forgotten an hour later. No
 *  address of a network is stored, and without the secret none can be found again by trying all of them. */
export const createGuesses = (table: Table, secret: Uint8Array): Guesses => {
  const startOf = (now: Instant): Instant => (now - (now % WINDOW)) as Instant;
  const keyOf = (source: string, now: Instant): Key => ({
    pk: `GUESS#${createHmac('sha256', secret).update(`perennial/guesses/${source}`).digest('hex').slice(0, 32)}`,
    sk: formatInstant(startOf(now)),
  });
  return {
    async waitOf(source, now) {
      const item = await table.get(keyOf(source, now), { consistent: true });
      if (((item?.misses as number | undefined) ?? 0) < MISSES) return 0;
      return Math.ceil((startOf(now) + WINDOW - now) / 1_000);
    },

    async miss(source, now) {
      await table.update(keyOf(source, now), {
        set: [
          { path: ['entity'], value: 'Guesses' },
          { path: ['schemaVersion'], value: 1 },
          { path: ['expiresAt'], value: Math.ceil((now + 6 * WINDOW) / 1_000) },
        ],
        add: [{ path: ['misses'], by: 1 }],
      });
    },
  };
};
