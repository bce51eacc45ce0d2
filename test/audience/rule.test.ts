import { describe, expect, test } from 'vitest';
import { checkRule, type RuleUse } from '../../shared/audience/check-rule.ts';
import { checkSensitive } from '../../shared/audience/check-sensitive.ts';
import { compileRule } from '../../shared/audience/compile-rule.ts';
import { explainRule } from '../../shared/audience/explain-rule.ts';
import { fieldCatalogue, findField } from '../../shared/audience/field.ts';
import type { Clause, RuleGroup } from '../../shared/audience/rule.ts';
import type { RuleSubject } from '../../shared/audience/rule-subject.ts';
import type { CivilDate, Instant } from '../../shared/platform/time.ts';

const day = (text: string) => text as CivilDate;
const all = (...rules: (Clause | RuleGroup)[]): RuleGroup => ({ combinator: 'and', rules });
const any = (...rules: (Clause | RuleGroup)[]): RuleGroup => ({ combinator: 'or', rules });
const clause = (field: string, operator: string, value?: Clause['value']): Clause => ({
  field,
  operator,
  ...(value === undefined ? {} : { value }),
});
const subject = (today: string, parts: Partial<RuleSubject> = {}): RuleSubject => ({
  now: 0 as Instant,
  today: day(today),
  ...parts,
});
const customer = (facts: object): Pick<RuleSubject, 'customer'> => ({
  customer: { traits: {}, consent: {}, suppressed: [], situations: [], ...facts } as unknown as NonNullable<
    RuleSubject['customer']
  >,
});
const ask = (rule: Clause | RuleGroup, one: RuleSubject) => compileRule(all(rule)).test(one);

