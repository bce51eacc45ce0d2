import { EngagementError } from '../platform/errors.ts';
import type { CivilDate } from '../platform/time.ts';
import { type Field, findField } from './field.ts';
import { isRelative, type Operator, readOperand } from './operator.ts';
import { type Clause, isGroup, type RuleGroup } from './rule.ts';
import type { RuleSubject, SubjectPart } from './rule-subject.ts';
import { type ValueTest, valueTest } from './value-test.ts';

/** A rule made ready to be asked of millions. */
export interface CompiledRule {
  /** What a subject must hold for the rule to be decided for sure. */
  readonly parts: ReadonlySet<SubjectPart>;
  /** Whether its answer can change with the day although nothing happened. */
  readonly relative: boolean;
  /** Whether it holds; undefined where that depends on a part that the subject leaves out. */
  test(subject: RuleSubject): boolean | undefined;
}

/** Kleene's three values; an element's fields are always there, so that within a list only two occur. */
type Test = (source: never, today: CivilDate) => boolean | undefined;

/** Finds a field by the name a clause gives it: in the catalogue, or among the elements of a list. */
export type FindField = (name: string) => Field | undefined;

/** Fields of a list's elements by name. */
export const elementFinder =
  (field: Field): FindField =>
  (name) =>
    field.elements?.find((element) => element.name === name);

/** How many of a list's elements must fit; of an empty list not "all" do: nothing can be said of what is not there. */
const matchTest = (
  { mode, threshold }: NonNullable<Clause['match']>,
  fits: (element: never, today: CivilDate) => boolean | undefined,
) => {
  const count = threshold ?? 1;
  const fitting = (elements: readonly object[], today: CivilDate): number => {
    let found = 0;
    for (const element of elements) if (fits(element as never, today) === true) found += 1;
    return found;
  };
  const any = (elements: readonly object[], today: CivilDate): boolean =>
    elements.some((element) => fits(element as never, today) === true);
  switch (mode) {
    case 'all':
      return (elements: readonly object[], today: CivilDate) =>
        elements.length > 0 && elements.every((element) => fits(element as never, today) === true);
    case 'some':
      return any;
    case 'none':
      return (elements: readonly object[], today: CivilDate) => !any(elements, today);
    case 'atLeast':
      return (elements: readonly object[], today: CivilDate) => fitting(elements, today) >= count;
    case 'atMost':
      return (elements: readonly object[], today: CivilDate) => fitting(elements, today) <= count;
    case 'exactly':
      return (elements: readonly object[], today: CivilDate) => fitting(elements, today) === count;
  }
};

/** A clause, ready to be asked of the part of a subject that it reads. */
export interface CompiledClause {
  readonly field: Field;
  readonly relative: boolean;
  /** @param source the field's part of the subject, or the element whose field it is */
  holds(source: never, today: CivilDate): boolean;
}

/**
 * Makes one clause ready.
 * @throws EngagementError `bad-input` for a clause that `checkRule` refuses
 */
export const compileClause = (clause: Clause, find: FindField): CompiledClause => {
  const field = find(clause.field);
  if (field === undefined) throw new EngagementError('bad-input', `unknown field "${clause.field}": check the rule`);
  if (field.type === 'list') {
    if (clause.match === undefined || !isRuleGroup(clause.value))
      throw new EngagementError('bad-input', `field "${clause.field}" needs "match" and a group of rules as its value`);
    const inner = compileGroup(clause.value, (element) => compileClause(element, elementFinder(field)));
    const holds = matchTest(clause.match, inner.test);
    return {
      field,
      relative: inner.relative,
      holds: (source, today) => holds(field.get(source, today) as readonly object[], today),
    };
  }
  const operator = clause.operator as Operator;
  const operand = readOperand(field, operator, clause.value);
  if (operand.kind === 'wrong')
    throw new EngagementError('bad-input', `field "${clause.field}" ${operator} needs ${operand.remedy}`);
  return {
    field,
    relative: field.relative === true || isRelative(operator),
    holds:
      operand.kind === 'none' ? knownTest(field, operator) : comparison(field, valueTest(field, operator, operand)),
  };
};

/** Asks whether a value is known; of a set whether it holds anything. */
const knownTest = ({ type, get }: Field, operator: Operator): CompiledClause['holds'] => {
  const wanted = operator === 'notNull';
  return (source, today) => {
    const actual = get(source, today);
    return (type === 'set' ? (actual as readonly string[]).length > 0 : actual !== undefined) === wanted;
  };
};

/** Compares a value; one that is not known never fits. */
const comparison = ({ get }: Field, test: ValueTest): CompiledClause['holds'] => {
  return (source, today) => {
    const actual = get(source, today);
    return actual !== undefined && test(actual, today);
  };
};

const isRuleGroup = (value: Clause['value']): value is RuleGroup =>
  value !== null && typeof value === 'object' && 'combinator' in value;

interface CompiledGroup {
  readonly fields: readonly Field[];
  readonly relative: boolean;
  readonly test: Test;
}

const negated =
  (test: Test): Test =>
  (source, today) => {
    const answer = test(source, today);
    return answer === undefined ? undefined : !answer;
  };

/** All must hold (`decisive` false) or one must (`decisive` true): the first decisive answer ends it. */
const joined =
  (tests: readonly Test[], decisive: boolean): Test =>
  (source, today) => {
    let answer: boolean | undefined = !decisive;
    for (let n = 0; n < tests.length; n += 1) {
      const one = (tests[n] as Test)(source, today);
      if (one === decisive) return decisive;
      if (one === undefined) answer = undefined;
    }
    return answer;
  };

const compileGroup = (
  group: RuleGroup,
  clauseOf: (clause: Clause) => Pick<CompiledClause, 'field' | 'relative'> & { readonly holds: Test },
): CompiledGroup => {
  const members = group.rules.map((rule) => {
    if (isGroup(rule)) return compileGroup(rule, clauseOf);
    const { field, relative, holds } = clauseOf(rule);
    return { fields: [field], relative, test: holds };
  });
  // an empty group holds, whatever joins its nothing
  const test =
    members.length === 0
      ? () => true
      : joined(
          members.map((member) => member.test),
          group.combinator === 'or',
        );
  return {
    fields: members.flatMap(({ fields }) => fields),
    relative: members.some(({ relative }) => relative),
    test: group.not === true ? negated(test) : test,
  };
};

/**
 * Makes a rule ready: once for millions of subjects. Three-valued: a clause about a part that a subject leaves out is
 * undecided, and the rule as well wherever that clause could still decide it (docs/decisions/0094).
 * @throws EngagementError `bad-input` for a rule that `checkRule` refuses
 */
export const compileRule = (rule: RuleGroup): CompiledRule => {
  const { fields, relative, test } = compileGroup(rule, (clause) => {
    const { field, relative: isRelativeClause, holds } = compileClause(clause, findField);
    const { part } = field;
    return {
      field,
      relative: isRelativeClause,
      holds: (subject: RuleSubject, today: CivilDate) => {
        const source = subject[part];
        return source === undefined ? undefined : holds(source as never, today);
      },
    };
  });
  return {
    parts: new Set(fields.map(({ part }) => part)),
    relative,
    test: (subject) => test(subject as never, subject.today),
  };
};
