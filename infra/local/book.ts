import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { appliesTo, parseMapping } from '../../shared/import/mapping.ts';
import { EngagementError } from '../../shared/platform/errors.ts';

export interface BookParts {
  readonly s3: S3Client;
  /** The imports bucket. */
  readonly bucket: string;
  /** Folder of the project's saved mappings. */
  readonly savedMappings: string;
  /** File that remembers what was handed over, so that a restart does not do it again. */
  readonly memory: string;
  /** Files of the folder that are not for the importer. */
  readonly ignore: readonly string[];
  readonly say: (line: string) => void;
}

const DATA_FILE = /\.(csv|tsv|txt|ndjson|xlsx)$/i;
const MAPPING_FILE = /\.mapping\.json$/i;

/** A saved mapping: its id, and the file as written. */
interface ChosenMapping {
  readonly id: string;
  readonly text: string;
}

/** A data file of a book; `mapping` is undefined where none fits it. */
export interface BookFile {
  readonly file: string;
  readonly path: string;
  readonly mapping: ChosenMapping | undefined;
}

const readMapping = (path: string) => {
  const text = readFileSync(path, 'utf8');
  const read = parseMapping(text);
  if (read.kind === 'invalid') {
    throw new EngagementError('bad-input', `mapping ${path} is not valid:\n  ${read.problems.join('\n  ')}`);
  }
  return { text, mapping: read.mapping };
};

/** The mapping beside the file, or else a saved one whose patterns fit its name. */
const mappingFor = (dir: string, file: string, savedMappings: string): ChosenMapping | undefined => {
  const beside = join(dir, `${file}.mapping.json`);
  if (existsSync(beside)) {
    const { text, mapping } = readMapping(beside);
    return { id: mapping.id, text };
  }
  if (!existsSync(savedMappings)) return undefined;
  for (const name of readdirSync(savedMappings).sort()) {
    if (!MAPPING_FILE.test(name)) continue;
    const { text, mapping } = readMapping(join(savedMappings, name));
    if (appliesTo(mapping, file)) return { id: mapping.id, text };
  }
  return undefined;
};

const hashOf = async (path: string, mapping: string): Promise<string> => {
  const hash = createHash('sha256').update(mapping).update('\0');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
};

const readMemory = (path: string): Record<string, string> => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
};

/**
 * The data files of a folder in the order of their names, each with its mapping.
 * @param ignore files of the folder that are not for the importer
 * @throws EngagementError bad-input where the folder or a mapping cannot be read
 */
export const filesOfBook = (
  dir: string,
  savedMappings: string,
  ignore: readonly string[] = [],
): readonly BookFile[] => {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new EngagementError(
      'bad-input',
      `--book "${dir}" is no folder: name the one that holds the departments' files`,
    );
  }
  return readdirSync(dir)
    .filter((name) => DATA_FILE.test(name) && !MAPPING_FILE.test(name) && !ignore.includes(name))
    .sort()
    .map((file) => ({ file, path: join(dir, file), mapping: mappingFor(dir, file, savedMappings) }));
};

/**
 * Hands every data file of a folder to the importer: its mapping to `mappings/<id>.json`, itself to `incoming/<file>`
 * with the mapping's id as metadata. A file that was handed over before, unchanged, is left alone.
 * @throws EngagementError bad-input where the folder or a mapping cannot be read
 */
export const loadBook = async (dir: string, parts: BookParts): Promise<void> => {
  const { s3, bucket, say } = parts;
  const memory = readMemory(parts.memory);
  const unmapped: string[] = [];
  for (const { file, path, mapping } of filesOfBook(dir, parts.savedMappings, parts.ignore)) {
    if (!mapping) {
      unmapped.push(file);
      continue;
    }
    const hash = await hashOf(path, mapping.text);
    if (memory[path] === hash) continue;
    say(`importing ${file} by mapping ${mapping.id}`);
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `mappings/${mapping.id}.json`,
        Body: mapping.text,
        ContentType: 'application/json',
      }),
    );
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `incoming/${file}`,
        Body: readFileSync(path),
        // a folder named on the command line is meant as it is now
        Metadata: { mapping: mapping.id, confirmed: 'yes' },
      }),
    );
    memory[path] = hash;
    writeFileSync(`${parts.memory}.new`, JSON.stringify(memory));
    renameSync(`${parts.memory}.new`, parts.memory);
  }
  if (unmapped.length > 0) {
    say(
      `not imported, for want of a mapping: ${unmapped.join(', ')}; write FILE.mapping.json beside it (docs/guides/import.md), or one in mappings/ whose "appliesTo" fits`,
    );
  }
};
