import { createHash } from 'node:crypto';
import { EngagementError } from './errors.ts';
import type { Objects } from './objects.ts';

/** A bucket in memory, for tests and the simulation rig. */
export const createMemoryObjects = (): Objects & { readonly keys: () => string[] } => {
  const files = new Map<string, { body: Uint8Array; metadata: Record<string, string> }>();
  return {
    keys: () => [...files.keys()].sort(),
    async get(key) {
      return files.get(key);
    },
    async stream(key, from = 0) {
      const file = files.get(key);
      if (!file) throw new EngagementError('not-found', 'file is not in the bucket: upload it again');
      const blocks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = from; at < file.body.length; at += 65_536) yield file.body.subarray(at, at + 65_536);
      };
      return blocks();
    },
    async head(key) {
      const file = files.get(key);
      if (!file) return undefined;
      const etag = createHash('md5').update(file.body).digest('hex');
      return { size: file.body.length, etag: `"${etag}"`, metadata: file.metadata };
    },
    async put(key, body, { metadata = {} } = {}) {
      files.set(key, { body: typeof body === 'string' ? Buffer.from(body) : body.slice(), metadata });
    },
    async *list(prefix) {
      for (const key of [...files.keys()].sort()) if (key.startsWith(prefix)) yield key;
    },
    async remove(key) {
      files.delete(key);
    },
    async presign(key, verb) {
      return `memory:${verb}:${key}`;
    },
  };
};
