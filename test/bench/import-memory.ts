import { createImports } from '../../shared/import/import-store.ts';
import { loadRows } from '../../shared/import/load-rows.ts';
import { splitImport } from '../../shared/import/split-import.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import type { Table } from '../../shared/platform/table.ts';
import { createImportRig, NOW } from '../import/support/rig.ts';
import { BOOK_MAPPING, bookBlocks } from './generated-book.ts';

/**
 * Imports a generated file of as many rows as the argument says and prints the peak of the process's memory in MB. Run in a
 * process of its own. Table and queues keep nothing, a chunk is kept until it is loaded: what is measured is the importer.
 */
const rows = Number(process.argv[2] ?? 1_000_000);
const forgetful: Table = {
  get: async () => undefined,
  getMany: async () => new Map(),
  put: async () => ({ kind: 'written' }),
  update: async () => ({ kind: 'written' }),
  remove: async () => ({ kind: 'written' }),
  writeMany: async () => {},
  query: async () => ({ items: [] }),
};
const rig = await createImportRig(forgetful);
const files = new Map<string, Uint8Array>();
const objects: Objects = {
  ...rig.objects,
  head: async () => ({ size: rows, etag: '', metadata: { mapping: BOOK_MAPPING.id } }),
  stream: async () => bookBlocks(rows),
  get: async (key) => {
    const body = key.startsWith('mappings/') ? Buffer.from(JSON.stringify(BOOK_MAPPING)) : files.get(key);
    return body && { body, metadata: {} };
  },
  put: async (key, body) => {
    files.set(key, typeof body === 'string' ? Buffer.from(body) : body);
  },
  remove: async (key) => {
    files.delete(key);
  },
};
const known = createImports(forgetful);
let record: Awaited<ReturnType<typeof known.get>>;
const imports = {
  ...known,
  get: async () => record,
  put: async (made: NonNullable<typeof record>) => {
    record = made;
  },
};
const ports = { ...rig.loadPorts, objects, imports, changes: { send: async () => {} }, waitForParties: async () => {} };
const chunks = {
  send: async (messages: readonly { importId: string; chunk: number }[]) => {
    for (const message of messages) await loadRows(ports, message, NOW);
  },
};
const outcome = await splitImport({ ...rig.splitPorts, objects, imports, chunks }, 'incoming/generated.csv', NOW);
if (outcome.kind !== 'split' || outcome.rows !== rows)
  throw new Error(`the import ended as ${JSON.stringify(outcome)}`);
console.log(process.resourceUsage().maxRSS / 1024);
