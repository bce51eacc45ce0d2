import { describe, expect, test } from 'vitest';
import type { RuleSubject } from '../../shared/audience/rule-subject.ts';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { evaluateStep } from '../../shared/journey/evaluate-step.ts';
import { planSteps } from '../../shared/journey/schedule.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createWorld, day, instant, MADRID } from './world.ts';

const DAY = 86_400_000;
/** What the rules of these tests ask. */
interface Known {
  readonly reacted: boolean;
  readonly emailReachable: boolean;
  readonly offer: boolean;
}
const facts: Known = { reacted: false, emailReachable: true, offer: true };

const subjectOf = ({ reacted, emailReachable, offer }: Known, now: Instant): RuleSubject => ({
  now,
  today: day('2018-11-16'),
  journey: { reacted, failed: [], enteredOn: day('2018-10-01') },
  reach: { email: emailReachable, post: true, sms: false },
  policy: { hasOffer: offer } as never,
});
const is = (field: string, value: boolean) => ({ field, operator: '=', value });
const all = (...rules: object[]) => ({ combinator: 'and', rules });

const planOf = (step: object) => {
  const renewal = programmes.find(({ definition: { id } }) => id === 'renewal');
  const outcome = checkDefinition({ ...renewal?.definition, steps: [step], byLine: {} });
  if (outcome.kind === 'invalid') throw new Error(JSON.stringify(outcome.problems));
  const { definition } = outcome;
  const templates = Object.fromEntries(
    definition.steps.flatMap(({ do: act, otherwise }) => [
      ...('send' in act ? [[act.template, `${act.template}-v1`]] : []),
      ...('relay' in act ? [[act.relay.template, `${act.relay.template}-v1`]] : []),
      ...(otherwise ? [[otherwise.template, `${otherwise.template}-v1`]] : []),
    ]),
  );
  const pinned = { hash: 'hash', definition, templates, surveys: {} };
  const letterDueIn = () => () => 0 as Instant;
  const [planned] = planSteps({ definition, line: 'motor', anchorOn: day('2019-01-15'), zone: MADRID, letterDueIn });
  if (!planned) throw new Error('no step');
  return { pinned, planned };
};

const enrolment: Enrolment = {
  partyId: 'ana' as never,
  campaign: 'renewal',
  definition: 'hash',
  policyId: 'p' as never,
  occurrence: '2018-01-15',
  anchorOn: day('2019-01-15'),
  zone: MADRID,
  line: 'motor',
  contactRule: 'direct',
  scope: 'head',
  state: 'active',
  next: { step: 'm60', at: instant('2018-11-16T09:00:00Z') },
  done: [],
  enteredAt: instant('2018-10-01T00:00:00Z'),
  version: 1,
};
const mail = { id: 'm60', at: { daysBefore: 60, time: '10:00' }, do: { send: 'email', template: 'renewal-m60' } };

/** What the step comes to so many days after it was due. */
const after = (step: object, days: number, change: Partial<Enrolment> = {}, known: Partial<Known> = {}) => {
  const { pinned, planned } = planOf(step);
  const now = (planned.at + days * DAY) as Instant;
  const subject = subjectOf({ ...facts, ...known }, now);
  return evaluateStep({ ...enrolment, ...change }, pinned, planned, subject, now).map((effect) => {
    switch (effect.kind) {
      case 'order':
        return `order ${effect.order.channel} ${effect.order.template} until ${new Date(effect.order.useBy).toISOString().slice(0, 10)}`;
      case 'skip':
        return `skip ${effect.reason}`;
      case 'task':
        return `task ${effect.task.kind} on ${effect.task.dueOn}`;
      case 'list':
        return `list ${effect.row.broker}`;
      case 'trait':
        return `trait ${effect.trait} ${effect.value}`;
      case 'event':
        return `event ${effect.event.detailType} ${JSON.stringify(effect.event.detail.properties)} hop ${effect.event.detail.hops}`;
      case 'webhook':
        return `webhook ${effect.call.endpoint}`;
    }
  });
};

