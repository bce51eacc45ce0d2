import fc from 'fast-check';
import { type Field, fieldCatalogue } from '../../shared/audience/field.ts';
import { type Operator, operatorsOf } from '../../shared/audience/operator.ts';
import type { Clause, RuleGroup } from '../../shared/audience/rule.ts';
import type { RuleSubject, SubjectPart } from '../../shared/audience/rule-subject.ts';
import type { CivilDate, Instant } from '../../shared/platform/time.ts';

/** Subjects and rules in a small world, so that they meet: the same few days, cities, amounts. */

const DAYS = [
  '2024-02-28',
  '2024-02-29',
  '2024-03-01',
  '2026-02-27',
  '2026-02-28',
  '2026-03-01',
  '2026-03-02',
  '2026-12-31',
  '2027-01-01',
  '1990-02-28',
  '1990-03-01',
  '1988-02-29',
  '2027-02-28',
  '2027-03-01',
] as const;
const day = fc.constantFrom(...DAYS).map((text) => text as CivilDate);
const city = fc.constantFrom('Beijing', 'Bei', 'Shanghai');
const amount = fc.constantFrom(0, 50_000, 120_050, 900_000);
const currency = fc.constantFrom('CNY', 'EUR');
const flag = fc.boolean();
const name = fc.constantFrom('vip', 'welcome', 'renewal');
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
/** Without the keys whose value is undefined, as facts are built. */
const compact = <Value extends object>(arbitrary: fc.Arbitrary<Value>) =>
  arbitrary.map((value) => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)));

const policy = compact(
  fc.record({
    policyId: fc.uuid(),
    line: fc.constantFrom('motor', 'home', 'life'),
    contactRule: fc.constantFrom('direct', 'intermediary'),
    scope: city,
    contractStartsOn: day,
    startsOn: day,
    renewsOn: day,
    premiumMinor: maybe(amount),
    currency: maybe(currency),
    hasOffer: flag,
    offerValidUntil: maybe(day),
    endsOn: maybe(day),
    ending: maybe(fc.constantFrom('lapsed', 'cancelled')),
  }),
);
const claim = compact(
  fc.record({
    claimNo: fc.uuid(),
    policyId: fc.uuid(),
    type: city,
    status: fc.constantFrom('open', 'settled'),
    costMinor: maybe(amount),
    currency: maybe(currency),
    occurredOn: maybe(day),
    settledOn: maybe(day),
  }),
);
const customer = compact(
  fc.record({
    kind: fc.constantFrom('person', 'organisation'),
    scope: city,
    locale: fc.constantFrom('zh-CN', 'en'),
    zone: fc.constant('Asia/Shanghai'),
    gender: maybe(fc.constantFrom('f', 'm')),
    birthOn: maybe(day),
    country: maybe(city),
    region: maybe(city),
    city: maybe(city),
    postcode: maybe(fc.constantFrom('100', '7')),
    hasEmail: flag,
    hasPhone: flag,
    hasAddress: flag,
    largePrint: flag,
    consent: fc.dictionary(fc.constantFrom('email/marketing', 'email/service', 'post/marketing'), flag),
    suppressed: fc.subarray(['email', 'post', 'sms']),
    situations: fc.subarray(['deceased', 'open-complaint', 'bereavement']),
    traits: fc.dictionary(fc.constantFrom('vip'), fc.oneof(city, fc.constantFrom(5, 7, 9), flag, day)),
  }),
);
const history = compact(
  fc.record({
    kind: fc.constantFrom('message', 'reaction', 'answer'),
    on: day,
    campaign: maybe(name),
    step: maybe(name),
    channel: maybe(fc.constantFrom('email', 'post')),
    what: fc.constantFrom('delivered', 'click', 'held', 'nps', 'Bei'),
    score: maybe(fc.constantFrom(5, 7, 9)),
  }),
);

