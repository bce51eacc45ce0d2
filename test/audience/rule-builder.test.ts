import { describe, expect, test } from 'vitest';
import { checkRule } from '../../shared/audience/check-rule.ts';
import { compileRule } from '../../shared/audience/compile-rule.ts';
import { fieldCatalogue, findField } from '../../shared/audience/field.ts';
import { operatorsOf } from '../../shared/audience/operator.ts';
import { ruleGroupSchema } from '../../shared/audience/rule.ts';
import { built, valueFor } from './builder.ts';

const fields = [...fieldCatalogue, ...['customer.trait.vip', 'event.amount'].flatMap((name) => findField(name) ?? [])];

describe('what the rule builder writes', () => {
  const plain = fields.filter(({ type }) => type !== 'list');
  test.each(plain.map((field) => [field.name, field] as const))('D7 %s: every operator loads unchanged', (_, field) => {
    for (const typed of [true, false]) {
      const clauses = operatorsOf[field.type].map((operator) => ({
        field,
        operator,
        value: valueFor(field, operator, typed),
      }));
      const json = built(fields, clauses);
      expect(json.rules).toHaveLength(clauses.length);
      const rule = ruleGroupSchema.parse(json);
      expect(rule).toEqual(json);
      expect(checkRule(rule, field.part === 'event' ? 'event' : 'step', 'rule')).toEqual([]);
      expect(compileRule(rule).parts).toEqual(new Set([field.part]));
    }
  });

  test.each(
    fieldCatalogue.flatMap((list) =>
      (list.elements ?? []).map((field) => [`${list.name}: ${field.name}`, list, field] as const),
    ),
  )('D7 elements of %s: every operator loads unchanged', (_, list, field) => {
    const inner = built(
      list.elements ?? [],
      operatorsOf[field.type].map((operator) => ({ field, operator, value: valueFor(field, operator, false) })),
    );
    const outer = built(fields, [{ field: list, operator: '=', value: '' }]);
    const json = JSON.parse(JSON.stringify({ ...outer, rules: [{ ...outer.rules[0], value: inner }] }));
    const rule = ruleGroupSchema.parse(json);
    expect(rule).toEqual(json);
    expect(rule.rules[0]).toMatchObject({ match: { mode: 'all', threshold: 1 } });
    expect(checkRule(rule, 'audience', 'rule')).toEqual([]);
    expect(compileRule(rule).parts).toEqual(new Set([list.part]));
  });
});
