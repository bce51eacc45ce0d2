import type { Clause, RuleGroup } from '../../shared/audience/rule.ts';
import type { RuleSubject } from '../../shared/audience/rule-subject.ts';

/**
 * The rule language said once more, slowly and by other means: two-valued, by looking values up by their path and
 * counting days with Date. It knows nothing of the engine's catalogue, compilation, or third value.
 */

type Facts = Readonly<Record<string, unknown>>;

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

const birthdayIn = (born: string, year: number): number => {
  const [, month = 1, day = 1] = born.split('-').map(Number);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Date.UTC(year, month - 1, Math.min(day, last)) / 86_400_000;
};

const daysUntilBirthday = (born: string, today: string): number => {
  for (let year = Math.max(Number(today.slice(0, 4)), Number(born.slice(0, 4))); ; year += 1) {
    const days = birthdayIn(born, year) - dayNumber(today);
    if (days >= 0) return days;
  }
};

const policyValue = (policy: Facts, name: string, today: string): unknown => {
  if (name === 'status') {
    if ((policy.contractStartsOn as string) > today) return 'future';
    const over = policy.endsOn !== undefined && (policy.endsOn as string) <= today;
    return over ? (policy.ending ?? 'cancelled') : 'in-force';
  }
  if (name === 'hasOffer')
    return (
      policy.hasOffer === true && (policy.offerValidUntil === undefined || (policy.offerValidUntil as string) >= today)
    );
  if (name === 'premium')
    return policy.premiumMinor === undefined || policy.currency === undefined
      ? undefined
      : `${(policy.premiumMinor as number) / 100} ${policy.currency as string}`;
  return policy[name];
};

const claimValue = (claim: Facts, name: string): unknown =>
  name === 'cost'
    ? claim.costMinor === undefined || claim.currency === undefined
      ? undefined
      : `${(claim.costMinor as number) / 100} ${claim.currency as string}`
    : claim[name];

const valueOf = (subject: RuleSubject, field: string): unknown => {
  const customer = subject.customer as unknown as Facts;
  const { today } = subject;
  const [first = '', ...rest] = field.split('.');
  const name = rest.join('.');
  switch (first) {
    case 'customer': {
      if (name.startsWith('trait.')) return (customer.traits as Facts)[name.slice(6)];
      if (name !== 'age') return customer[name];
      const born = customer.birthOn as string | undefined;
      if (born === undefined) return undefined;
      const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4));
      return dayNumber(today) < birthdayIn(born, Number(today.slice(0, 4))) ? years - 1 : years;
    }
    case 'consent':
      return (customer.consent as Facts)[rest.join('/')];
    case 'suppressed':
    case 'situations':
      return customer[first];
    case 'policy':
      return policyValue(subject.policy as unknown as Facts, name, today);
    case 'journey':
      return (subject.journey as unknown as Facts)[name];
    case 'reach':
      return (subject.reach as unknown as Facts)[name];
    case 'event':
      return (subject.event as Facts)[name];
    default:
      return (subject as unknown as Facts)[first];
  }
};

const elementsOf = (subject: RuleSubject, list: string): readonly Facts[] => {
  if (list === 'policies' || list === 'claims') return subject[list] as unknown as readonly Facts[];
  const kind = list.slice(0, -1);
  return (subject.history ?? []).filter((entry) => entry.kind === kind) as unknown as readonly Facts[];
};

const elementValue = (list: string, element: Facts, name: string, today: string): unknown => {
  if (list === 'policies') return policyValue(element, name, today);
  if (list === 'claims') return claimValue(element, name);
  return name === 'state' || name === 'survey' ? element.what : element[name];
};

const isMoney = (value: unknown): value is string => typeof value === 'string' && /^-?[\d.]+ [A-Z]{3}$/.test(value);

/** Orders two comparable values; undefined where they cannot be compared. */
const order = (a: unknown, b: unknown): number | undefined => {
  if (isMoney(a) && isMoney(b)) {
    const [x, y] = [a.split(' '), b.split(' ')];
    return x[1] === y[1] ? Math.sign(Number(x[0]) - Number(y[0])) : undefined;
  }
  if (typeof a === 'number') return Math.sign(a - Number(b));
  if (typeof a === 'boolean') return a === (String(b) === 'true') ? 0 : 1;
  return a === String(b) ? 0 : (a as string) < String(b) ? -1 : 1;
};

const several = (value: Clause['value']): unknown[] =>
  Array.isArray(value) ? [...value] : typeof value === 'string' ? value.split(',').map((text) => text.trim()) : [value];

