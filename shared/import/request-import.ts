import type { Ids } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import { folders } from './contract.ts';
import type { Imports } from './import-store.ts';

/** What somebody wants to upload. */
export interface ImportRequest {
  /** Of the file, without folders; decides which imports are versions of each other. */
  readonly fileName: string;
  /** Id of a saved mapping; without it the one whose patterns fit the name. */
  readonly mapping?: string;
  /** That a changed file under a known name is meant to be taken. */
  readonly confirmed?: boolean;
}

export type ImportRequestOutcome =
  /** PUT the file to `uploadUrl` before it expires; the import begins by itself. */
  | { readonly kind: 'ready'; readonly key: string; readonly uploadUrl: string; readonly expiresInSeconds: number }
  | { readonly kind: 'refused'; readonly reason: 'bad-name' | 'bad-mapping' };

const SECONDS = 900;
const NAME = /^[^/\\\p{C}]{1,200}$/u;
const MAPPING = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Makes a place for a file to be imported. What the request says of it is kept in the table under the place's key,
 * because whoever puts the file cannot be made to send it along.
 */
export const requestImport = async (
  {
    objects,
    imports,
    ids,
  }: { readonly objects: Pick<Objects, 'presign'>; readonly imports: Pick<Imports, 'putWish'>; readonly ids: Ids },
  { fileName, mapping, confirmed = false }: ImportRequest,
): Promise<ImportRequestOutcome> => {
  if (!NAME.test(fileName) || fileName === '.' || fileName === '..') return { kind: 'refused', reason: 'bad-name' };
  if (mapping !== undefined && !MAPPING.test(mapping)) return { kind: 'refused', reason: 'bad-mapping' };
  const key = `${folders.incoming}${ids.next()}/${fileName}`;
  await imports.putWish(key, { confirmed, ...(mapping === undefined ? {} : { mapping }) });
  return { kind: 'ready', key, uploadUrl: await objects.presign(key, 'put', SECONDS), expiresInSeconds: SECONDS };
};