describe('evaluateStep', () => {
  test.each([
    ['on time', mail, 0, ['order email renewal-m60 until 2018-11-19']],
    ['within its use-by', mail, 3, ['order email renewal-m60 until 2018-11-19']],
    ['beyond its use-by', mail, 3.01, ['skip too-late']],
    ['late: drop, within the hour', { ...mail, late: 'drop' }, 0.04, ['order email renewal-m60 until 2018-11-16']],
    ['late: drop, after it', { ...mail, late: 'drop' }, 0.05, ['skip too-late']],
    [
      'late: next-channel',
      { ...mail, late: 'next-channel', otherwise: { send: 'letter', template: 'renewal-m14' } },
      4,
      ['order post renewal-m14 until 2018-11-23'],
    ],
    ['a step’s own use-by', { ...mail, useBy: 'P10D' }, 9, ['order email renewal-m60 until 2018-11-26']],
  ])('F14: %s', (_, step, days, wanted) => expect(after(step, days)).toEqual(wanted));

  test.each([
    ['intermediary', { contactRule: 'intermediary', intermediary: 'B7' }, ['list B7', 'skip through-intermediary']],
    ['intermediary without a name', { contactRule: 'intermediary' }, ['list unknown', 'skip through-intermediary']],
    [
      'copy-to-intermediary',
      { contactRule: 'copy-to-intermediary', intermediary: 'B7' },
      ['order email renewal-m60 until 2018-11-19', 'list B7'],
    ],
  ] as const)('contact rule %s', (_, change, wanted) => expect(after(mail, 0, change)).toEqual(wanted));

  const call = {
    id: 'm03',
    at: { daysBefore: 3, time: '10:00' },
    when: all(is('journey.reacted', false)),
    do: { task: 'call', reason: 'x' },
  };
  const offer = { ...call, when: all(is('policy.hasOffer', false)), do: { task: 'offer-missing', reason: 'x' } };
  test.each([
    ['a call', call, {}, {}, ['task call on 2019-01-12']],
    ['a call after a reaction', call, {}, { reacted: true }, ['skip already-reacted']],
    [
      'a call through the broker',
      call,
      { contactRule: 'intermediary' },
      {},
      ['list unknown', 'skip through-intermediary'],
    ],
    ['a missing offer', offer, {}, { offer: false }, ['task offer-missing on 2019-01-12']],
    [
      'a missing offer of a broker’s policy',
      offer,
      { contactRule: 'intermediary' },
      { offer: false },
      ['task offer-missing on 2019-01-12'],
    ],
    ['an offer that is there: internal work leaves no trace', offer, {}, {}, []],
  ] as const)('%s', (_, step, change, known, wanted) => expect(after(step, 0, change, known)).toEqual(wanted));

  test('a condition that a reaction alone does not explain is told as such', () => {
    const step = { ...mail, when: all(is('journey.reacted', false), is('policy.hasOffer', true)) };
    expect(after(step, 0, {}, { reacted: true })).toEqual(['skip already-reacted']);
    expect(after(step, 0, {}, { reacted: true, offer: false })).toEqual(['skip condition-not-met']);
    expect(after(step, 0, {}, { offer: false })).toEqual(['skip condition-not-met']);
  });
});

describe('F14: an outage', () => {
  const setUp = async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [['2018-01-15', '2019-01-15']] });
    await world.advance('2018-11-15T00:00:00Z');
    return world;
  };

  test('within the use-by: sent when it is over', async () => {
    const world = await setUp();
    world.outage('2018-11-18T12:00:00Z');
    await world.advance('2018-11-25T00:00:00Z');
    expect(world.sends()).toEqual(['2018-11-18 email m60']);
    expect(world.seen[0]?.order.dueAt).toBe(instant('2018-11-16T09:00:00Z'));
  });

  test('of five weeks: what is too old is told as too late, what is not goes out, in order', async () => {
    const world = await setUp();
    world.outage('2018-12-18T12:00:00Z');
    await world.advance('2018-12-27T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-18 email m30', '2018-12-26 post m14']);
    expect(await world.history('ana')).toContain('message renewal m60 skipped too-late');
    expect(await world.openTasks()).toEqual(['2018-12-18 offer-missing no-offer']);
  });
});
