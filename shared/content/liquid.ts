import { AssertionError, Liquid, LiquidError, type Template, UndefinedVariableError } from 'liquidjs';

/**
 * Liquid as templates may use it: few tags, few filters, own properties only, hard limits. What is not listed does not
 * exist, so a hostile template can neither read a file, fetch, reach a prototype, nor run long (reliability.md S16–S19).
 */

/** `assign` is allowed, `capture` is not: it would hold text that is already escaped and escape it again. */
const tags = ['assign', 'case', 'for', 'if', 'unless', 'break', 'continue'] as const;
const filters = ['append', 'prepend', 'capitalize', 'default', 'downcase', 'upcase', 'first', 'last', 'size'] as const;

/** What a template may cost. Memory counts the steps of loops and the length of joined texts, so it bounds the time too;
 *  the clock (ms) is only the net below it, wide, because a pause of the machine must not fail a mail. */
const limits = { parseLimit: 1_000_000, memoryLimit: 20_000, renderLimit: 1_000 } as const;

/** Why a template could not be rendered. */
export type LiquidFailure =
  | { readonly kind: 'missing-value'; readonly variable: string; readonly line?: number }
  | { readonly kind: 'broken'; readonly detail: string; readonly line?: number };

/** A value that is no text, number or truth: `{{ policy }}` instead of `{{ policy.number }}`. */
class NoTextError extends Error {}
/** A value that is there but says nothing. */
class BlankError extends Error {}

/** @returns what a person reads; throws for what nobody could */
const readable = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined || value === null) throw new BlankError('blank value');
  throw new NoTextError('a group of fields is no text: name one of them');
};

/** A compiled template: rendered many times. Throws what `describeFailure` explains. */
export type Rendering = (data: object) => string;

/** Compiles templates whose values all pass through `escape`. */
export interface LiquidEngine {
  /** @throws LiquidError where `source` is no template or uses a tag or filter that does not exist here */
  compile(source: string): Rendering;
  /** Names of the fields that `source` uses, as `policy.number`; those of the elements of a list that a loop goes through
   *  as `policies.number`. @throws LiquidError as `compile` */
  fields(source: string): readonly string[];
}

/** An engine for one kind of output, given how that output writes a value. */
export const createLiquid = (escape: (value: string) => string): LiquidEngine => {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    ...limits,
    templates: {},
    outputEscape: (value: unknown) => escape(readable(value)),
  });
  for (const name of Object.keys(engine.tags))
    if (!(tags as readonly string[]).includes(name)) delete engine.tags[name];
  for (const name of Object.keys(engine.filters)) {
    if (!(filters as readonly string[]).includes(name)) delete engine.filters[name];
  }
  return {
    compile: (source) => {
      const parsed: Template[] = engine.parse(source);
      return (data) => engine.renderSync(parsed, data) as string;
    },
    fields: (source) => {
      const loops = new Map(
        Array.from(source.matchAll(/\{%-?\s*for\s+(\w+)\s+in\s+([\w.]+)/g), ([, name, list]) => [name, list] as const),
      );
      const whole = (field: string): string => {
        const [first = '', ...rest] = field.replace(/\[-?\d+\]/g, '').split('.');
        const list = loops.get(first);
        return list === undefined || rest.length === 0 ? [first, ...rest].join('.') : whole([list, ...rest].join('.'));
      };
      const parsed = engine.parse(source);
      const known = new Set(engine.globalFullVariablesSync(parsed));
      const used = engine
        .fullVariablesSync(parsed)
        .filter((field) => known.has(field) || loops.has(field.split('.')[0] ?? ''))
        .filter((field) => field.includes('.') || !loops.has(field))
        .map(whole);
      return [...new Set(used)];
    },
  };
};

/**
 * Explains what a `Rendering` threw.
 * @returns undefined where `error` did not come from a template
 */
export const describeFailure = (error: unknown): LiquidFailure | undefined => {
  // The parse limit throws without a place in the template.
  if (error instanceof AssertionError) return { kind: 'broken', detail: error.message };
  if (!LiquidError.is(error)) return undefined;
  const [line = 1] = error.token.getPosition();
  if (error instanceof UndefinedVariableError) {
    const variable = /undefined variable: ([\w.[\]-]+)/.exec(error.message)?.[1] ?? 'unknown';
    return { kind: 'missing-value', variable, line };
  }
  const token = error.token.getText().replace(/\s+/g, ' ').slice(0, 80);
  if (error.originalError instanceof BlankError) return { kind: 'missing-value', variable: token, line };
  // The first line names the fault; the rest is an excerpt of the template.
  return {
    kind: 'broken',
    detail: `${error.originalError?.message ?? error.message}`.split('\n')[0]?.slice(0, 200) ?? '',
    line,
  };
};

/** Static text and Liquid tags of a source, in order; blanks that `{{-` and `-}}` remove are gone, and so are the dashes. */
export const splitLiquid = (source: string): readonly { readonly kind: 'text' | 'tag'; readonly text: string }[] => {
  const parts: { kind: 'text' | 'tag'; text: string }[] = [];
  let end = 0;
  let trimNext = false;
  const pushText = (text: string, trimEnd: boolean): void => {
    let kept = trimNext ? text.trimStart() : text;
    if (trimEnd) kept = kept.trimEnd();
    if (kept !== '') parts.push({ kind: 'text', text: kept });
  };
  for (const match of source.matchAll(/\{\{(-?)([\s\S]*?)(-?)\}\}|\{%(-?)([\s\S]*?)(-?)%\}/g)) {
    const isOutput = match[2] !== undefined;
    pushText(source.slice(end, match.index), (isOutput ? match[1] : match[4]) === '-');
    parts.push({ kind: 'tag', text: isOutput ? `{{${match[2]}}}` : `{%${match[5]}%}` });
    trimNext = (isOutput ? match[3] : match[6]) === '-';
    end = match.index + match[0].length;
  }
  pushText(source.slice(end), false);
  return parts;
};
