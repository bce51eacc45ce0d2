import type { Instant } from '../platform/time.ts';
import type { RowReading } from './field-reader.ts';
import type { RecordMapping } from './mapping.ts';

/** One kind of record in a mapping. */
export type RecordOf<Kind> = Extract<RecordMapping, { record: Kind }>;

/** Of when a row is, unless one of its records says otherwise. */
export interface RowTimes {
  readonly asOf: Instant;
  readonly knownFrom: Instant;
}

/** Reads one record out of a row; undefined where something needed is missing, which is noted in the reading. */
export type Part<Made> = (row: RowReading, times: RowTimes) => Made | undefined;

/** Without what is undefined, so that stored items and hashes have one form. */
export const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
