import { EngagementError } from '../../../../shared/platform/errors.ts';
import { matches as matchesWildcard } from '../../iam.ts';

/** EventBridge event patterns, as the user guide describes them ("Comparison operators"). */
export type Pattern = (event: unknown) => boolean;

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
/** Decides on one value; undefined stands for a field that is not there. */
type Matcher = (value: Json | undefined) => boolean;

/** Reads a pattern. @throws EngagementError `misconfigured` for an operator that is not covered */
export const readPattern = (pattern: unknown, where: string): Pattern => {
  const match = readObject(pattern, where);
  return (event) => match(event as Json);
};

const misconfigured = (where: string, why: string): EngagementError =>
  new EngagementError('misconfigured', `event pattern of ${where}: ${why}`);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readObject = (pattern: unknown, where: string): Matcher => {
  if (!isRecord(pattern) || Object.keys(pattern).length === 0) throw misconfigured(where, 'is not a filled object');
  const fields = Object.entries(pattern).map(([name, inner]): Matcher => {
    if (name === '$or') return readOr(inner, where);
    const match = readField(inner, `${where}.${name}`);
    return (value) => match(isRecord(value) ? (value[name] as Json | undefined) : undefined);
  });
  // an array of objects matches where one of its objects does
  const match: Matcher = (value) => (Array.isArray(value) ? value.some(match) : fields.every((field) => field(value)));
  return match;
};

const readOr = (pattern: unknown, where: string): Matcher => {
  if (!Array.isArray(pattern) || pattern.length < 2) throw misconfigured(where, '$or has fewer than two choices');
  const choices = pattern.map((choice) => readObject(choice, `${where}.$or`));
  return (value) => choices.some((choice) => choice(value));
};

const readField = (pattern: unknown, where: string): Matcher => {
  if (isRecord(pattern)) return readObject(pattern, where);
  if (!Array.isArray(pattern) || pattern.length === 0)
    throw misconfigured(where, 'is neither an object nor a filled list');
  const choices = pattern.map((choice) => readChoice(choice as Json, where));
  return (value) =>
    // of a list of values one must match; an absent field can only match `exists`
    choices.some((choice) => (Array.isArray(value) ? value.some((one) => choice(one)) : choice(value)));
};

const readChoice = (choice: Json, where: string): Matcher => {
  if (Array.isArray(choice)) throw misconfigured(where, 'holds a list within a list');
  if (!isRecord(choice)) return (value) => value === choice;
  const [[operator, operand] = ['', undefined], ...rest] = Object.entries(choice) as [string, Json][];
  if (rest.length > 0) throw misconfigured(where, 'has two operators in one choice');
  return readOperator(operator, operand, where);
};

const readOperator = (operator: string, operand: Json | undefined, where: string): Matcher => {
  switch (operator) {
    case 'exists':
      return (value) => (value !== undefined) === operand;
    case 'prefix':
    case 'suffix': {
      const begins = (value: string, text: string): boolean =>
        operator === 'prefix' ? value.startsWith(text) : value.endsWith(text);
      if (isRecord(operand)) {
        const text = textOf(operand['equals-ignore-case'], operator, where).toLowerCase();
        return (value) => typeof value === 'string' && begins(value.toLowerCase(), text);
      }
      const text = textOf(operand, operator, where);
      return (value) => typeof value === 'string' && begins(value, text);
    }
    case 'equals-ignore-case': {
      const text = textOf(operand, operator, where).toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase() === text;
    }
    case 'wildcard': {
      const text = textOf(operand, operator, where);
      if (/[?\\]/.test(text))
        throw misconfigured(where, `wildcard "${text}" holds an escape or ?, which is not covered`);
      return (value) => typeof value === 'string' && matchesWildcard(text, value);
    }
    case 'numeric':
      return readNumeric(operand, where);
    case 'anything-but': {
      if (isRecord(operand)) {
        const inner = readChoice(operand as Json, where);
        return (value) => value !== undefined && !inner(value);
      }
      const excluded: readonly (Json | undefined)[] = Array.isArray(operand) ? operand : [operand];
      if (excluded.some((one) => typeof one !== 'string' && typeof one !== 'number')) {
        throw misconfigured(where, 'anything-but takes texts, numbers or one operator');
      }
      return (value) => value !== undefined && !excluded.includes(value);
    }
    default:
      throw misconfigured(where, `operator "${operator}" is not covered by the local runtime`);
  }
};

const textOf = (operand: unknown, operator: string, where: string): string => {
  if (typeof operand === 'string' && operand !== '') return operand;
  throw misconfigured(where, `${operator} takes a text`);
};

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const readNumeric = (operand: Json | undefined, where: string): Matcher => {
  const wrong = misconfigured(where, `numeric ${JSON.stringify(operand)} is not like [">", 0, "<=", 5]`);
  if (!Array.isArray(operand) || ![2, 4].includes(operand.length)) throw wrong;
  const clauses = [0, 2].slice(0, operand.length / 2).map((at) => {
    const operator = operand[at];
    const compare = typeof operator === 'string' ? COMPARE[operator] : undefined;
    const bound = operand[at + 1];
    if (!compare || typeof bound !== 'number') throw wrong;
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === 'number' && clauses.every((clause) => clause(value));
};