const compare = (actual: unknown, operator: string, value: Clause['value'], today: string): boolean => {
  const isSet = Array.isArray(actual);
  const isKnown = actual !== undefined && (!isSet || actual.length > 0);
  if (operator === 'null') return !isKnown;
  if (operator === 'notNull') return isKnown;
  if (actual === undefined) return false;
  if (isSet) {
    const hit = several(value).some((name) => actual.includes(name));
    return operator === 'contains' || operator === 'in' ? hit : !hit;
  }
  const compared = (test: (sign: number) => boolean, against: unknown = value): boolean => {
    const sign = order(actual, against);
    return sign !== undefined && test(sign);
  };
  const text = String(actual);
  const days = Number(value);
  const ahead = () => dayNumber(text) - dayNumber(today);
  const [low, high] = several(value);
  const table: Record<string, () => boolean> = {
    '=': () => compared((sign) => sign === 0),
    on: () => compared((sign) => sign === 0),
    '!=': () => compared((sign) => sign !== 0),
    '<': () => compared((sign) => sign < 0),
    before: () => compared((sign) => sign < 0),
    '<=': () => compared((sign) => sign <= 0),
    '>': () => compared((sign) => sign > 0),
    after: () => compared((sign) => sign > 0),
    '>=': () => compared((sign) => sign >= 0),
    between: () => compared((sign) => sign >= 0, low) && compared((sign) => sign <= 0, high),
    notBetween: () => compared((sign) => sign < 0, low) || compared((sign) => sign > 0, high),
    in: () => several(value).some((item) => order(actual, item) === 0),
    notIn: () => several(value).every((item) => order(actual, item) !== 0),
    contains: () => text.includes(String(value)),
    doesNotContain: () => !text.includes(String(value)),
    beginsWith: () => text.startsWith(String(value)),
    doesNotBeginWith: () => !text.startsWith(String(value)),
    endsWith: () => text.endsWith(String(value)),
    doesNotEndWith: () => !text.endsWith(String(value)),
    inNextDays: () => ahead() >= 0 && ahead() <= days,
    inLastDays: () => ahead() <= 0 && -ahead() <= days,
    moreThanDaysAhead: () => ahead() > days,
    moreThanDaysAgo: () => -ahead() > days,
    anniversaryInDays: () => daysUntilBirthday(text, today) === days,
    anniversaryInNextDays: () => daysUntilBirthday(text, today) <= days,
  };
  return (table[operator] as () => boolean)();
};

const fitsAll = (
  group: RuleGroup,
  each: (rule: Clause | RuleGroup, path: string) => boolean,
  path: string,
): boolean => {
  const answers = group.rules.map((rule, n) => each(rule, `${path}/${n}`));
  const holds = group.combinator === 'and' || answers.length === 0 ? !answers.includes(false) : answers.includes(true);
  return group.not === true ? !holds : holds;
};

const matches = (clause: Clause, subject: RuleSubject): boolean => {
  const elements = elementsOf(subject, clause.field);
  const test = (element: Facts, rule: Clause | RuleGroup): boolean =>
    'rules' in rule
      ? fitsAll(rule, (inner) => test(element, inner), '')
      : compare(
          elementValue(clause.field, element, rule.field, subject.today),
          rule.operator,
          rule.value,
          subject.today,
        );
  const fitting = elements.filter((element) => test(element, clause.value as RuleGroup)).length;
  const { mode = 'some', threshold = 1 } = clause.match ?? {};
  return {
    all: fitting === elements.length && fitting > 0,
    some: fitting > 0,
    none: fitting === 0,
    atLeast: fitting >= threshold,
    atMost: fitting <= threshold,
    exactly: fitting === threshold,
  }[mode];
};

/** Which part of a subject a field is read from. */
export const partOf = (field: string): keyof RuleSubject => {
  const [first = ''] = field.split('.');
  if (['consent', 'suppressed', 'situations', 'customer'].includes(first)) return 'customer';
  return ['messages', 'reactions', 'answers'].includes(first) ? 'history' : (first as keyof RuleSubject);
};

/** Whether a rule holds.
 *  @param unknown decides the clauses about parts that the subject leaves out, by their path */
export const oracle = (rule: RuleGroup, subject: RuleSubject, unknown: (path: string) => boolean): boolean => {
  const ask = (one: Clause | RuleGroup, path: string): boolean => {
    if ('rules' in one) return fitsAll(one, ask, path);
    if (subject[partOf(one.field)] === undefined) return unknown(path);
    if (one.match !== undefined) return matches(one, subject);
    return compare(valueOf(subject, one.field), one.operator, one.value, subject.today);
  };
  return fitsAll(rule, ask, '');
};

/** Paths of the clauses about parts that a subject leaves out. */
export const openPaths = (rule: RuleGroup, subject: RuleSubject, path = ''): string[] =>
  rule.rules.flatMap((one, n) => {
    const where = `${path}/${n}`;
    if ('rules' in one) return openPaths(one, subject, where);
    return subject[partOf(one.field)] === undefined ? [where] : [];
  });
