import { EngagementError } from '../platform/errors.ts';
import { folders } from './contract.ts';
import { type Mapping, mappingSchema } from './mapping.ts';
import type { RawRecord, RecordProblem } from './split-records.ts';

/** What every chunk of an import is read by: kept with the chunks, so that a mapping edited meanwhile changes nothing. */
export interface ChunkPlan {
  readonly mapping: Mapping;
  readonly columns: readonly string[];
}

/** Key of the plan in the imports bucket. */
export const planObject = (importId: string): string => `${folders.chunks}${importId}/plan.json`;
/** Key of a chunk in the imports bucket. */
export const chunkObject = (importId: string, chunk: number): string =>
  `${folders.chunks}${importId}/${String(chunk).padStart(7, '0')}.ndjson`;

/** The plan as a file. */
export const encodePlan = (plan: ChunkPlan): string => JSON.stringify(plan);

/** @throws EngagementError `unknown-version` where the file was written by another version of the mapping format */
export const decodePlan = (body: Uint8Array): ChunkPlan => {
  const plan = JSON.parse(Buffer.from(body).toString('utf8')) as { mapping: unknown; columns: string[] };
  const mapping = mappingSchema.safeParse(plan.mapping);
  if (!mapping.success)
    throw new EngagementError('unknown-version', 'plan of the import does not fit this version: import the file again');
  return { mapping: mapping.data, columns: plan.columns };
};

/** Records as a file: one array a line, `[line, cells]` or `[line, cells, problem]`. */
export const encodeChunk = (records: readonly RawRecord[]): string =>
  records
    .map(({ line, cells, problem }) => JSON.stringify(problem === undefined ? [line, cells] : [line, cells, problem]))
    .join('\n');

/** The records of `encodeChunk`. */
export const decodeChunk = (body: Uint8Array): RawRecord[] => {
  const text = Buffer.from(body).toString('utf8');
  if (text === '') return [];
  return text.split('\n').map((row) => {
    const [line, cells, problem] = JSON.parse(row) as [number, string[], RecordProblem?];
    return problem === undefined ? { line, cells } : { line, cells, problem };
  });
};