describe('relative dates', () => {
  test.each([
    ['2027-02-28', 'anniversaryInDays', 0, true, 'the 29th is kept on the 28th in a common year'],
    ['2027-03-01', 'anniversaryInDays', 0, false, 'and not on 1 March'],
    ['2028-02-28', 'anniversaryInDays', 0, false, 'in a leap year on the 29th only'],
    ['2028-02-29', 'anniversaryInDays', 0, true, ''],
    ['2027-12-31', 'anniversaryInDays', 60, true, 'over New Year, into the leap year'],
    ['2026-12-31', 'anniversaryInDays', 59, true, 'over New Year, into a common year'],
    ['2027-02-14', 'anniversaryInNextDays', 14, true, ''],
    ['2027-02-13', 'anniversaryInNextDays', 14, false, ''],
  ])('born on 29 February, on %s %s %i: %s (%s)', (today, operator, days, holds) => {
    const rule = clause('customer.birthOn', operator, days);
    expect(ask(rule, subject(today, customer({ birthOn: day('1988-02-29') })))).toBe(holds);
  });

  test.each([
    ['2027-02-27', 38],
    ['2027-02-28', 39],
    ['2028-02-28', 39],
    ['2028-02-29', 40],
  ])('and is on %s %i years old', (today, age) => {
    expect(ask(clause('customer.age', '=', age), subject(today, customer({ birthOn: day('1988-02-29') })))).toBe(true);
  });

  test('a day counts from today, both ends included, and changes at midnight only', () => {
    const policy = { renewsOn: day('2027-03-31'), contractStartsOn: day('2020-01-01') };
    const rule = clause('policy.renewsOn', 'inNextDays', 30);
    const on = (today: string) =>
      ask(rule, subject(today, { policy: policy as unknown as NonNullable<RuleSubject['policy']> }));
    expect([on('2027-02-28'), on('2027-03-01'), on('2027-03-31'), on('2027-04-01')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(compileRule(all(rule)).relative).toBe(true);
    expect(compileRule(all(clause('policy.renewsOn', 'on', '2027-03-31'))).relative).toBe(false);
    expect(compileRule(all(clause('policy.status', '=', 'in-force'))).relative).toBe(true);
  });
});

describe('unknown and undecided', () => {
  test('an unknown value makes every comparison false; only null asks for it', () => {
    const one = subject('2027-01-01', customer({}));
    for (const [operator, value] of [
      ['=', 'f'],
      ['!=', 'f'],
      ['in', ['f']],
      ['notIn', ['f']],
    ] as const)
      expect(ask(clause('customer.gender', operator, value), one)).toBe(false);
    expect(ask(clause('customer.gender', 'null'), one)).toBe(true);
    expect(ask(clause('consent.email.marketing', '=', false), one)).toBe(false);
    expect(ask({ ...all(clause('customer.gender', '=', 'f')), not: true }, one)).toBe(true);
  });

  test('a part that is left out leaves open what it would decide, and no more', () => {
    const one = subject('2027-01-01', customer({ gender: 'f' }));
    const reacted = clause('journey.reacted', '=', true);
    expect(ask(reacted, one)).toBeUndefined();
    expect(ask(all(reacted, clause('customer.gender', '=', 'm')), one)).toBe(false);
    expect(ask(any(reacted, clause('customer.gender', '=', 'f')), one)).toBe(true);
    expect(ask({ ...all(reacted), not: true }, one)).toBeUndefined();
  });

  test('of no policies not all are motor, and none is', () => {
    const motor = (mode: NonNullable<Clause['match']>['mode']): Clause => ({
      ...clause('policies', '=', all(clause('line', '=', 'motor'))),
      match: { mode, threshold: 0 },
    });
    const one = subject('2027-01-01', { policies: [] });
    expect(
      ['all', 'some', 'none', 'atMost', 'exactly', 'atLeast'].map((mode) => ask(motor(mode as 'all'), one)),
    ).toEqual([false, false, true, true, true, true]);
  });

  test('money is compared within its currency only', () => {
    const of = (premiumMinor: number, currency: string) =>
      subject('2027-01-01', { policy: { premiumMinor, currency } as unknown as NonNullable<RuleSubject['policy']> });
    expect(ask(clause('policy.premium', '>', '1000 CNY'), of(100_001, 'CNY'))).toBe(true);
    expect(ask(clause('policy.premium', '>', '1000 CNY'), of(900_000, 'EUR'))).toBe(false);
    expect(ask(clause('policy.premium', '!=', '1000 CNY'), of(900_000, 'EUR'))).toBe(false);
    expect(ask(clause('policy.premium', '=', '1000 JPY'), of(1_000, 'JPY'))).toBe(true);
  });

  test('traits and event properties are compared as what they are', () => {
    const with_ = (vip: unknown) => subject('2027-01-01', customer({ traits: { vip } }));
    expect(ask(clause('customer.trait.vip', '=', true), with_(true))).toBe(true);
    expect(ask(clause('customer.trait.vip', '>', 5), with_(7))).toBe(true);
    expect(ask(clause('customer.trait.vip', '>', 5), with_('7'))).toBe(false);
    expect(ask(clause('customer.trait.vip', 'inLastDays', 3), with_('2026-12-30'))).toBe(true);
    expect(ask(clause('customer.trait.vip', 'inLastDays', 3), with_(20_261_230))).toBe(false);
    expect(ask(clause('customer.trait.constructor', 'null'), with_(1))).toBe(true);
    expect(ask(clause('event.toString', 'null'), subject('2027-01-01', { event: {} }))).toBe(true);
  });
});

describe('a checked rule', () => {
  const problem = (rule: Clause | RuleGroup, use: RuleUse = 'audience') =>
    checkRule(all(rule), use, 'audience.rule')[0];

  test.each<[string, Clause | RuleGroup, string, RegExp]>([
    ['a typo', clause('customer.brithOn', 'null'), 'rules.0.field', /did you mean customer\.birthOn\?/],
    ['a field without its area', clause('birthOn', 'null'), 'rules.0.field', /did you mean customer\.birthOn/],
    [
      'an unknown operator',
      clause('customer.birthOn', '>', '2027-01-01'),
      'rules.0.operator',
      /use one of on, before, after/,
    ],
    ['a date that does not exist', clause('customer.birthOn', 'on', '2027-02-29'), 'rules.0.value', /2027-01-31/],
    ['a choice that is none', clause('customer.gender', '=', 'x'), 'rules.0.value', /one of f, m/],
    ['a number that is none', clause('customer.age', '>', 'old'), 'rules.0.value', /a number/],
    [
      'an amount without currency',
      { ...clause('policies', '=', all(clause('premium', '>', '5'))), match: { mode: 'some' } },
      'rules.0.value.rules.0.value',
      /its currency/,
    ],
    ['an upside-down range', clause('customer.age', 'between', '60,18'), 'rules.0.value', /the lower first/],
    ['half a day', clause('customer.birthOn', 'inNextDays', 1.5), 'rules.0.value', /whole number of days/],
    ['a list without a match', clause('policies', '=', ''), 'rules.0.match', /how many must fit/],
    [
      'a match without its number',
      { ...clause('policies', '=', all()), match: { mode: 'atLeast' } },
      'rules.0.match.threshold',
      /"threshold"/,
    ],
    [
      'a match on what is no list',
      { ...clause('customer.city', '=', 'x'), match: { mode: 'some' } },
      'rules.0.match',
      /take "match" out/,
    ],
    [
      'an unknown element field',
      { ...clause('claims', '=', all(clause('state', '=', 'open'))), match: { mode: 'some' } },
      'rules.0.value.rules.0.field',
      /status/,
    ],
    ['a step’s field', clause('journey.reacted', '=', true), 'rules.0.field', /only steps/],
    ['the journey’s policy', clause('policy.line', '=', 'motor'), 'rules.0.field', /"policies"/],
    ['an event’s property', clause('event.amount', '=', 1), 'rules.0.field', /an event begins/],
    ['the builder’s placeholder', clause('~', '=', ''), 'rules.0.field', /no field/],
  ])('names %s, where, and what to do', (_, rule, path, message) => {
    expect(problem(rule)).toEqual({ path: `audience.rule.${path}`, message: expect.stringMatching(message) });
  });

  test('knows what may be asked where', () => {
    const uses = (field: string, operator = 'null') =>
      (['audience', 'entry', 'step', 'event'] as const).filter(
        (use) => problem(clause(field, operator), use) === undefined,
      );
    expect(uses('customer.city')).toEqual(['audience', 'entry', 'step']);
    expect(uses('policy.endsOn')).toEqual(['entry', 'step']);
    expect(uses('journey.reacted')).toEqual(['step']);
    expect(uses('reach.sms')).toEqual(['step']);
    expect(uses('event.amount')).toEqual(['entry', 'step', 'event']);
  });

  test('may not nest without end', () => {
    let rule = all(clause('customer.city', '=', 'x'));
    for (let depth = 0; depth < 12; depth += 1) rule = all(rule);
    expect(checkRule(rule, 'audience', '')[0]?.message).toMatch(/flatten/);
  });

  test('has labels in both languages for every field and value', () => {
    for (const field of [...fieldCatalogue, ...fieldCatalogue.flatMap(({ elements = [] }) => elements)]) {
      for (const label of [field.label, ...(field.values ?? []).map((value) => value.label)]) {
        expect(label['zh-CN']).toMatch(/\p{Script=Han}/u);
        expect(label.en).toMatch(/^[\w\s’-]+$/);
      }
    }
    expect(findField('customer.trait.vip')?.label.en).toBe('customer trait vip');
    expect(findField('customer.trait.a b')).toBeUndefined();
  });
});

describe('C11 a sensitive field', () => {
  const illness = { ...clause('claims', '=', all(clause('type', '=', 'cancer'))), match: { mode: 'some' as const } };
  const given = clause('consent.email.marketing', '=', true);

  test.each<[string, RuleGroup, number]>([
    ['alone', all(illness), 1],
    ['with consent', all(illness, given), 0],
    ['with consent by one of two ways', all(illness, any(given, clause('consent.post.marketing', '=', 'true'))), 0],
    ['or consent', any(illness, given), 1],
    ['with a consent that may be refused', all(illness, clause('consent.email.marketing', '=', false)), 1],
    ['with consent to service', all(illness, clause('consent.email.service', '=', true)), 1],
    ['with a negated consent', all(illness, { ...all(given), not: true }), 1],
    [
      'in a group below',
      all(all(clause('situations', 'contains', 'bereavement')), clause('customer.largePrint', '=', true)),
      2,
    ],
    ['none', all(clause('customer.city', '=', 'x')), 0],
  ])('%s', (_, rule, problems) => {
    expect(checkSensitive(rule, 'audience.rule')).toHaveLength(problems);
  });

  test('is named with its path', () => {
    expect(checkSensitive(all(illness), 'audience.rule')[0]?.path).toBe('audience.rule.rules.0.value.rules.0.field');
  });
});

describe('why in, why out', () => {
  const rule = all(
    clause('customer.city', '=', 'Beijing'),
    any(clause('customer.age', '>=', 60), clause('customer.largePrint', '=', true)),
    { ...clause('policies', '=', all(clause('line', '=', 'motor'))), match: { mode: 'atLeast', threshold: 2 } },
  );
  const one = (facts: object, lines: readonly string[]) =>
    subject('2027-01-01', {
      ...customer({ birthOn: day('1980-05-05'), ...facts }),
      policies: lines.map((line) => ({ line })) as unknown as NonNullable<RuleSubject['policies']>,
    });

  test('names every clause that keeps somebody out, with what was found', () => {
    expect(explainRule(rule, one({ city: 'Beijing', largePrint: false }, ['motor', 'home']))).toEqual([
      { path: 'rules.1.rules.0', field: 'customer.age', operator: '>=', value: 60, actual: 46, holds: false },
      {
        path: 'rules.1.rules.1',
        field: 'customer.largePrint',
        operator: '=',
        value: true,
        actual: false,
        holds: false,
      },
      expect.objectContaining({ path: 'rules.2', actual: { fitting: 1, of: 2 }, holds: false }),
    ]);
  });

  test('names what lets somebody in, and leaves out what was not needed', () => {
    expect(
      explainRule(rule, one({ city: 'Beijing', largePrint: true }, ['motor', 'motor', 'home'])).map(
        ({ path, holds }) => [path, holds],
      ),
    ).toEqual([
      ['rules.0', true],
      ['rules.1.rules.1', true],
      ['rules.2', true],
    ]);
  });

  test('says of an unknown value nothing, and of a part that is left out that it is open', () => {
    const [city] = explainRule(all(clause('customer.city', '=', 'x')), one({}, []));
    expect(city).toEqual({ path: 'rules.0', field: 'customer.city', operator: '=', value: 'x', holds: false });
    expect(explainRule(all(clause('lists', 'in', 'vip')), one({}, []))).toEqual([
      { path: 'rules.0', field: 'lists', operator: 'in', value: 'vip' },
    ]);
  });
});
