import type { DatabaseSync } from 'node:sqlite';

/** Does `work` in one transaction, or as part of the one that runs: all of it is kept, or nothing. `work` is
 *  synchronous, so nothing of another call can come between. */
export const inTransaction = <Result>(db: DatabaseSync, work: () => Result): Result => {
  if (db.isTransaction) return work();
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
};
