import fc from 'fast-check';
import type { Source } from './samples.ts';

/** Definitions that hold, by chance: flows whose ways lead forward, or back behind a wait, and calendars in order. */

const clause = fc.constantFrom(
  { field: 'customer.country', operator: '=', value: 'CN' },
  { field: 'customer.age', operator: 'between', value: [18, 65] },
  { field: 'customer.hasEmail', operator: '=', value: true },
  { field: 'consent.email.marketing', operator: '=', value: true },
  { field: 'customer.birthOn', operator: 'anniversaryInNextDays', value: 30 },
  { field: 'customer.trait.vip', operator: '=', value: true },
  {
    field: 'policies',
    operator: '=',
    match: { mode: 'some' },
    value: { combinator: 'and', rules: [{ field: 'line', operator: '=', value: 'life' }] },
  },
  {
    field: 'messages',
    operator: '=',
    match: { mode: 'atLeast', threshold: 2 },
    value: { combinator: 'and', rules: [{ field: 'campaign', operator: '=', value: 'birthday' }] },
  },
);
const rule = fc.record({
  combinator: fc.constantFrom('and', 'or'),
  rules: fc.array(
    fc.oneof(
      clause,
      fc.record({
        combinator: fc.constantFrom('and', 'or'),
        not: fc.boolean(),
        rules: fc.array(clause, { minLength: 1, maxLength: 3 }),
      }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
});
const duration = fc.oneof(
  fc.integer({ min: 1, max: 730 }).map((n) => `P${n}D`),
  fc.integer({ min: 1, max: 24 }).map((n) => `P${n}M`),
  fc.integer({ min: 1, max: 600 }).map((n) => `PT${n}M`),
);
const time = fc
  .integer({ min: 0, max: 1_439 })
  .map((n) => `${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

const action = fc.constantFrom(
  { send: 'email', template: 'wish' },
  { send: 'letter', template: 'wish-letter' },
  { send: 'invite', template: 'wish', survey: 'nps' },
  { relay: { gateway: 'sms-house', channel: 'sms', template: 'wish-text' } },
  { task: 'call', reason: 'no-reaction', withinDays: 3 },
  { set: { trait: 'vip', value: true } },
  { emit: { event: 'WelcomeDone', properties: { kind: 'x' } } },
  { webhook: { endpoint: 'crm' } },
);

/** What a step does at a place in a flow of `length`, so that everything after it is reached. */
const stepAct = (n: number, length: number): fc.Arbitrary<Source> => {
  const below = `s${n + 1}`;
  const onwards = fc.integer({ min: Math.min(n + 1, length - 1), max: length - 1 }).map((to) => `s${to}`);
  const anywhere = fc.integer({ min: 0, max: length - 1 }).map((to) => `s${to}`);
  const waits = fc.oneof(
    duration.map((long) => ({ wait: { for: long } })),
    fc.record({ time, weekdays: maybe(fc.constant(['mon', 'fri'])) }).map((until) => ({ wait: { until } })),
    fc.tuple(duration, anywhere).map(([upTo, otherwise]) => ({ wait: { event: 'FormSent', upTo, otherwise } })),
  );
  if (n === length - 1)
    return fc.oneof(
      action,
      fc.constant({ exit: 'done' }),
      duration.map((long) => ({ wait: { for: long } })),
    );
  return fc.oneof(
    { weight: 3, arbitrary: action },
    waits,
    fc
      .tuple(fc.array(fc.record({ when: rule, next: onwards }), { minLength: 1, maxLength: 3 }), fc.constant(below))
      .map(([paths, otherwise]) => ({ branch: { paths, otherwise } })),
    fc.tuple(fc.integer({ min: 1, max: 99 }), onwards).map(([share, next]) => ({
      split: [
        { share, next: below },
        { share: 100 - share, next },
      ],
    })),
  );
};

const flowSteps = fc.integer({ min: 1, max: 12 }).chain((length) =>
  fc.tuple(
    ...Array.from({ length }, (_, n) =>
      fc.record({ do: stepAct(n, length), when: maybe(rule), useBy: maybe(duration) }).map((step): Source => {
        const steers = ['branch', 'split', 'exit', 'wait'].some((name) => name in step.do);
        return JSON.parse(JSON.stringify({ id: `s${n}`, ...step, when: steers ? undefined : step.when }));
      }),
    ),
  ),
);

const calendarSteps = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 730 }), action, time, maybe(rule)), { minLength: 1, maxLength: 10 })
  .map((steps) =>
    steps
      .sort(([a], [b]) => a - b)
      .map(
        ([daysAfter, act, at, when], n): Source =>
          JSON.parse(
            JSON.stringify({
              id: `s${n}`,
              at:
                'send' in act && act.send === 'letter'
                  ? { daysAfter, letterbox: { workingDays: 4 } }
                  : { daysAfter, time: at },
              do: act,
              when,
            }),
          ),
      ),
  );

const trigger = fc.constantFrom(
  { event: 'CustomerJoined' },
  { audience: 'over-sixty', on: 'enter' },
  { date: 'customer.birthOn', yearly: true },
  { once: { at: '2027-06-01T10:00', zone: 'Asia/Shanghai' } },
  { every: { rrule: 'FREQ=MONTHLY;BYDAY=1MO', from: '2027-01-01T10:00', zone: 'Europe/Madrid' } },
  { api: true },
);

/** A definition as a file holds it. */
export const randomDefinition: fc.Arbitrary<Source> = fc
  .record({
    trigger,
    class: fc.constantFrom('marketing', 'service'),
    rule,
    reEntry: fc.constantFrom('never', 'after-exit', 'per-term', 'concurrent'),
    priority: fc.integer({ min: 0, max: 100 }),
    useBy: duration,
    steps: fc.oneof(flowSteps, calendarSteps),
  })
  .map(({ rule: who, ...rest }) => ({
    formatVersion: 1,
    id: 'random',
    title: { 'zh-CN': '随机', en: 'Random' },
    subject: 'customer',
    audience: { rule: who },
    exits: ['deceased', { event: 'CustomerLeft' }],
    ...rest,
  }));
