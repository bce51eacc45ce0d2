import * as z from 'zod';

/** What a rule can ask of a policy and its holder at the moment a step is due. */
const atoms = {
  reacted: z.boolean().describe('Whether the customer reacted since the journey began; an open never counts'),
  emailReachable: z.boolean().describe('Whether mail of the campaign’s class may and can reach the holder'),
  postReachable: z.boolean().describe('Whether a letter of the campaign’s class may and can reach the holder'),
  offer: z.boolean().describe('Whether the next term’s price is known'),
} as const;

/** One thing a rule asks. */
export type Atom = keyof typeof atoms;
/** The answers. */
export type RuleFacts = Readonly<Record<Atom, boolean>>;

export type Rule =
  | { readonly [Name in Atom]: { readonly [Key in Name]: boolean } }[Atom]
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }
  | { readonly not: Rule };

/** The rule language: one question with its wanted answer, or `all`, `any`, `not` of rules. */
export const ruleSchema: z.ZodType<Rule> = z.lazy(() =>
  z.union([
    z.strictObject({ reacted: atoms.reacted }),
    z.strictObject({ emailReachable: atoms.emailReachable }),
    z.strictObject({ postReachable: atoms.postReachable }),
    z.strictObject({ offer: atoms.offer }),
    z.strictObject({ all: z.array(ruleSchema).min(1) }),
    z.strictObject({ any: z.array(ruleSchema).min(1) }),
    z.strictObject({ not: ruleSchema }),
  ]),
);

/** Whether `rule` holds for `facts`. */
export const holds = (rule: Rule, facts: RuleFacts): boolean => {
  if ('all' in rule) return rule.all.every((part) => holds(part, facts));
  if ('any' in rule) return rule.any.some((part) => holds(part, facts));
  if ('not' in rule) return !holds(rule.not, facts);
  return Object.entries(rule).every(([atom, wanted]) => facts[atom as Atom] === wanted);
};

/** What a rule asks, so that only that is read. */
export const atomsOf = (rule: Rule): ReadonlySet<Atom> => {
  if ('all' in rule) return new Set(rule.all.flatMap((part) => [...atomsOf(part)]));
  if ('any' in rule) return new Set(rule.any.flatMap((part) => [...atomsOf(part)]));
  if ('not' in rule) return atomsOf(rule.not);
  return new Set(Object.keys(rule) as Atom[]);
};
