import { createHash } from 'node:crypto';
import { EngagementError } from '../platform/errors.ts';
import { derivedId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Queue } from '../platform/queue.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import type { Instant } from '../platform/time.ts';
import { chooseMapping } from './choose-mapping.ts';
import { type ChunkPlan, chunkObject, encodeChunk, encodePlan, planObject } from './chunk.ts';
import { type ChunkMessage, folders } from './contract.ts';
import { decodeText } from './decode-text.ts';
import { finishImport } from './finish-import.ts';
import type { Import, Imports } from './import-store.ts';
import type { Mapping } from './mapping.ts';
import { openFile } from './read-file.ts';
import type { RawRecord } from './split-records.ts';

export interface SplitPorts {
  readonly objects: Objects;
  readonly imports: Imports;
  readonly chunks: Queue<ChunkMessage>;
  readonly staff: StaffEvents;
  /** Milliseconds that this run may still take; an import goes on where it was when the message comes again. */
  readonly timeLeft: () => number;
}

export type SplitOutcome =
  | { readonly kind: 'split'; readonly importId: string; readonly chunks: number; readonly rows: number }
  /** The same file by the same mapping was taken before: nothing is done again. */
  | { readonly kind: 'known'; readonly importId: string }
  | { readonly kind: 'refused'; readonly importId: string; readonly problems: readonly string[] }
  /** A changed file under a known name: waits until it is uploaded again as confirmed. */
  | { readonly kind: 'awaiting-confirmation'; readonly importId: string }
  /** The file is not there any more. */
  | { readonly kind: 'gone' };

/** Rows of a chunk: one chunk is one message, done or not done as a whole. */
export const CHUNK_ROWS = 250;
/** A chunk of very long rows is cut sooner, so that memory stays flat. */
const CHUNK_CHARS = 1_000_000;
/** Chunks written at a time. */
const WIDTH = 8;
/** What the last writes of a run take at most. */
const MARGIN_MS = 20_000;

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

const hashOf = async (objects: Objects, key: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const block of await objects.stream(key)) hash.update(block);
  return hash.digest('base64url');
};

/** Reads a file through without keeping anything: one in the wrong encoding is refused before its first row is taken.
 *  @returns what is wrong with it */
const encodingFault = async (objects: Objects, key: string, { format }: Mapping): Promise<string | undefined> => {
  if (format.type === 'xlsx') return undefined;
  const texts = decodeText(await objects.stream(key), format.type === 'ndjson' ? 'utf-8' : format.encoding);
  try {
    for await (const _ of texts);
    return undefined;
  } catch (error) {
    if (error instanceof EngagementError && error.code === 'bad-input') return error.message;
    throw error;
  }
};

/** Cuts records into chunks of `CHUNK_ROWS`, numbered by the line they begin with. */
async function* chunked(records: AsyncIterable<readonly RawRecord[]>): AsyncGenerator<readonly RawRecord[]> {
  let chunk: RawRecord[] = [];
  let chars = 0;
  for await (const block of records)
    for (const record of block) {
      chunk.push(record);
      for (const cell of record.cells) chars += cell.length;
      if (chunk.length < CHUNK_ROWS && chars < CHUNK_CHARS) continue;
      yield chunk;
      chunk = [];
      chars = 0;
    }
  if (chunk.length > 0) yield chunk;
}

/**
 * Splits a file that arrived in the bucket into chunks and queues them (ADR 0031). The import's id comes from the
 * content of file and mapping, so the same file again is the same import; done again after a crash it goes on at the
 * first chunk that was not queued.
 * @throws EngagementError `unavailable` (retryable) where the time was over before the file was
 */
