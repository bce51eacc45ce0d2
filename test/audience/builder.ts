import { type FullField, QueryManager } from '@react-querybuilder/core';
import type { Field } from '../../shared/audience/field.ts';
import { type Operator, operatorsOf } from '../../shared/audience/operator.ts';
import type { Clause, RuleGroup } from '../../shared/audience/rule.ts';

/** The catalogue as the console gives it to the rule builder. */
const configOf = ({ name, label, type, values, elements }: Field): FullField =>
  ({
    name,
    value: name,
    label: label.en,
    operators: operatorsOf[type].map((operator) => ({ name: operator, value: operator, label: operator })),
    ...(values ? { values: values.map((one) => ({ name: one.name, value: one.name, label: one.label.en })) } : {}),
    ...(elements ? { matchModes: true, subproperties: elements.map(configOf) } : {}),
  }) as FullField;

/** A value that fits field and operator, as the builder's editors write it: numbers and several values as text, unless
 *  `typed`. */
export const valueFor = (field: Field, operator: Operator, typed: boolean): Clause['value'] => {
  const several = (...items: string[]): Clause['value'] => (typed ? items : items.join(','));
  if (operator === 'null' || operator === 'notNull') return typed ? null : '';
  if (/Days|anniversary/.test(operator)) return typed ? 14 : '14';
  const one: Record<Field['type'], string> = {
    text: 'Bei',
    choice: field.values?.[0]?.name ?? '',
    number: '7',
    money: '1200.50 CNY',
    flag: 'true',
    date: '2027-01-31',
    set: field.values?.[0]?.name ?? 'vip',
    list: '',
    open: /^(on|before|after)$/.test(operator) ? '2027-01-31' : '7',
  };
  const value = one[field.type];
  const high: Partial<Record<Field['type'], string>> = {
    number: '9',
    money: '9000 CNY',
    date: '2027-12-31',
    open: '9',
  };
  if (operator === 'between' || operator === 'notBetween') return several(value, high[field.type] ?? value);
  if (operator === 'in' || operator === 'notIn') return several(value);
  if (!typed) return value;
  return field.type === 'number' ? 7 : field.type === 'flag' ? true : value;
};

/** What the rule builder's own library writes when a person clicks these clauses together: through its manager, then as JSON. */
export const built = (
  fields: readonly Field[],
  clauses: readonly { readonly field: Field; readonly operator: Operator; readonly value: Clause['value'] }[],
): RuleGroup => {
  const manager = new QueryManager(undefined, { fields: fields.map(configOf) });
  clauses.forEach(({ field, operator, value }, n) => {
    manager.add(manager.createRule(), []);
    manager.update('field', field.name, [n]);
    manager.update('operator', operator, [n]);
    if (field.type !== 'list') manager.update('value', value, [n]);
  });
  return JSON.parse(JSON.stringify(manager.getQuery())) as RuleGroup;
};
