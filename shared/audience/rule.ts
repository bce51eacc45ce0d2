import * as z from 'zod';

/**
 * The rule language of audiences, step conditions, branches and event filters: the JSON that react-querybuilder 8 writes,
 * so that what marketing clicks together is what the engine runs (docs/decisions/0080). Which fields and operators there
 * are, is the field catalogue's (`field.ts`); this is the shape only.
 */

/** How many elements of a list (`policies`, `claims`, `messages` …) must fit. */
const matchSchema = z
  .strictObject({
    mode: z.enum(['all', 'some', 'none', 'atLeast', 'atMost', 'exactly']),
    threshold: z.number().int().min(0).max(1_000).optional(),
  })
  .describe('For a field that is a list: how many of its elements fit the rules in `value`');

/** One clause: a field, an operator, a value. */
export interface Clause {
  readonly id?: string;
  readonly field: string;
  readonly operator: string;
  readonly valueSource?: 'value';
  /** Of the field's type; for a list with `match` a group over its elements' fields. */
  readonly value?: RuleValue | RuleGroup;
  readonly match?: z.output<typeof matchSchema>;
}

export type RuleValue = string | number | boolean | null | readonly (string | number)[];

/** Clauses and groups joined by and / or, negated where `not`. An empty group holds. */
export interface RuleGroup {
  readonly id?: string;
  readonly combinator: 'and' | 'or';
  readonly not?: boolean;
  readonly rules: readonly (Clause | RuleGroup)[];
}

/** True for a group, false for a clause. */
export const isGroup = (rule: Clause | RuleGroup): rule is RuleGroup => 'combinator' in rule;

const id = z.string().max(60).optional();

const clauseSchema: z.ZodType<Clause> = z.lazy(() =>
  z.strictObject({
    id,
    field: z.string().min(1).max(80),
    operator: z.string().min(1).max(40),
    valueSource: z.literal('value').optional(),
    value: z
      .union([
        z.string().max(2_000),
        z.number(),
        z.boolean(),
        z.null(),
        z.array(z.union([z.string().max(200), z.number()])).max(500),
        ruleGroupSchema,
      ])
      .optional(),
    match: matchSchema.optional(),
  }),
);

/** A rule group as react-querybuilder writes it; unknown properties are refused. */
export const ruleGroupSchema: z.ZodType<RuleGroup> = z.lazy(() =>
  z.strictObject({
    id,
    combinator: z.enum(['and', 'or']),
    not: z.boolean().optional(),
    rules: z.array(z.union([ruleGroupSchema, clauseSchema])).max(100),
  }),
);
