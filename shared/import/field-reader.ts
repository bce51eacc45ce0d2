import { readEmail } from '../customer/read-email.ts';
import { isCurrency, type Money, parseMoney } from '../platform/money.ts';
import { type CivilDate, type Instant, parseZone, startOfDay, type ZoneId } from '../platform/time.ts';
import { createDateReader, isDateSpelling, readDecimal, readPhone, readYesNo } from './field-values.ts';
import type { FieldMapping, FileFormat } from './mapping.ts';
import type { ProblemReason, RowProblem } from './row-problem.ts';

/** One row under reading: its cells, and what is wrong with it so far. */
export interface RowReading {
  readonly cells: readonly string[];
  readonly problems: RowProblem[];
}

/** Reads a field of a row. An empty cell gives undefined, and so does a wrong one, which is noted in the reading. */
export type FieldReader<Value> = (row: RowReading) => Value | undefined;

/** Longest text of a field: names, streets and reasons are shorter, and items stay small. */
const FIELD_LIMIT = 1_000;

type Spelling = Pick<
  Extract<FieldMapping, { columns: unknown }>,
  'map' | 'otherwise' | 'default' | 'dates' | 'decimal'
>;

/** Turns field mappings into readers of one file's columns. */
export interface FieldReaders {
  text(field: FieldMapping, severity?: RowProblem['severity']): FieldReader<string>;
  oneOf<Value extends string>(
    field: FieldMapping,
    values: readonly Value[],
    severity?: RowProblem['severity'],
  ): FieldReader<Value>;
  date(field: FieldMapping, severity?: RowProblem['severity']): FieldReader<CivilDate>;
  currency(field: FieldMapping): FieldReader<string>;
  money(field: FieldMapping, currency: FieldReader<string>): FieldReader<Money>;
  zone(field: FieldMapping, severity?: RowProblem['severity']): FieldReader<ZoneId>;
  email(field: FieldMapping): FieldReader<string>;
  phone(field: FieldMapping): FieldReader<string>;
  country(field: FieldMapping): FieldReader<string>;
  locale(field: FieldMapping): FieldReader<string>;
  link(field: FieldMapping): FieldReader<string>;
  yesNo(field: FieldMapping): FieldReader<boolean>;
  /** As `reader`, and a value must be there. */
  needed<Value>(field: FieldMapping, reader: FieldReader<Value>): FieldReader<Value>;
}

/** Names of the columns a field is made of. */
export const columnsOf = (field: FieldMapping): readonly string[] => {
  if (typeof field === 'string') return [field];
  if ('constant' in field) return [];
  return 'columns' in field ? field.columns : [field.column];
};

const take = (text: string, part: 'first' | 'after-first' | 'before-last' | 'last' | undefined): string => {
  if (part === undefined || text === '') return text;
  const words = text.split(/\s+/);
  if (part === 'first') return words[0] ?? '';
  if (part === 'last') return words.at(-1) ?? '';
  return (part === 'after-first' ? words.slice(1) : words.slice(0, -1)).join(' ');
};

const startCache = new Map<string, Instant>();
/** First instant of a day; the same few thousand days come again and again in a file. */
export const startOf = (date: CivilDate, zone: ZoneId): Instant => {
  const key = `${date} ${zone}`;
  const known = startCache.get(key);
  if (known !== undefined) return known;
  if (startCache.size > 50_000) startCache.clear();
  const start = startOfDay(date, zone);
  startCache.set(key, start);
  return start;
};

/**
 * Readers for a file with these columns.
 * @param indexOf position of each column
 */
