import type { DatabaseSync } from 'node:sqlite';
import { EngagementError } from '../../shared/platform/errors.ts';
import { formatInstant, type Instant } from '../../shared/platform/time.ts';
import type { VirtualClock } from './wire.ts';

/** The virtual clock, kept in the state file. It stands still until a move sets it. */
export interface MovableClock extends VirtualClock {
  /** @throws EngagementError bad-input when `to` is before now: time that has passed has left its marks */
  set(to: Instant): void;
}

/** Opens the clock of a state file. A new one begins at `begin`; a used one goes on where it stood.
 *  @returns the clock, and whether it was there before */
export const openClock = (db: DatabaseSync, begin: Instant): { clock: MovableClock; existed: boolean } => {
  db.exec('CREATE TABLE IF NOT EXISTS runtime_clock (id INTEGER PRIMARY KEY CHECK (id = 1), now INTEGER NOT NULL)');
  const row = db.prepare('SELECT now FROM runtime_clock').get();
  if (!row) db.prepare('INSERT INTO runtime_clock (id, now) VALUES (1, ?)').run(begin);
  const update = db.prepare('UPDATE runtime_clock SET now = ?');
  let now = (row ? Number(row['now']) : begin) as Instant;
  const clock: MovableClock = {
    now: () => now,
    set(to) {
      if (to < now) {
        throw new EngagementError(
          'bad-input',
          `cannot move the clock back from ${formatInstant(now)} to ${formatInstant(to)}: start with --fresh --now for another time`,
        );
      }
      if (to === now) return;
      update.run(to);
      now = to;
    },
  };
  return { clock, existed: row !== undefined };
};
