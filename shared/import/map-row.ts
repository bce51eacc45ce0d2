import type { PersonRecord } from '../customer/record.ts';
import type { PolicyId } from '../platform/ids.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';
import {
  createFieldReaders,
  type FieldReader,
  type FieldReaders,
  fieldFaults,
  optional,
  type RowReading,
  startOf,
} from './field-reader.ts';
import type { Part, RecordOf, RowTimes } from './map-part.ts';
import { personPart } from './map-person.ts';
import {
  claimPart,
  contractPart,
  endingPart,
  type NumberedFact,
  type OwnFact,
  offerPart,
  termPart,
} from './map-policy.ts';
import type { FieldMapping, Mapping, RecordMapping } from './mapping.ts';
import type { RowProblem } from './row-problem.ts';
import type { RawRecord } from './split-records.ts';

/** What one row says, in the terms of the model. */
export interface MappedRow {
  readonly line: number;
  /** Names the row across versions of its file. */
  readonly key: string;
  readonly asOf: Instant;
  readonly person?: PersonRecord;
  /** The customer record that holds the row's policy. */
  readonly holder?: { readonly source: string; readonly key: string };
  readonly policyId?: PolicyId;
  readonly facts: readonly OwnFact[];
  readonly numbered: readonly NumberedFact[];
  /** With a refused one among them the row counts for nothing. */
  readonly problems: readonly RowProblem[];
}

/** Maps rows of one file. @param importedAt counts as the as-of instant where the mapping names none */
export type RowMapper = (record: RawRecord, importedAt: Instant) => MappedRow;

const UTC = 'UTC' as ZoneId;
/** Known all along. The same for every import, so that the same row again is the same fact. */
const ALWAYS = 0 as Instant;

/** Properties of a mapping's records that are words of the format, not fields. */
const WORDS = new Set(['record', 'when', 'authority', 'holderSource', 'source', 'channel', 'purposes', 'wording']);
const allFields = (value: unknown, name = ''): FieldMapping[] => {
  if (WORDS.has(name)) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((entry) => allFields(entry));
  if (value === null || typeof value !== 'object') return [];
  if ('column' in value || 'columns' in value || 'constant' in value) return [value as FieldMapping];
  return Object.entries(value).flatMap(([key, entry]) => allFields(entry, key));
};

/** Why a mapping does not fit a file with these columns; empty where it does. One line each. */
export const mappingFaults = (mapping: Mapping, columns: readonly string[]): string[] => {
  const whens = mapping.records.flatMap(({ when }) => (when ? [when.column] : []));
  const fields = [
    ...mapping.key,
    ...whens,
    ...(mapping.asOf === undefined ? [] : [mapping.asOf]),
    ...(mapping.knownFrom === undefined ? [] : [mapping.knownFrom]),
    ...mapping.records.flatMap((record) => allFields(record)),
  ];
  return fieldFaults(fields, mapping.format, new Set(columns));
};

/** A record of the mapping made into a reader that keeps its own `when` and `knownFrom`. */
const gated = <Made>(
  read: FieldReaders,
  { when, knownFrom }: RecordMapping,
  part: Part<Made>,
): ((row: RowReading, times: RowTimes & { zone: ZoneId }) => { made: Made; knownFrom: Instant } | undefined) => {
  const cell = optional(when?.column, (field) => read.text(field));
  const known = optional(knownFrom, read.date);
  const [is, isNot] = [when?.is && new Set(when.is), when?.isNot && new Set(when.isNot)];
  return (row, { asOf, knownFrom: rowKnownFrom, zone }) => {
    if (when) {
      const text = cell(row) ?? '';
      if (when.present !== undefined && when.present !== (text !== '')) return undefined;
      if ((is && !is.has(text)) || isNot?.has(text)) return undefined;
    }
    const day = known(row);
    const from = day === undefined ? rowKnownFrom : startOf(day, zone);
    const made = part(row, { asOf, knownFrom: from });
    return made && { made, knownFrom: from };
  };
};

