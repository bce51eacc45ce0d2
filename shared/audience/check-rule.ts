import { elementFinder, type FindField } from './compile-rule.ts';
import { type Field, fieldCatalogue, findField } from './field.ts';
import { nearest } from './nearest.ts';
import { type Operator, operatorsOf, readOperand } from './operator.ts';
import { type Clause, isGroup, type RuleGroup } from './rule.ts';
import type { SubjectPart } from './rule-subject.ts';

/** What is wrong with a rule, where, and what to do about it. */
export interface RuleProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Where a rule stands: `audience`: who belongs to a saved audience; `entry`: who may begin a campaign, where its policy
 * or event is known; `step`: a step, branch or exit of a journey; `event`: a filter on an event's properties.
 */
export type RuleUse = 'audience' | 'entry' | 'step' | 'event';

const ofCustomer: readonly SubjectPart[] = ['customer', 'policies', 'claims', 'lists', 'history'];
const partsFor: Readonly<Record<RuleUse, readonly SubjectPart[]>> = {
  audience: ofCustomer,
  entry: [...ofCustomer, 'policy', 'event'],
  step: [...ofCustomer, 'policy', 'journey', 'reach', 'event'],
  event: ['event'],
};

/** Deeper nesting is nobody's meaning, and a stack's end. */
const DEEPEST = 10;

const suggestion = (written: string, names: readonly string[]): string => {
  const near = nearest(written, names);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${names.slice(0, 30).join(', ')}`;
};

interface Context {
  readonly find: FindField;
  readonly names: readonly string[];
  readonly use: RuleUse;
  readonly depth: number;
}

const checkList = (clause: Clause, field: Field, context: Context, path: string): RuleProblem[] => {
  const { match, value } = clause;
  if (match === undefined)
    return [{ path: `${path}.match`, message: `"${field.name}" is a list: say how many must fit, such as "some"` }];
  const counts = match.mode === 'atLeast' || match.mode === 'atMost' || match.mode === 'exactly';
  if (counts && typeof match.threshold !== 'number')
    return [{ path: `${path}.match.threshold`, message: `"${match.mode}" needs a number: write "threshold": 2` }];
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !isGroup(value as RuleGroup))
    return [{ path: `${path}.value`, message: `"${field.name}" needs a group of rules about each of its elements` }];
  const elements = field.elements ?? [];
  return checkGroup(
    value as RuleGroup,
    { ...context, find: elementFinder(field), names: elements.map(({ name }) => name), depth: context.depth + 1 },
    `${path}.value`,
  );
};

const checkClause = (clause: Clause, context: Context, path: string): RuleProblem[] => {
  const field = context.find(clause.field);
  if (field === undefined)
    return [
      {
        path: `${path}.field`,
        message: `there is no field "${clause.field}": ${suggestion(clause.field, context.names)}`,
      },
    ];
  if (!partsFor[context.use].includes(field.part))
    return [
      { path: `${path}.field`, message: `"${clause.field}" cannot be asked here: ${reasonFor(field, context.use)}` },
    ];
  const operators: readonly string[] = operatorsOf[field.type];
  if (!operators.includes(clause.operator))
    return [
      {
        path: `${path}.operator`,
        message: `"${clause.field}" has no operator "${clause.operator}": use one of ${operators.join(', ')}`,
      },
    ];
  if (field.type === 'list') return checkList(clause, field, context, path);
  if (clause.match !== undefined)
    return [{ path: `${path}.match`, message: `"${clause.field}" is no list: take "match" out` }];
  const operand = readOperand(field, clause.operator as Operator, clause.value);
  return operand.kind === 'wrong'
    ? [{ path: `${path}.value`, message: `"${clause.field}" ${clause.operator} needs ${operand.remedy}` }]
    : [];
};

const reasonFor = (field: Field, use: RuleUse): string => {
  if (use === 'event') return 'a filter on an event asks for its properties, event.<name>';
  if (field.part === 'event') return 'only where an event begins the journey';
  return field.part === 'policy'
    ? 'it is about the policy of a journey; ask the list "policies" instead'
    : 'only steps of a journey can ask it';
};

const checkGroup = (group: RuleGroup, context: Context, path: string): RuleProblem[] => {
  if (context.depth > DEEPEST) return [{ path, message: `groups are nested deeper than ${DEEPEST}: flatten the rule` }];
  return group.rules.flatMap((rule, n) => {
    const where = path === '' ? `rules.${n}` : `${path}.rules.${n}`;
    return isGroup(rule)
      ? checkGroup(rule, { ...context, depth: context.depth + 1 }, where)
      : checkClause(rule, context, where);
  });
};

/** Checks a rule against the field catalogue.
 *  @param path where the rule stands in its file, such as `steps.3.when`
 *  @returns what is wrong, each with the path of the wrong word; empty where the rule can be compiled */
export const checkRule = (rule: RuleGroup, use: RuleUse, path: string): readonly RuleProblem[] =>
  checkGroup(
    rule,
    {
      find: findField,
      names: fieldCatalogue.filter(({ part }) => partsFor[use].includes(part)).map(({ name }) => name),
      use,
      depth: 0,
    },
    path,
  );
