import { isCurrency, type Money, parseMoney } from '../platform/money.ts';
import { parseCivilDate } from '../platform/time.ts';
import type { Field, FieldType } from './field.ts';
import type { Clause } from './rule.ts';

/**
 * What can be asked of a value, and how. Names are react-querybuilder's own where it has them; relative dates count
 * from the day on which the rule is asked. A value that is not known makes every comparison false: only `null` and
 * `notNull` ask whether it is known.
 */

const equality = ['=', '!='] as const;
const order = ['<', '<=', '>', '>='] as const;
const range = ['between', 'notBetween'] as const;
const oneOf = ['in', 'notIn'] as const;
const part = ['contains', 'doesNotContain'] as const;
const ends = ['beginsWith', 'doesNotBeginWith', 'endsWith', 'doesNotEndWith'] as const;
const known = ['null', 'notNull'] as const;
const days = ['on', 'before', 'after'] as const;
const relative = [
  'inNextDays',
  'inLastDays',
  'moreThanDaysAhead',
  'moreThanDaysAgo',
  'anniversaryInDays',
  'anniversaryInNextDays',
] as const;

/** Every operator. */
export type Operator =
  | (typeof equality)[number]
  | (typeof order)[number]
  | (typeof range)[number]
  | (typeof oneOf)[number]
  | (typeof part)[number]
  | (typeof ends)[number]
  | (typeof known)[number]
  | (typeof days)[number]
  | (typeof relative)[number];

/** Operators of each type of field, the usual one first. A list has `=` only: its `match` says how many must fit. */
export const operatorsOf: Readonly<Record<FieldType, readonly Operator[]>> = {
  text: [...equality, ...oneOf, ...part, ...ends, ...known],
  choice: [...equality, ...oneOf, ...known],
  number: [...equality, ...order, ...range, ...oneOf, ...known],
  money: [...equality, ...order, ...range, ...known],
  flag: [...equality, ...known],
  date: [...days, ...range, ...relative, ...known],
  set: [...part, ...oneOf, ...known],
  list: ['='],
  open: [...equality, ...order, ...range, ...oneOf, ...part, ...ends, ...days, ...relative, ...known],
};

/** True for operators that count from the day on which they are asked. */
export const isRelative = (operator: string): boolean => (relative as readonly string[]).includes(operator);

/** A clause's value, read for its field and operator. */
export type Operand =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly value: string | number | boolean }
  | { readonly kind: 'many'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'money'; readonly values: readonly Money[] }
  | { readonly kind: 'days'; readonly days: number };

type Reading = Operand | { readonly kind: 'wrong'; readonly remedy: string };

const wrong = (remedy: string): Reading => ({ kind: 'wrong', remedy });

/** The builder writes several values as a list or, by default, as text with commas. */
const listOf = (value: Clause['value']): readonly (string | number)[] | undefined => {
  if (Array.isArray(value)) return value;
  if (typeof value === 'number') return [value];
  return typeof value === 'string' && value.trim() !== '' ? value.split(',').map((item) => item.trim()) : undefined;
};

const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
};

const flagOf = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
};

const amountOf = (value: unknown): Money | undefined => {
  const [, amount = '', currency = ''] = (typeof value === 'string' && /^(\S+) ([A-Z]{3})$/.exec(value.trim())) || [];
  return isCurrency(currency) ? parseMoney(amount, currency) : undefined;
};

const MOST_DAYS = 36_525;

/** One value of a type: read, or undefined where it is none. */
const oneReaders: Readonly<Record<Exclude<FieldType, 'list' | 'money'>, (value: unknown, field: Field) => unknown>> = {
  text: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  choice: (value, field) => (field.values?.some(({ name }) => name === value) ? value : undefined),
  number: numberOf,
  flag: flagOf,
  date: (value) => (typeof value === 'string' ? parseCivilDate(value) : undefined),
  set: (value, field) =>
    typeof value === 'string' && value !== '' && (!field.values || field.values.some(({ name }) => name === value))
      ? value
      : undefined,
  open: (value) =>
    (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : undefined,
};

const wanted = (field: Field): string => {
  switch (field.type) {
    case 'choice':
    case 'set':
      return field.values ? `one of ${field.values.map(({ name }) => name).join(', ')}` : 'a name';
    case 'number':
      return 'a number';
    case 'flag':
      return 'true or false';
    case 'date':
      return 'a date such as 2027-01-31';
    case 'money':
      return 'an amount with its currency, such as "1200.50 CNY"';
    default:
      return 'a value';
  }
};

/** What an open value is compared as follows from the operator. */
const typeFor = (field: Field, operator: Operator): FieldType => {
  if (field.type !== 'open') return field.type;
  if ((days as readonly string[]).includes(operator)) return 'date';
  return (ends as readonly string[]).includes(operator) ? 'text' : 'open';
};

/** Reads the value of a clause for its field and operator.
 *  @returns `wrong` with what to write instead, where the value does not fit */
export const readOperand = (field: Field, operator: Operator, value: Clause['value']): Reading => {
  if (operator === 'null' || operator === 'notNull') return { kind: 'none' };
  if (isRelative(operator)) {
    const count = numberOf(value);
    return count !== undefined && Number.isInteger(count) && count >= 0 && count <= MOST_DAYS
      ? { kind: 'days', days: count }
      : wrong(`a whole number of days, 0 to ${MOST_DAYS}`);
  }
  const isRange = operator === 'between' || operator === 'notBetween';
  const isMany = isRange || operator === 'in' || operator === 'notIn';
  if (isMany) {
    const items = listOf(value);
    if (items === undefined || items.length === 0 || (isRange && items.length !== 2))
      return wrong(isRange ? `two values, the lower first, each ${wanted(field)}` : `a list, each ${wanted(field)}`);
    return readMany(field, operator, items, isRange);
  }
  if (field.type === 'money') {
    const amount = amountOf(value);
    return amount ? { kind: 'money', values: [amount] } : wrong(wanted(field));
  }
  const type = typeFor(field, operator);
  const read = type === 'list' || type === 'money' ? undefined : oneReaders[type](value, field);
  return read === undefined ? wrong(wanted({ ...field, type })) : { kind: 'one', value: read as string };
};

const readMany = (field: Field, operator: Operator, items: readonly (string | number)[], isRange: boolean): Reading => {
  if (field.type === 'money') {
    const amounts = items.flatMap((item) => amountOf(item) ?? []);
    const [low, high] = amounts;
    return amounts.length === 2 && low?.currency === high?.currency && (low?.minor ?? 0) <= (high?.minor ?? 0)
      ? { kind: 'money', values: amounts }
      : wrong('two amounts of one currency, the lower first, such as "100 CNY", "500 CNY"');
  }
  const type = typeFor(field, operator);
  if (type === 'list' || type === 'money') return wrong(wanted(field));
  const values = items.map((item) => (type === 'open' ? (numberOf(item) ?? item) : oneReaders[type](item, field)));
  if (values.includes(undefined)) return wrong(`each value ${wanted(field)}`);
  const [low, high] = values as (string | number)[];
  if (isRange && (typeof low !== typeof high || (low ?? 0) > (high ?? 0)))
    return wrong(`two values, the lower first, each ${wanted(field)}`);
  return { kind: 'many', values: values as (string | number)[] };
};