const rowKeyReader = (read: FieldReaders, columns: readonly string[]): FieldReader<string> => {
  const cells = columns.map((column) => read.needed(column, read.text(column)));
  return (row) => {
    const parts = cells.map((cell) => cell(row) ?? '');
    return parts.length === 1 ? parts[0] : JSON.stringify(parts);
  };
};

/**
 * Makes a mapper for a file with these columns; everything that does not depend on the row is worked out once.
 * Call `mappingFaults` first: columns that the file lacks read as empty here.
 */
export const createRowMapper = (mapping: Mapping, columns: readonly string[]): RowMapper => {
  const { source, scope } = mapping;
  const read = createFieldReaders(mapping.format, new Map(columns.map((column, n) => [column, n])));
  const key = rowKeyReader(read, mapping.key);
  const asOfDay = optional(mapping.asOf, read.date);
  const knownDay = optional(mapping.knownFrom, read.date);
  const find = <Kind extends RecordMapping['record']>(kind: Kind) =>
    mapping.records.find((record): record is RecordOf<Kind> => record.record === kind);
  const make = <Kind extends RecordMapping['record'], Made>(
    kind: Kind,
    part: (record: RecordOf<Kind>) => Part<Made>,
  ) => {
    const record = find(kind);
    return record ? gated(read, record, part(record)) : () => undefined;
  };
  const person = make('customer', (record) => personPart(read, record, source, scope));
  const contract = make('contract', (record) => contractPart(read, record, source, scope));
  const term = make('term', (record) => termPart(read, record));
  const ending = make('ending', (record) => endingPart(read, record));
  const numbered = [
    make('offer', (record) => offerPart(read, record, source)),
    ...mapping.records.flatMap((record) =>
      record.record === 'claim' ? [gated(read, record, claimPart(read, record, source))] : [],
    ),
  ];
  // the day a fact becomes known begins where its policy is; offers and claims do not say where that is
  const zoneField = find('contract')?.zone ?? find('customer')?.zone;
  const zone = optional(zoneField, (field) => read.zone(field, 'warning'));
  // the zone is read once more by its own record, which reports what is wrong with it
  const zoneOf = (row: RowReading): ZoneId => zone({ cells: row.cells, problems: [] }) ?? UTC;
  const width = columns.length;

  return ({ line, cells, problem }, importedAt) => {
    const problems: RowProblem[] = [];
    const refuse = (reason: RowProblem['reason'], value = ''): MappedRow => {
      problems.push({ column: '', value: value.slice(0, 100), reason, severity: 'refused' });
      return { line, key: '', asOf: importedAt, facts: [], numbered: [], problems };
    };
    if (problem !== undefined) return refuse(problem, cells.join(' '));
    if (cells.length !== width)
      return refuse(cells.length > width ? 'too-many-cells' : 'too-few-cells', String(cells.length));

    const row: RowReading = { cells, problems };
    const place = zoneOf(row);
    const asOf = dayOr(asOfDay(row), UTC, importedAt);
    const occasion = { asOf, knownFrom: dayOr(knownDay(row), place, ALWAYS), zone: place };
    const rowKey = key(row) ?? '';
    const someone = person(row, occasion)?.made;
    const own = contract(row, occasion)?.made;
    const facts: OwnFact[] = own ? [own.fact] : [];
    for (const part of [term(row, occasion), ending(row, occasion)])
      if (part && own) facts.push({ ...part.made, policyId: own.fact.policyId, source, knownFrom: part.knownFrom });
    return {
      line,
      key: rowKey,
      asOf,
      facts,
      numbered: numbered.flatMap((part) => part(row, occasion)?.made ?? []),
      problems,
      ...(someone ? { person: someone } : {}),
      ...(own ? { holder: own.holder, policyId: own.fact.policyId } : {}),
    };
  };
};

const dayOr = (day: CivilDate | undefined, zone: ZoneId, otherwise: Instant): Instant =>
  day === undefined ? otherwise : startOf(day, zone);
