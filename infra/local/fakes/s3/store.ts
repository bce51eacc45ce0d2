import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { DAY, type Instant } from '../../../../shared/platform/time.ts';
import type { BucketResource } from '../../template/resources.ts';
import { inTransaction } from '../transaction.ts';

/** What the bucket knows of one version of a file. */
export interface StoredVersion {
  readonly bucket: string;
  readonly key: string;
  /** `null` in a bucket without versions. */
  readonly versionId: string;
  readonly at: Instant;
  readonly size: number;
  /** In quotes, as on the wire. */
  readonly etag: string;
  readonly crc32: string | undefined;
  /** Content-Type and its kin, and `x-amz-meta-…`, as they were given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly deleteMarker: boolean;
  readonly lock: { readonly mode: string; readonly until: Instant } | undefined;
}

interface Row {
  bucket: string;
  key: string;
  version_id: string;
  at: number;
  size: number;
  etag: string;
  crc32: string | null;
  headers: string;
  delete_marker: number;
  lock_mode: string | null;
  lock_until: number | null;
  file: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS s3_version (
    seq INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL, latest INTEGER NOT NULL,
    at INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, crc32 TEXT, headers TEXT NOT NULL,
    delete_marker INTEGER NOT NULL, lock_mode TEXT, lock_until INTEGER, file TEXT
  );
  CREATE UNIQUE INDEX IF NOT EXISTS s3_version_id ON s3_version (bucket, key, version_id);
  CREATE INDEX IF NOT EXISTS s3_latest ON s3_version (bucket, key) WHERE latest = 1 AND delete_marker = 0;`;

/** Files of the buckets: the bytes in the folder, everything else in the state file. The row is the commit: a file
 *  without one never was, and goes at the next start. */
export type ObjectStore = ReturnType<typeof createObjectStore>;

export const createObjectStore = (db: DatabaseSync, folder: string, now: () => Instant) => {
  db.exec(SCHEMA);
  mkdirSync(folder, { recursive: true });
  const insert = db.prepare(
    `INSERT INTO s3_version (bucket, key, version_id, latest, at, size, etag, crc32, headers, delete_marker, lock_mode,
     lock_until, file) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const unseat = db.prepare('UPDATE s3_version SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1');
  const seat = db.prepare(
    `UPDATE s3_version SET latest = 1 WHERE seq = (SELECT MAX(seq) FROM s3_version WHERE bucket = ? AND key = ?)`,
  );
  const latest = db.prepare('SELECT * FROM s3_version WHERE bucket = ? AND key = ? AND latest = 1');
  const exact = db.prepare('SELECT * FROM s3_version WHERE bucket = ? AND key = ? AND version_id = ?');
  const remove = db.prepare('DELETE FROM s3_version WHERE bucket = ? AND key = ? AND version_id = ?');
  const page = db.prepare(
    `SELECT * FROM s3_version WHERE bucket = ? AND key > ? AND key >= ? AND latest = 1 AND delete_marker = 0
     ORDER BY key LIMIT ?`,
  );
  const fileKnown = db.prepare('SELECT 1 FROM s3_version WHERE file = ?');
  db.exec('CREATE INDEX IF NOT EXISTS s3_file ON s3_version (file)');
  for (const file of readdirSync(folder)) if (!fileKnown.get(file)) rmSync(join(folder, file), { force: true });

  const find = (bucket: string, key: string, versionId?: string): Row | undefined =>
    (versionId === undefined ? latest.get(bucket, key) : exact.get(bucket, key, versionId)) as unknown as
      | Row
      | undefined;

  const add = (version: StoredVersion, file: string | null): void => {
    unseat.run(version.bucket, version.key);
    insert.run(
      version.bucket,
      version.key,
      version.versionId,
      version.at,
      version.size,
      version.etag,
      version.crc32 ?? null,
      JSON.stringify(version.headers),
      version.deleteMarker ? 1 : 0,
      version.lock?.mode ?? null,
      version.lock?.until ?? null,
      file,
    );
  };

  /** Without versions there is one row a key; its file goes when the row does. */
  const replaced = (bucket: BucketResource, key: string): string | undefined => {
    if (bucket.versioned) return undefined;
    const before = find(bucket.name, key, 'null');
    remove.run(bucket.name, key, 'null');
    return before?.file ?? undefined;
  };
  const discard = async (file: string | undefined): Promise<void> => {
    if (file !== undefined) await rm(join(folder, file), { force: true });
  };

  return {
    find(bucket: string, key: string, versionId?: string): StoredVersion | undefined {
      const row = find(bucket, key, versionId);
      return row && versionOf(row);
    },

    /** Keeps a new version. @param also done in the same commit, such as announcing it */
    async put(
      bucket: BucketResource,
      key: string,
      bytes: Buffer,
      about: { readonly headers: Readonly<Record<string, string>>; readonly crc32: string | undefined },
      also: (version: StoredVersion) => void,
    ): Promise<StoredVersion> {
      const file = randomUUID();
      await writeFile(join(folder, file), bytes);
      const at = now();
      const { mode, days } = bucket.objectLock ?? {};
      const version: StoredVersion = {
        bucket: bucket.name,
        key,
        versionId: bucket.versioned ? newVersionId() : 'null',
        at,
        size: bytes.length,
        etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
        crc32: about.crc32,
        headers: about.headers,
        deleteMarker: false,
        lock: mode === undefined || days === undefined ? undefined : { mode, until: (at + days * DAY) as Instant },
      };
      const old = inTransaction(db, () => {
        const before = replaced(bucket, key);
        add(version, file);
        also(version);
        return before;
      });
      await discard(old);
      return version;
    },

    /** Deletes as asked: a version for good, else by a delete marker, or for good where nothing is versioned.
     *  @returns the version or marker that was deleted or made; `locked` where its retention is not over */
    async remove(
      bucket: BucketResource,
      key: string,
      versionId: string | undefined,
    ): Promise<StoredVersion | 'locked' | undefined> {
      if (versionId !== undefined || !bucket.versioned) {
        const row = find(bucket.name, key, versionId ?? 'null');
        if (!row) return undefined;
        if (row.lock_until !== null && row.lock_until > now()) return 'locked';
        inTransaction(db, () => {
          remove.run(bucket.name, key, row.version_id);
          unseat.run(bucket.name, key);
          seat.run(bucket.name, key);
        });
        await discard(row.file ?? undefined);
        return versionOf(row);
      }
      const marker: StoredVersion = {
        bucket: bucket.name,
        key,
        versionId: newVersionId(),
        at: now(),
        size: 0,
        etag: '',
        crc32: undefined,
        headers: {},
        deleteMarker: true,
        lock: undefined,
      };
      inTransaction(db, () => add(marker, null));
      return marker;
    },

    /** Bytes `from` … `to` (inclusive) of a version; undefined where it is gone. */
    async read(version: StoredVersion, from: number, to: number): Promise<Buffer | undefined> {
      const file = find(version.bucket, version.key, version.versionId)?.file;
      if (file === undefined || file === null) return undefined;
      const bytes = Buffer.alloc(Math.max(0, to - from + 1));
      const handle = await open(join(folder, file));
      try {
        await handle.read(bytes, 0, bytes.length, from);
      } finally {
        await handle.close();
      }
      return bytes;
    },

    /** Latest versions with keys after `after` and not before `from`, ascending. */
    page: (bucket: string, after: string, from: string, limit: number): StoredVersion[] =>
      (page.all(bucket, after, from, limit) as unknown as Row[]).map(versionOf),
  };
};

const newVersionId = (): string => randomUUID().replaceAll('-', '');

const versionOf = (row: Row): StoredVersion => ({
  bucket: row.bucket,
  key: row.key,
  versionId: row.version_id,
  at: row.at as Instant,
  size: row.size,
  etag: row.etag,
  crc32: row.crc32 ?? undefined,
  headers: JSON.parse(row.headers) as Record<string, string>,
  deleteMarker: row.delete_marker === 1,
  lock:
    row.lock_mode === null || row.lock_until === null
      ? undefined
      : { mode: row.lock_mode, until: row.lock_until as Instant },
});
