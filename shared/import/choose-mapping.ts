import { createHash } from 'node:crypto';
import type { Objects } from '../platform/objects.ts';
import { folders } from './contract.ts';
import type { Imports } from './import-store.ts';
import { appliesTo, type Mapping, parseMapping } from './mapping.ts';

/** The mapping a file is read by, or why there is none. */
export type MappingChoice =
  | { readonly kind: 'chosen'; readonly mapping: Mapping; readonly hash: string }
  | { readonly kind: 'none'; readonly problems: readonly string[] };

/** Content hash of a mapping: a changed mapping reads a file anew. */
export const mappingHash = (mapping: Mapping): string => {
  const { $schema: _schema, title: _title, ...content } = mapping;
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
};

const chosen = (mapping: Mapping): MappingChoice => ({ kind: 'chosen', mapping, hash: mappingHash(mapping) });

const load = async (objects: Objects, key: string): Promise<ReturnType<typeof parseMapping> | undefined> => {
  const file = await objects.get(key);
  return file && parseMapping(Buffer.from(file.body).toString('utf8'));
};

/** An error file is read by the mapping of the import it comes from. */
const ERROR_FILE = /^errors-([a-z2-7]{26})/;

/**
 * Finds the mapping of a file: the one the upload names, else the one of the import whose error file it is, else the
 * only one in `mappings/` whose patterns fit the name.
 */
export const chooseMapping = async (
  { objects, imports }: { readonly objects: Objects; readonly imports: Pick<Imports, 'get'> },
  fileName: string,
  named: string | undefined,
): Promise<MappingChoice> => {
  const from = ERROR_FILE.exec(fileName)?.[1];
  const id = named ?? (from === undefined ? undefined : (await imports.get(from))?.mappingId);
  if (id !== undefined) {
    const found = await load(objects, `${folders.mappings}${id}.json`);
    if (found === undefined)
      return { kind: 'none', problems: [`mapping "${id}" is not in ${folders.mappings}: put it there`] };
    return found.kind === 'valid' ? chosen(found.mapping) : { kind: 'none', problems: found.problems };
  }
  const fitting: Mapping[] = [];
  for await (const key of objects.list(folders.mappings)) {
    const found = await load(objects, key);
    if (found?.kind === 'valid' && appliesTo(found.mapping, fileName)) fitting.push(found.mapping);
  }
  const [first] = fitting;
  if (first && fitting.length === 1) return chosen(first);
  const problem =
    first === undefined
      ? 'no mapping applies to this file name: name one with the upload, or add the name to its `appliesTo`'
      : `several mappings apply to this file name (${fitting.map((mapping) => mapping.id).join(', ')}): name one with the upload`;
  return { kind: 'none', problems: [problem] };
};
