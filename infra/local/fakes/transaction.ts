import type { DatabaseSync } from 'node:sqlite';

/**
 * Commits of the state file, in groups: whatever is written without a pause becomes one commit, made in the next
 * microtask. That is before anything of it can leave the process (answers and messages to workers go out later), so
 * what has been acknowledged has been committed; and a mail costs two commits instead of eight.
 */

const pending = new WeakSet<DatabaseSync>();

/** Call before a write: opens the group's transaction where none is open. */
export const joinCommit = (db: DatabaseSync): void => {
  if (db.isTransaction) return;
  db.exec('BEGIN IMMEDIATE');
  if (pending.has(db)) return;
  pending.add(db);
  queueMicrotask(() => {
    pending.delete(db);
    if (db.isOpen && db.isTransaction) db.exec('COMMIT');
  });
};

/** Does `work`, all of it or nothing, as part of the next commit. `work` is synchronous, so nothing of another call can
 *  come between. */
export const inTransaction = <Result>(db: DatabaseSync, work: () => Result): Result => {
  joinCommit(db);
  db.exec('SAVEPOINT work');
  try {
    const result = work();
    db.exec('RELEASE work');
    return result;
  } catch (error) {
    db.exec('ROLLBACK TO work; RELEASE work');
    throw error;
  }
};
