import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EngagementError } from '../../shared/platform/errors.ts';

/** The state folder: everything a restart needs. Only one system may use it at a time. */
export interface StateFolder {
  readonly path: string;
  /** State of the clock and the fakes, in WAL mode: kill -9 at any moment loses nothing that was committed. */
  readonly db: DatabaseSync;
  /** LevelDB folder of the DynamoDB process. */
  readonly dynamodb: string;
  /** A log file for each function. */
  readonly logs: string;
  /** Gives the folder free; the end of the process does so too. */
  close(): void;
}

/** What the runtime keeps in the folder, and `--fresh` forgets. */
const KEPT = ['state.db', 'state.db-wal', 'state.db-shm', 'dynamodb', 'objects', 'logs', 'sample-book', 'book.json'];

/** How long a start waits for a system that is being killed. */
const LOCK_PATIENCE_MS = 5_000;

/**
 * Takes the folder for this process and opens it. The lock is the operating system's, held through SQLite, so it
 * ends with the process, however that ends: there are no stale locks to judge.
 * @param fresh empties the folder first
 * @throws EngagementError conflict naming the process that holds it
 */
export const openState = (path: string, fresh: boolean): StateFolder => {
  mkdirSync(path, { recursive: true });
  const lock = new DatabaseSync(join(path, 'lock.db'), { timeout: LOCK_PATIENCE_MS });
  const holder = join(path, 'holder.json');
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new EngagementError(
      'conflict',
      `state folder "${path}" is in use by ${describeHolder(holder)}: stop that system, or name another folder with --state`,
      { cause },
    );
  }
  writeFileSync(holder, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  const dynamodb = join(path, 'dynamodb');
  const logs = join(path, 'logs');
  // By name, not the folder: --state may have been pointed at one that holds other things, too.
  if (fresh) for (const name of KEPT) rmSync(join(path, name), { recursive: true, force: true });
  mkdirSync(dynamodb, { recursive: true });
  mkdirSync(logs, { recursive: true });
  const db = new DatabaseSync(join(path, 'state.db'));
  checkFormat(db, path);
  // No waiting for the disk: what a killed process has written the system keeps, only a power cut could lose it. A mail
  // costs a tenth of the time.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  return {
    path,
    db,
    dynamodb,
    logs,
    close() {
      db.close();
      rmSync(holder, { force: true });
      lock.close();
    },
  };
};

/** Rises whenever a newer runtime cannot read what an older one kept. */
const FORMAT = 1;

/** @throws EngagementError unknown-version for a folder that another version of the runtime has used */
const checkFormat = (db: DatabaseSync, path: string): void => {
  const { user_version: found } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found === 0) db.exec(`PRAGMA user_version = ${FORMAT}`);
  else if (found !== FORMAT) {
    throw new EngagementError(
      'unknown-version',
      `state folder "${path}" has format ${found}, this version reads ${FORMAT}: begin again with --fresh`,
    );
  }
};

const describeHolder = (file: string): string => {
  try {
    const { pid, since } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; since: string };
    return `process ${pid} (since ${since})`;
  } catch {
    return 'another process';
  }
};
