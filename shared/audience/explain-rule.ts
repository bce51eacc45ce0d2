import { compileClause, elementFinder } from './compile-rule.ts';
import { type Actual, type Field, findField } from './field.ts';
import { type Clause, isGroup, type RuleGroup } from './rule.ts';
import type { RuleSubject } from './rule-subject.ts';

/** What a clause found. */
export interface ClauseVerdict {
  /** Where the clause stands in the rule, such as `rules.0.rules.2`. */
  readonly path: string;
  readonly field: string;
  readonly operator: string;
  readonly value?: Clause['value'];
  /** What the subject has; of a list how many elements fit and how many there are. Absent: not known. */
  readonly actual?: Actual | { readonly fitting: number; readonly of: number };
  /** Absent where the subject leaves out what it would take. */
  readonly holds?: boolean;
}

interface Explained {
  readonly holds: boolean | undefined;
  readonly deciding: readonly ClauseVerdict[];
}

const actualOf = (clause: Clause, field: Field, subject: RuleSubject): ClauseVerdict['actual'] => {
  const source = subject[field.part];
  if (source === undefined) return undefined;
  const actual = field.get(source as never, subject.today);
  if (field.type !== 'list') return actual;
  const find = elementFinder(field);
  const elements = actual as readonly object[];
  const fits = (element: object, rule: Clause | RuleGroup): boolean => {
    if (!isGroup(rule)) return compileClause(rule, find).holds(element as never, subject.today);
    const each = rule.rules.map((member) => fits(element, member));
    const all = rule.combinator === 'and' || each.length === 0 ? each.every(Boolean) : each.some(Boolean);
    return all !== (rule.not === true);
  };
  return {
    fitting: elements.filter((element) => fits(element, clause.value as RuleGroup)).length,
    of: elements.length,
  };
};

const explainClause = (clause: Clause, subject: RuleSubject, path: string): Explained => {
  const { field, holds: ask } = compileClause(clause, findField);
  const source = subject[field.part];
  const holds = source === undefined ? undefined : ask(source as never, subject.today);
  const actual = actualOf(clause, field, subject);
  return {
    holds,
    deciding: [
      {
        path,
        field: clause.field,
        operator: clause.operator,
        ...(clause.value === undefined ? {} : { value: clause.value }),
        ...(actual === undefined ? {} : { actual }),
        ...(holds === undefined ? {} : { holds }),
      },
    ],
  };
};

const explainGroup = (group: RuleGroup, subject: RuleSubject, path: string): Explained => {
  const members = group.rules.map((rule, n) => {
    const where = path === '' ? `rules.${n}` : `${path}.rules.${n}`;
    return isGroup(rule) ? explainGroup(rule, subject, where) : explainClause(rule, subject, where);
  });
  const decisive = group.combinator === 'or' && members.length > 0;
  const answer = members.some(({ holds }) => holds === decisive)
    ? decisive
    : members.some(({ holds }) => holds === undefined)
      ? undefined
      : !decisive;
  return {
    holds: answer === undefined ? undefined : answer !== (group.not === true),
    // what gave the answer: any of those that agree with it could have stood alone, or all together were needed
    deciding: members.filter(({ holds }) => holds === answer).flatMap(({ deciding }) => deciding),
  };
};

/**
 * Why a rule holds for a subject, or does not: the clauses that decided it, with what they found. Of an "and" that
 * fails those that fail, of an "or" that holds those that hold; clauses that would not have changed the answer are left out.
 */
export const explainRule = (rule: RuleGroup, subject: RuleSubject): readonly ClauseVerdict[] =>
  explainGroup(rule, subject, '').deciding;
