import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import { decodePlan, planObject } from './chunk.ts';
import { folders } from './contract.ts';
import { writeErrorFiles } from './error-file.ts';
import type { Imports } from './import-store.ts';

/** Keys of the error files of an import. */
const errorFile = (importId: string, part: number): string =>
  `${folders.errors}errors-${importId}${part === 0 ? '' : `-${part + 1}`}.csv`;

/**
 * Ends an import once its last chunk is done: writes the error files, then says so. Called by whoever may have done the
 * last piece; called twice at the same time, both write the same.
 * @param chunk the chunk just done; without it, all are looked at
 */
export const finishImport = async (
  { objects, imports }: { readonly objects: Objects; readonly imports: Imports },
  importId: string,
  chunk?: number,
): Promise<'done' | 'not-yet'> => {
  const record = await imports.get(importId);
  if (record?.chunks === undefined) return 'not-yet';
  if (record.state === 'done') return 'done';
  const counts = await imports.whole(importId, record.chunks, chunk);
  if (counts === undefined) return 'not-yet';
  const files: string[] = [];
  if (counts.refused + counts.warnings > 0) {
    const plan = await objects.get(planObject(importId));
    if (plan === undefined)
      throw new EngagementError('not-found', `plan of import ${importId} is not in the bucket: import the file again`);
    const { columns } = decodePlan(plan.body);
    for await (const text of writeErrorFiles(imports.errors(importId), columns)) {
      const key = errorFile(importId, files.length);
      await objects.put(key, text, { contentType: 'text/csv; charset=utf-8' });
      files.push(key);
    }
  }
  await imports.finish(importId, counts, files);
  return 'done';
};
