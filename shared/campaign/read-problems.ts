import * as z from 'zod';
import { type Problem, suggest } from './problem.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

const text = (path: Path): string => path.map(String).join('.');

const valueAt = (source: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    source,
  );

/** What stands at one step below a schema, whatever wraps it; several where it is a union. */
const below = (schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] =>
  unwrapped(schema).flatMap((inner) => {
    if (inner instanceof z.ZodObject) {
      const member = inner.shape[String(key)] as z.core.$ZodType | undefined;
      return member === undefined ? [] : [member];
    }
    if (inner instanceof z.ZodArray) return [inner.element];
    if (inner instanceof z.ZodRecord) return [inner.valueType];
    return [];
  });

const unwrapped = (schema: z.core.$ZodType): readonly z.core.$ZodType[] => {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return unwrapped(schema.def.in);
  return [schema];
};

const namesAt = (schema: z.core.$ZodType, path: Path): readonly string[] => [
  ...new Set(
    path
      .reduce<readonly z.core.$ZodType[]>((found, key) => found.flatMap((one) => below(one, key)), [schema])
      .flatMap(unwrapped)
      .flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : [])),
  ),
];

/** How far a branch of a union is from what was written: another set of properties is farther than a wrong value. */
const distance = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    const misses = issue.path.length <= 1 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) return sum + 10 * issue.keys.length;
    return sum + (misses ? 4 : 1);
  }, 0);

/** Whether a branch of a union does not know a property of the object itself. */
const refusesKey = (issues: readonly Issue[], key: string): boolean =>
  issues.some((issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0 && issue.keys.includes(key));

const unknownKeys = (keys: readonly string[], path: Path, schema: z.core.$ZodType): readonly Problem[] => {
  const names = namesAt(schema, path);
  return keys.map((key) => ({
    path: text([...path, key]),
    message: `there is no "${key}" here: ${suggest(key, names)}`,
  }));
};

const told = (value: unknown): string => {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
};

const an = (word: string): string => `${/^[aeio]/.test(word) ? 'an' : 'a'} ${word}`;

const problemsOf = (issue: Issue, at: Path, schema: z.core.$ZodType, source: unknown): readonly Problem[] => {
  const path = [...at, ...issue.path];
  const value = valueAt(source, path);
  switch (issue.code) {
    case 'invalid_union': {
      const branches = issue.errors.filter((errors) => errors.length > 0);
      if (value === undefined) return [{ path: text(path), message: 'is missing: see campaigns/schema.json' }];
      if (branches.length === 0 || value === null || typeof value !== 'object')
        return [{ path: text(path), message: `${told(value)} does not fit: see campaigns/schema.json` }];
      const strange = Object.keys(value).filter((key) => branches.every((errors) => refusesKey(errors, key)));
      if (strange.length > 0) return unknownKeys(strange, path, schema);
      const nearestBranch = branches.reduce((best, errors) => (distance(errors) < distance(best) ? errors : best));
      return nearestBranch.flatMap((inner) => problemsOf(inner, path, schema, source));
    }
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, path, schema);
    case 'invalid_value': {
      const known = issue.values.map(String);
      return [
        {
          path: text(path),
          message:
            value === undefined
              ? `is missing: write one of ${known.join(', ')}`
              : `${told(value)} is not known: ${typeof value === 'string' ? suggest(value, known) : `known are ${known.join(', ')}`}`,
        },
      ];
    }
    case 'invalid_type':
      return [
        {
          path: text(path),
          message:
            value === undefined
              ? `is missing: write ${an(issue.expected)}`
              : `${told(value)} is not ${an(issue.expected)}`,
        },
      ];
    default:
      return [
        {
          path: text(path),
          message: `${told(value)}: ${issue.message}`,
        },
      ];
  }
};

/** What a schema found wrong, as people can use it: the path of the wrong word itself (also inside a choice of several
 *  forms, by the form that is nearest), the value, and the likeliest right one. */
export const readProblems = (error: z.ZodError, schema: z.ZodType, source: unknown): readonly Problem[] =>
  error.issues.flatMap((issue) => problemsOf(issue, [], schema, source));