export const splitImport = async (ports: SplitPorts, key: string, now: Instant): Promise<SplitOutcome> => {
  const { objects, imports } = ports;
  const head = await objects.head(key);
  if (head === undefined) return { kind: 'gone' };
  const fileName = nameOf(key);
  const wish = await imports.wish(key);
  const confirmed = wish?.confirmed === true || head.metadata.confirmed === 'yes';
  const choice = await chooseMapping(ports, fileName, wish?.mapping ?? head.metadata.mapping);
  const fileHash = await hashOf(objects, key);
  const hash = choice.kind === 'chosen' ? choice.hash : 'none';
  const importId = derivedId('import', fileHash, hash);

  const known = await imports.get(importId);
  if (known?.state === 'done' || known?.state === 'refused') return { kind: 'known', importId };
  const record: Import = known ?? {
    importId,
    fileName,
    fileHash,
    size: head.size,
    mappingId: choice.kind === 'chosen' ? choice.mapping.id : '',
    mappingHash: hash,
    source: choice.kind === 'chosen' ? choice.mapping.source : '',
    scope: choice.kind === 'chosen' ? choice.mapping.scope : 'head-office',
    state: 'partial',
    receivedAt: now,
    queued: 0,
  };
  const refuse = async (problems: readonly string[]): Promise<SplitOutcome> => {
    // told first: once the record says refused, a redelivery does nothing
    await ports.staff.tell({ type: 'ImportFailed', at: now, details: { importId, problems: problems.length } });
    await imports.put({ ...record, state: 'refused', refusal: problems.slice(0, 100) });
    return { kind: 'refused', importId, problems };
  };
  if (choice.kind === 'none') return refuse(choice.problems);

  const opening = await openFile({ size: head.size, stream: (from) => objects.stream(key, from) }, choice.mapping);
  if (opening.kind === 'refused') return refuse(opening.problems);
  const fault = known === undefined ? await encodingFault(objects, key, choice.mapping) : undefined;
  if (fault !== undefined) return refuse([fault]);
  if (!confirmed && (await mustAsk(imports, record, choice.mapping))) {
    await imports.put({ ...record, state: 'awaiting-confirmation' });
    return { kind: 'awaiting-confirmation', importId };
  }
  if (known?.state !== 'partial') {
    const plan: ChunkPlan = { mapping: choice.mapping, columns: opening.file.columns };
    await objects.put(planObject(importId), encodePlan(plan), { contentType: 'application/json' });
    await imports.put({ ...record, state: 'partial' });
    await imports.setLatestOfName(fileName, importId);
  }
  try {
    return await queueChunks(ports, importId, opening.file.records, known?.state === 'partial' ? record.queued : 0);
  } catch (error) {
    if (error instanceof EngagementError && !error.retryable) return refuse([error.message]);
    throw error;
  }
};

/** Whether a person has to say that a changed file replaces the one of the same name. */
const mustAsk = async (
  imports: Imports,
  { importId, fileName, fileHash }: Import,
  mapping: Mapping,
): Promise<boolean> => {
  if (mapping.onChangedFile === 'load') return false;
  const latest = await imports.latestOfName(fileName);
  if (latest === undefined || latest === importId) return false;
  // the same content read by a changed mapping is no changed file
  return (await imports.get(latest))?.fileHash !== fileHash;
};

const queueChunks = async (
  { objects, imports, chunks, timeLeft }: SplitPorts,
  importId: string,
  records: AsyncIterable<readonly RawRecord[]>,
  from: number,
): Promise<SplitOutcome> => {
  let count = 0;
  let rows = 0;
  let batch: { chunk: number; records: readonly RawRecord[] }[] = [];
  const flush = async (): Promise<void> => {
    await inParallel(batch, WIDTH, ({ chunk, records: part }) =>
      objects.put(chunkObject(importId, chunk), encodeChunk(part)),
    );
    await chunks.send(batch.map(({ chunk }) => ({ importId, chunk })));
    await imports.queued(importId, count);
    batch = [];
  };
  for await (const part of chunked(records)) {
    rows += part.length;
    if (count >= from) batch.push({ chunk: count, records: part });
    count += 1;
    if (batch.length === WIDTH) await flush();
    if (timeLeft() < MARGIN_MS)
      throw new EngagementError(
        'unavailable',
        `import ${importId} is queued up to chunk ${count}: it goes on with the next delivery`,
        {
          retryable: true,
        },
      );
  }
  if (batch.length > 0) await flush();
  await imports.splitDone(importId, count);
  await finishImport({ objects, imports }, importId);
  return { kind: 'split', importId, chunks: count, rows };
};

/** Where files to be imported arrive. */
export const isIncoming = (key: string): boolean => key.startsWith(folders.incoming) && !key.endsWith('/');