/** A subject with some of its parts. */
export const subjectArb = compact(
  fc.record({
    now: fc.constant(0 as Instant),
    today: day,
    customer: maybe(customer),
    policies: maybe(fc.array(policy, { maxLength: 3 })),
    claims: maybe(fc.array(claim, { maxLength: 3 })),
    lists: maybe(fc.subarray(['vip', 'welcome'])),
    history: maybe(fc.array(history, { maxLength: 4 })),
    policy: maybe(policy),
    journey: maybe(fc.record({ reacted: flag, failed: fc.subarray(['vip', 'welcome']), enteredOn: day })),
    reach: maybe(fc.record({ email: flag, post: flag, sms: flag })),
    event: maybe(fc.dictionary(fc.constantFrom('amount'), fc.oneof(city, fc.constantFrom(5, 7, 9), flag, day))),
  }),
) as unknown as fc.Arbitrary<RuleSubject>;

const pick = (field: Field): fc.Arbitrary<string> => {
  switch (field.type) {
    case 'choice':
    case 'set':
      return field.values ? fc.constantFrom(...field.values.map((one) => one.name)) : name;
    case 'number':
      return fc.constantFrom('5', '7', '36', '9');
    case 'money':
      return fc.tuple(fc.constantFrom('500', '1200.50', '9000'), currency).map((both) => both.join(' '));
    case 'flag':
      return fc.constantFrom('true', 'false');
    case 'date':
      return day;
    default:
      return fc.oneof(city, name, fc.constantFrom('100', 'nps', 'Asia', '7'));
  }
};

const valueArb = (field: Field, operator: Operator): fc.Arbitrary<Clause['value']> => {
  if (operator === 'null' || operator === 'notNull') return fc.constantFrom('', null);
  if (/Days/.test(operator)) return fc.constantFrom(0, 1, 2, '30', 365);
  if (operator === 'between' || operator === 'notBetween')
    return fc.tuple(pick(field), pick(field)).map((both) => {
      const sorted = [...both].sort((a, b) =>
        field.type === 'date' ? (a < b ? -1 : 1) : Number.parseFloat(a) - Number.parseFloat(b),
      );
      if (field.type !== 'money') return sorted.join(',');
      const unit = sorted[0]?.slice(-3);
      return sorted.map((one) => `${one.slice(0, -3)}${unit}`);
    });
  if (operator === 'in' || operator === 'notIn') return fc.uniqueArray(pick(field), { minLength: 1, maxLength: 3 });
  if (field.type === 'number') return pick(field).chain((text) => fc.constantFrom(text, Number(text)));
  return field.type === 'flag' ? pick(field).chain((text) => fc.constantFrom(text, text === 'true')) : pick(field);
};

const matchArb = fc
  .record({ mode: fc.constantFrom('all', 'some', 'none', 'atLeast', 'atMost', 'exactly'), threshold: fc.nat(3) })
  .map((match) => match as NonNullable<Clause['match']>);

const plainClause = (field: Field): fc.Arbitrary<Clause> =>
  fc
    .constantFrom(...operatorsOf[field.type])
    .chain((operator) => valueArb(field, operator).map((value) => ({ field: field.name, operator, value })));

const group = (clause: fc.Arbitrary<Clause>, depth: number): fc.Arbitrary<RuleGroup> =>
  fc.record({
    combinator: fc.constantFrom('and', 'or'),
    not: flag,
    rules: fc.array(
      depth === 0
        ? clause
        : fc.oneof({ weight: 3, arbitrary: clause }, { weight: 1, arbitrary: group(clause, depth - 1) }),
      {
        maxLength: 3,
      },
    ),
  }) as fc.Arbitrary<RuleGroup>;

const clauseArb = (field: Field): fc.Arbitrary<Clause> => {
  if (field.type !== 'list') return plainClause(field);
  const inner = group(fc.constantFrom(...(field.elements ?? [])).chain(plainClause), 1);
  return fc.record({ field: fc.constant(field.name), operator: fc.constant('='), match: matchArb, value: inner });
};

/** A rule over the parts given; open fields (traits, event properties) have tests of their own. */
export const ruleArb = (parts?: readonly SubjectPart[]): fc.Arbitrary<RuleGroup> => {
  const fields = fieldCatalogue.filter(({ part }) => parts === undefined || parts.includes(part));
  return group(fc.constantFrom(...fields).chain(clauseArb), 2);
};
