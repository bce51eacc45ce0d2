import { createInflateRaw } from 'node:zlib';
import { EngagementError } from '../platform/errors.ts';

/** A file that can be read from any place on. */
export interface RandomFile {
  readonly size: number;
  /** Its bytes from `from` to the end. */
  stream(from: number): Promise<AsyncIterable<Uint8Array>>;
}

/** A file inside an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: number;
  readonly size: number;
  readonly method: number;
  readonly offset: number;
}

const damaged = (what: string): EngagementError =>
  new EngagementError(
    'bad-input',
    `the file is no intact Excel file (${what}): save it again as .xlsx, or export it as CSV`,
  );

/** At most `length` bytes from `from`. */
const readBytes = async (file: RandomFile, from: number, length: number): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  let left = length;
  if (left > 0)
    for await (const block of await file.stream(from)) {
      parts.push(block.subarray(0, left));
      left -= block.length;
      if (left <= 0) break;
    }
  return Buffer.concat(parts);
};

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record with the longest comment it may have. */
const TAIL = 22 + 65_535;

/** Lists an archive by its central directory (APPNOTE 4.3). @throws EngagementError `bad-input` where it is none */
export const readDirectory = async (file: RandomFile): Promise<readonly ZipEntry[]> => {
  const start = Math.max(0, file.size - TAIL);
  const tail = await readBytes(file, start, TAIL);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw damaged('no directory');
  const [count, length, offset] = [
    tail.readUInt16LE(end + 10),
    tail.readUInt32LE(end + 12),
    tail.readUInt32LE(end + 16),
  ];
  if (count === 0xffff || offset === 0xffffffff || length > 16_000_000) throw damaged('a directory of that size');
  const directory = await readBytes(file, offset, length);
  const entries: ZipEntry[] = [];
  for (let at = 0, n = 0; n < count; n += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL) throw damaged('a broken directory');
    const [nameLength, extra, comment] = [
      directory.readUInt16LE(at + 28),
      directory.readUInt16LE(at + 30),
      directory.readUInt16LE(at + 32),
    ];
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
};

/** A spreadsheet compresses ten- to thirtyfold; what claims to be a thousand times its size wants to fill a disk (S22). */
const RATIO_LIMIT = 300;

/**
 * The content of an entry, inflated on the way.
 * @throws EngagementError `bad-input` where it inflates beyond reason or is damaged
 */
export async function* readEntry(file: RandomFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const header = await readBytes(file, entry.offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL) throw damaged('a broken entry');
  if (entry.method !== 0 && entry.method !== 8) throw damaged(`compression method ${entry.method}`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const compressed = async function* (): AsyncGenerator<Uint8Array> {
    let left = entry.compressed;
    if (left === 0) return;
    for await (const block of await file.stream(start)) {
      yield block.subarray(0, left);
      left -= block.length;
      if (left <= 0) return;
    }
  };
  if (entry.method === 0) return yield* compressed();
  const limit = Math.max(1_000_000, entry.compressed * RATIO_LIMIT);
  const inflate = createInflateRaw();
  const feed = (async () => {
    for await (const block of compressed()) if (!inflate.write(block)) await drained(inflate);
    inflate.end();
  })();
  feed.catch((error: Error) => inflate.destroy(error));
  let size = 0;
  try {
    for await (const block of inflate) {
      size += (block as Uint8Array).length;
      if (size > limit)
        throw new EngagementError(
          'too-large',
          `the file inflates beyond ${RATIO_LIMIT} times its size: export it as CSV`,
        );
      yield block as Uint8Array;
    }
  } catch (error) {
    if (error instanceof EngagementError) throw error;
    throw damaged('compressed data');
  } finally {
    inflate.destroy();
  }
}

const drained = (stream: ReturnType<typeof createInflateRaw>): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    // a reader who stopped early destroys the stream: nobody drains it any more
    stream.once('close', done);
  });