export const createFieldReaders = (format: FileFormat, indexOf: ReadonlyMap<string, number>): FieldReaders => {
  const nulls = new Set(format.nulls);
  const cellAt = (column: string): ((cells: readonly string[]) => string) => {
    const index = indexOf.get(column) ?? -1;
    return (cells) => {
      const text = (cells[index] ?? '').trim();
      return nulls.size > 0 && nulls.has(text) ? '' : text;
    };
  };

  const raw = (field: FieldMapping): ((cells: readonly string[]) => string) => {
    if (typeof field === 'string') return cellAt(field);
    if ('constant' in field) return () => field.constant;
    if ('columns' in field) {
      const cells = field.columns.map(cellAt);
      return (row) =>
        cells
          .map((read) => read(row))
          .filter((text) => text !== '')
          .join(field.join ?? ' ');
    }
    const read = cellAt(field.column);
    return (row) => take(read(row), field.take);
  };

  const note = (
    row: RowReading,
    field: FieldMapping,
    value: string,
    reason: ProblemReason,
    severity: RowProblem['severity'],
  ) => {
    row.problems.push({ column: columnsOf(field).join(' + '), value, reason, severity });
    return undefined;
  };

  const text = (field: FieldMapping, severity: RowProblem['severity'] = 'refused'): FieldReader<string> => {
    const read = raw(field);
    const options: Spelling = typeof field === 'string' || 'constant' in field ? {} : field;
    const map = options.map === undefined ? undefined : new Map(Object.entries(options.map));
    return (row) => {
      const found = read(row.cells);
      if (found === '') return options.default;
      if (found.length > FIELD_LIMIT)
        return note(row, field, `${found.slice(0, 100)}…`, 'too-long-for-a-field', severity);
      if (map === undefined) return found;
      const mapped = map.get(found) ?? options.otherwise;
      return mapped === undefined ? note(row, field, found, 'not-listed', severity) : mapped;
    };
  };

  /** A reader that turns the text by `turn`, or notes `reason`. */
  const turned = <Value>(
    field: FieldMapping,
    severity: RowProblem['severity'],
    reason: ProblemReason,
    turn: (text: string) => Value | undefined,
  ): FieldReader<Value> => {
    const read = text(field, severity);
    return (row) => {
      const found = read(row);
      if (found === undefined) return undefined;
      return turn(found) ?? note(row, field, found, reason, severity);
    };
  };

  /** The same, for values of which a file has few: each is turned once. */
  const turnedOnce = <Value>(
    field: FieldMapping,
    severity: RowProblem['severity'],
    reason: ProblemReason,
    turn: (text: string) => Value | undefined,
  ): FieldReader<Value> => {
    const known = new Map<string, Value | undefined>();
    return turned(field, severity, reason, (found) => {
      if (!known.has(found) && known.size < 1_000) known.set(found, turn(found));
      return known.has(found) ? known.get(found) : turn(found);
    });
  };

  return {
    text,
    oneOf: <Value extends string>(
      field: FieldMapping,
      values: readonly Value[],
      severity: RowProblem['severity'] = 'refused',
    ) => turned(field, severity, 'not-listed', (found) => values.find((value) => value === found)),

    date(field, severity = 'refused') {
      const spellings = typeof field === 'string' || 'constant' in field ? undefined : field.dates;
      const read = text(field, severity);
      // a constant is written by whoever writes the mapping, in the one spelling that needs no explanation
      const constant = typeof field !== 'string' && 'constant' in field;
      const parse = createDateReader(constant ? ['YYYY-MM-DD'] : (spellings ?? format.dates));
      return (row) => {
        const found = read(row);
        if (found === undefined) return undefined;
        const date = parse(found);
        if (date === 'other') return note(row, field, found, 'not-a-date', severity);
        return date === 'no-such-day' ? note(row, field, found, 'no-such-day', severity) : date;
      };
    },

    currency: (field) =>
      turnedOnce(field, 'refused', 'not-a-currency', (found) => (isCurrency(found) ? found : undefined)),

    money(field, currency) {
      const decimal = (typeof field === 'string' || 'constant' in field ? undefined : field.decimal) ?? format.decimal;
      const read = text(field);
      return (row) => {
        const found = read(row);
        if (found === undefined) return undefined;
        const plain = readDecimal(found, decimal);
        if (plain === undefined) return note(row, field, found, 'not-a-number', 'refused');
        const code = currency(row);
        if (code === undefined) return note(row, field, found, 'not-a-currency', 'refused');
        return parseMoney(plain, code) ?? note(row, field, found, 'too-many-decimals', 'refused');
      };
    },

    zone: (field, severity = 'refused') => turnedOnce(field, severity, 'not-a-zone', parseZone),
    email: (field) => turned(field, 'warning', 'not-an-email', readEmail),
    phone: (field) => turned(field, 'warning', 'not-a-phone', readPhone),
    country: (field) =>
      turnedOnce(field, 'warning', 'not-a-country', (found) =>
        /^[A-Za-z]{2}$/.test(found) ? found.toUpperCase() : undefined,
      ),
    locale: (field) => turnedOnce(field, 'warning', 'not-a-locale', canonicalLocale),
    link: (field) => turned(field, 'refused', 'not-a-link', (found) => (isHttps(found) ? found : undefined)),
    yesNo: (field) => turned(field, 'warning', 'not-yes-or-no', readYesNo),

    needed: (field, reader) => (row) => {
      const before = row.problems.length;
      const value = reader(row);
      if (value === undefined && row.problems.length === before) note(row, field, '', 'empty', 'refused');
      return value;
    },
  };
};

const canonicalLocale = (text: string): string | undefined => {
  try {
    return Intl.getCanonicalLocales(text)[0];
  } catch {
    return undefined;
  }
};

const isHttps = (text: string): boolean => {
  try {
    const { protocol, username } = new URL(text);
    return protocol === 'https:' && username === '';
  } catch {
    return false;
  }
};

/** A reader for a field that the mapping may leave out. */
export const optional = <Value>(
  field: FieldMapping | undefined,
  make: (field: FieldMapping) => FieldReader<Value>,
): FieldReader<Value> => (field === undefined ? () => undefined : make(field));

/** What no reader can be made of: columns the file lacks, date spellings that name no day. One line each. */
export const fieldFaults = (
  fields: readonly FieldMapping[],
  format: FileFormat,
  columns: ReadonlySet<string>,
): string[] => {
  const missing = new Set(fields.flatMap(columnsOf).filter((column) => !columns.has(column)));
  const spellings = new Set([
    ...format.dates,
    ...fields.flatMap((field) => (typeof field === 'string' || 'constant' in field ? [] : (field.dates ?? []))),
  ]);
  return [
    ...[...missing].map((column) => `column "${column}" of the mapping is not in the file`),
    ...[...spellings]
      .filter((spelling) => !isDateSpelling(spelling))
      .map((spelling) => `date spelling "${spelling}" must name YYYY, MM and DD, each once`),
  ];
};
