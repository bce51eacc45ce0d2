import type { Money } from '../platform/money.ts';
import { addDays, type CivilDate } from '../platform/time.ts';
import { nextAnniversary } from './calendar.ts';
import type { Actual, Field } from './field.ts';
import type { Operand, Operator } from './operator.ts';

/** Answers for a value that is known. */
export type ValueTest = (actual: Actual, today: CivilDate) => boolean;

/** The bounds that `make` counts from a day, made once a day: a rule is asked of millions on two or three days. */
const onDay = <Bounds>(make: (today: CivilDate) => Bounds): ((today: CivilDate) => Bounds) => {
  const made = new Map<CivilDate, Bounds>();
  return (today) => {
    let bounds = made.get(today);
    if (bounds === undefined) {
      if (made.size > 8) made.clear();
      bounds = make(today);
      made.set(today, bounds);
    }
    return bounds;
  };
};

const isDate = (actual: Actual): actual is CivilDate => typeof actual === 'string' && actual.length === 10;

const relativeTest = (operator: Operator, count: number): ValueTest => {
  const ahead = onDay((today) => addDays(today, count));
  const back = onDay((today) => addDays(today, -count));
  switch (operator) {
    case 'inNextDays':
      return (actual, today) => isDate(actual) && actual >= today && actual <= ahead(today);
    case 'inLastDays':
      return (actual, today) => isDate(actual) && actual <= today && actual >= back(today);
    case 'moreThanDaysAhead':
      return (actual, today) => isDate(actual) && actual > ahead(today);
    case 'moreThanDaysAgo':
      return (actual, today) => isDate(actual) && actual < back(today);
    case 'anniversaryInDays':
      return (actual, today) => isDate(actual) && nextAnniversary(actual, today) === ahead(today);
    default:
      return (actual, today) => isDate(actual) && nextAnniversary(actual, today) <= ahead(today);
  }
};

const moneyTest = (operator: Operator, [low, high]: readonly Money[]): ValueTest => {
  const within =
    (test: (minor: number) => boolean): ValueTest =>
    (actual) =>
      (actual as Money).currency === low?.currency && test((actual as Money).minor);
  const bound = low?.minor ?? 0;
  switch (operator) {
    case '=':
      return within((minor) => minor === bound);
    case '!=':
      return within((minor) => minor !== bound);
    case '<':
      return within((minor) => minor < bound);
    case '<=':
      return within((minor) => minor <= bound);
    case '>':
      return within((minor) => minor > bound);
    case '>=':
      return within((minor) => minor >= bound);
    case 'between':
      return within((minor) => minor >= bound && minor <= (high?.minor ?? bound));
    default:
      return within((minor) => minor < bound || minor > (high?.minor ?? bound));
  }
};

const setTest = (operator: Operator, values: readonly (string | number)[]): ValueTest => {
  const wantedNames = new Set(values);
  const any: ValueTest = (actual) => (actual as readonly string[]).some((name) => wantedNames.has(name));
  return operator === 'contains' || operator === 'in' ? any : (actual, today) => !any(actual, today);
};

const manyTest = (operator: Operator, values: readonly (string | number)[]): ValueTest => {
  const [low, high] = values as [string | number, string | number];
  const among = new Set<unknown>(values);
  const fits = (actual: Actual) => typeof actual === typeof low;
  switch (operator) {
    case 'in':
      return (actual) => among.has(actual);
    case 'notIn':
      return (actual) => !among.has(actual);
    case 'between':
      return (actual) => fits(actual) && (actual as string) >= low && (actual as string) <= high;
    default:
      return (actual) => fits(actual) && ((actual as string) < low || (actual as string) > high);
  }
};

const textTest =
  (test: (text: string) => boolean): ValueTest =>
  (actual) =>
    typeof actual === 'string' && test(actual);

const oneTest = (operator: Operator, value: string | number | boolean): ValueTest => {
  const fits = (actual: Actual) => typeof actual === typeof value;
  const text = String(value);
  switch (operator) {
    case '=':
    case 'on':
      return (actual) => actual === value;
    case '!=':
      return (actual) => actual !== value;
    case '<':
    case 'before':
      return (actual) => fits(actual) && actual < value;
    case '<=':
      return (actual) => fits(actual) && actual <= value;
    case '>':
    case 'after':
      return (actual) => fits(actual) && actual > value;
    case '>=':
      return (actual) => fits(actual) && actual >= value;
    case 'contains':
      return textTest((actual) => actual.includes(text));
    case 'doesNotContain':
      return textTest((actual) => !actual.includes(text));
    case 'beginsWith':
      return textTest((actual) => actual.startsWith(text));
    case 'doesNotBeginWith':
      return textTest((actual) => !actual.startsWith(text));
    case 'endsWith':
      return textTest((actual) => actual.endsWith(text));
    default:
      return textTest((actual) => !actual.endsWith(text));
  }
};

/** The comparison that a field, an operator and its operand come to. */
export const valueTest = (field: Field, operator: Operator, operand: Exclude<Operand, { kind: 'none' }>): ValueTest => {
  switch (operand.kind) {
    case 'days':
      return relativeTest(operator, operand.days);
    case 'money':
      return moneyTest(operator, operand.values);
    case 'many':
      return field.type === 'set' ? setTest(operator, operand.values) : manyTest(operator, operand.values);
    case 'one':
      return field.type === 'set' ? setTest(operator, [operand.value as string]) : oneTest(operator, operand.value);
  }
};
