import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkDefinition, type Known } from '../../shared/campaign/check-definition.ts';
import { shippedIndex } from '../../shared/campaign/programmes.ts';
import { calendarSource, flowSource, houseTemplates, type Source } from './samples.ts';

const known: Known = {
  templates: houseTemplates,
  surveys: { renewal: { version: 'v1' }, nps: { version: 'v1' } },
  audiences: {
    'over-sixty': { combinator: 'and', rules: [{ field: 'customer.age', operator: '>', value: 60 }] },
    ill: { combinator: 'and', rules: [{ field: 'situations', operator: 'contains', value: 'bereavement' }] },
  },
  lists: ['guests'],
};
const problemsOf = (source: Source) => {
  const outcome = checkDefinition(source, known);
  return outcome.kind === 'valid' ? [] : outcome.problems;
};
const asks = (field: string, operator: string, value: unknown) => ({
  combinator: 'and',
  rules: [{ field, operator, value }],
});

/** What is spoilt, where it must be named, and a word of the remedy. */
type Case = readonly [what: string, spoil: (definition: Source) => void, path: string, remedy: string];

const calendarCases: readonly Case[] = [
  ['an unknown property', (d) => void (d.stepz = []), 'stepz', 'did you mean steps'],
  ['an unknown step property', (d) => void (d.steps[0].tmplate = 'x'), 'steps.0.tmplate', 'known are'],
  [
    'an unknown property inside a choice',
    (d) => void (d.steps[0].do.tempate = 'x'),
    'steps.0.do.tempate',
    'did you mean template',
  ],
  ['an unknown property of the audience', (d) => void (d.audience.line = ['life']), 'audience.line', 'lines'],
  ['a missing property', (d) => void delete d.useBy, 'useBy', 'missing'],
  ['a word that is none of a list', (d) => void (d.class = 'servce'), 'class', 'did you mean service'],
  ['a time of day that is none', (d) => void (d.steps[0].at.time = '25:00'), 'steps.0.at.time', '25:00'],
  ['a use-by that is no duration', (d) => void (d.useBy = '3 days'), 'useBy', 'P3D'],
  ['a use-by of nothing', (d) => void (d.useBy = 'PT0S'), 'useBy', 'P3D'],
  ['a day beyond two years', (d) => void (d.steps[0].at.daysBefore = 731), 'steps.0.at.daysBefore', '730'],
  ['the same step twice', (d) => void (d.steps[1].id = 'm60'), 'steps.1.id', 'rename'],
  ['steps out of order', (d) => void d.steps.reverse(), 'steps.1.at', 'order'],
  ['a step without a day', (d) => void delete d.steps[2].at, 'steps.2.at', 'all steps or to none'],
  ['a wait in a calendar', (d) => void (d.steps[2].do = { wait: { for: 'P1D' } }), 'steps.2.do', 'flow'],
  ['a next in a calendar', (d) => void (d.steps[2].next = 'd00'), 'steps.2.next', '"next"'],
  [
    'a letter with a time of day',
    (d) => void (d.steps[3].at = { daysBefore: 14, time: '10:00' }),
    'steps.3.at',
    'letterbox',
  ],
  [
    'a mail with a day in the letterbox',
    (d) => void (d.steps[0].at = { daysBefore: 60, letterbox: { workingDays: 4 } }),
    'steps.0.at',
    '"time"',
  ],
  ['a next channel that is not named', (d) => void (d.steps[0].late = 'next-channel'), 'steps.0.otherwise', 'together'],
  [
    'another channel for a task',
    (d) =>
      void Object.assign(d.steps[2], { late: 'next-channel', otherwise: { send: 'email', template: 'renewal-m30' } }),
    'steps.2.otherwise',
    'message',
  ],
  [
    'a template nobody has',
    (d) => void (d.steps[0].do.template = 'renewal-m61'),
    'steps.0.do.template',
    'did you mean renewal-m60',
  ],
  [
    'a letter’s template in a mail',
    (d) => void (d.steps[0].do.template = 'renewal-m14'),
    'steps.0.do.template',
    'letter',
  ],
  ['a template of another class', (d) => void (d.steps[0].do.template = 'reminder'), 'steps.0.do.template', 'classes'],
  [
    'a template without a language',
    (d) => void (d.steps[0].do.template = 'only-english'),
    'steps.0.do.template',
    'zh-CN',
  ],
  [
    'an offer block in a service step',
    (d) => void (d.steps[0].do.template = 'special'),
    'steps.0.do.template',
    'offer',
  ],
  [
    'an offer block in the other channel',
    (d) => void Object.assign(d.steps[0], { late: 'next-channel', otherwise: { send: 'email', template: 'special' } }),
    'steps.0.otherwise.template',
    'offer',
  ],
  ['an invite without a survey', (d) => void (d.steps[0].do.send = 'invite'), 'steps.0.do.survey', 'survey'],
  ['a survey in a mail', (d) => void (d.steps[0].do.survey = 'renewal'), 'steps.0.do.survey', 'invite'],
  [
    'a call for a survey that names none',
    (d) => void (d.steps[2].do = { task: 'survey-call', reason: 'ask' }),
    'steps.2.do.survey',
    'survey',
  ],
  [
    'a survey in another task',
    (d) => void (d.steps[2].do = { task: 'call', reason: 'ask', survey: 'renewal' }),
    'steps.2.do.survey',
    'take "survey" out',
  ],
  [
    'a survey that is not there',
    (d) => void (d.steps[0].do = { send: 'invite', template: 'renewal-m60', survey: 'renewel' }),
    'steps.0.do.survey',
    'did you mean renewal',
  ],
  [
    'a survey about several policies at once',
    (d) => void (d.steps[0].do = { send: 'invite', template: 'renewal-m60', survey: 'renewal' }),
    'merge',
    'take "merge" out',
  ],
  [
    'a mail that leads to a survey and asks none',
    (d) => void (d.steps[0].do.template = 'asking'),
    'steps.0.do.template',
    'leads to a survey',
  ],
  ['offers as a topic of service', (d) => void (d.topic = 'offers'), 'topic', '"class": "marketing"'],
  [
    'a topic of what the law asks for',
    (d) => void Object.assign(d, { class: 'statutory', topic: 'advice' }),
    'topic',
    'take "topic" out',
  ],
  ['what nobody asked for', (d) => void (d.requested = true), 'requested', 'AddressGiven or PreferenceLinkAsked'],
  [
    'advertising that somebody asked for',
    (d) => void Object.assign(d, { requested: true, class: 'marketing' }),
    'requested',
    '"class": "service"',
  ],
  [
    'a line’s step that is not there',
    (d) => void (d.byLine = { life: { m61: { daysBefore: 75 } } }),
    'byLine.life.m61',
    'm60',
  ],
  [
    'a line’s difference where there is nothing to differ from',
    (d) => void (d.byLine = { life: { m14: { time: '10:00' } } }),
    'byLine.life.m14.time',
    '"at"',
  ],
  ['steps before the event', (d) => void (d.trigger = { event: 'PolicyPaid' }), 'steps.0.at.daysBefore', 'daysAfter'],
  ['a campaign that writes to the dead', (d) => void d.exits.splice(3, 1), 'exits', 'deceased'],
  [
    'a statutory message that may be dropped',
    (d) => {
      d.class = 'statutory';
      d.steps[0].late = 'drop';
    },
    'steps.0.late',
    'never dropped',
  ],
  [
    'a field that is not there',
    (d) => void (d.steps[2].when.rules[0].field = 'policy.hasOfer'),
    'steps.2.when.rules.0.field',
    'policy.hasOffer',
  ],
  [
    'an operator that is not there',
    (d) => void (d.steps[2].when.rules[0].operator = 'is'),
    'steps.2.when.rules.0.operator',
    '=',
  ],
  [
    'a value of another type',
    (d) => void (d.steps[2].when.rules[0].value = 'maybe'),
    'steps.2.when.rules.0.value',
    'true or false',
  ],
  [
    'what an event said, where none begins it',
    (d) => void (d.steps[2].when = asks('event.amount', '>', 3)),
    'steps.2.when.rules.0.field',
    'no event',
  ],
  [
    'what happens in a journey, asked on entering',
    (d) => void (d.audience.rule = asks('journey.reacted', '=', true)),
    'audience.rule.rules.0.field',
    'steps',
  ],
  [
    'a failed step that is not there',
    (d) => void (d.steps[2].when = asks('journey.failed', 'contains', 'm61')),
    'steps.2.when.rules.0.value',
    'm60',
  ],
  [
    'a birthday of a policy',
    (d) => void (d.trigger = { date: 'customer.birthOn', yearly: true }),
    'trigger.date',
    '"subject": "customer"',
  ],
  ['a renewal date each year', (d) => void (d.trigger.yearly = true), 'trigger.yearly', 'by itself'],
  [
    'policies of a customer’s journey',
    (d) => void (d.subject = 'customer'),
    'audience.contactRules',
    '"subject": "policy"',
  ],
  ['merging without policies', (d) => void (d.subject = 'customer'), 'merge', '"subject": "policy"'],
  [
    'lines without policies',
    (d) => void Object.assign(d, { subject: 'customer', byLine: { life: {} } }),
    'byLine',
    'line',
  ],
  ['the end of a policy for a customer', (d) => void (d.subject = 'customer'), 'exits.0', 'take it out'],
  ['a policy’s field for a customer', (d) => void (d.subject = 'customer'), 'steps.2.when.rules.0.field', 'policies'],
  ['merging for longer than is remembered', (d) => void (d.merge.within = 'P32D'), 'merge.within', 'P31D'],
];

const flowCases: readonly Case[] = [
  ['a step with a day', (d) => void (d.steps[1].at = { daysAfter: 3, time: '10:00' }), 'steps.1.at', 'none'],
  ['a next that is not there', (d) => void (d.steps[4].next = 'anser'), 'steps.4.next', 'did you mean answer'],
  [
    'a failure branch that is not there',
    (d) => void (d.steps[0].onFailure = 'cal'),
    'steps.0.onFailure',
    'did you mean call',
  ],
  [
    'a path that is not there',
    (d) => void (d.steps[2].do.branch.paths[0].next = 'x'),
    'steps.2.do.branch.paths.0.next',
    'known are',
  ],
  [
    'an otherwise that is not there',
    (d) => void (d.steps[6].do.wait.otherwise = 'x'),
    'steps.6.do.wait.otherwise',
    'known are',
  ],
  [
    'a share that leads nowhere',
    (d) => void (d.steps[3].do.split[1].next = 'x'),
    'steps.3.do.split.1.next',
    'known are',
  ],
  ['shares that are not 100', (d) => void (d.steps[3].do.split[0].share = 39), 'steps.3.do.split', '99'],
  ['a step that nothing leads to', (d) => void (d.steps[3].do = { exit: 'test-over' }), 'steps.4', 'remind'],
  ['a circle without a wait', (d) => void (d.steps[9].next = 'hello'), 'steps.9.next', 'call → hello'],
  ['a step that follows itself', (d) => void (d.steps[9].next = 'call'), 'steps.9.next', 'wait'],
  [
    'a circle whose only wait is for a day that will be past',
    (d) => {
      d.steps[1].do = { wait: { until: { date: 'customer.birthOn', days: 3, time: '10:00' } } };
      d.steps[2].do.branch.otherwise = 'hello';
      d.steps = d.steps.filter(({ id }: Source) => ['hello', 'pause', 'fork', 'thanks', 'call'].includes(id));
    },
    'steps.2.do.branch.otherwise',
    'without waiting',
  ],
  [
    'a circle whose only wait may be passed over',
    (d) => {
      d.steps[1].when = asks('journey.reacted', '=', false);
      d.steps[2].do.branch.paths[0].next = 'hello';
      d.steps[5].next = 'thanks';
    },
    'steps.2.do.branch.paths.0.next',
    'without waiting',
  ],
  ['a wait beyond two years', (d) => void (d.steps[1].do.wait.for = 'P2Y1D'), 'steps.1.do.wait.for', 'P2Y'],
  ['a wait of no time', (d) => void (d.steps[1].do.wait.for = 'P0D'), 'steps.1.do.wait.for', 'P3D'],
  ['a wait that goes back', (d) => void (d.steps[1].do.wait.for = '-P3D'), 'steps.1.do.wait.for', 'P3D'],
  [
    'an event waited for beyond two years',
    (d) => void (d.steps[6].do.wait.upTo = 'P25M'),
    'steps.6.do.wait.upTo',
    'P2Y',
  ],
  [
    'a rule before a branch',
    (d) => void (d.steps[2].when = asks('journey.reacted', '=', true)),
    'steps.2.when',
    'path',
  ],
  ['a next after a branch', (d) => void (d.steps[2].next = 'call'), 'steps.2.next', '"next"'],
  ['a failure branch of a task', (d) => void (d.steps[9].onFailure = 'hello'), 'steps.9.onFailure', 'message'],
  [
    'a mail’s template in a text',
    (d) => void (d.steps[5].do.relay.template = 'wish'),
    'steps.5.do.relay.template',
    'text',
  ],
  [
    'a policy’s day for a customer',
    (d) => void (d.steps[1].do.wait = { until: { date: 'policy.renewsOn', days: 0, time: '10:00' } }),
    'steps.1.do.wait.until.date',
    'policy',
  ],
  [
    'a claim’s day where there is no claim',
    (d) => void (d.steps[1].do.wait = { until: { date: 'claim.settledOn', days: 0, time: '10:00' } }),
    'steps.1.do.wait.until.date',
    'claim',
  ],
  [
    'an event that begins the same journey',
    (d) => void (d.steps[7].do = { emit: { event: 'CustomerJoined' } }),
    'steps.7.do.emit.event',
    'begins',
  ],
  ['an exit by what begins it', (d) => void (d.exits[1].event = 'CustomerJoined'), 'exits.1', 'at once'],
  [
    'an exit that begins it by another name',
    (d) =>
      void Object.assign(d, { subject: 'policy', trigger: { event: 'PolicyLapsed' }, exits: ['lapsed', 'deceased'] }),
    'exits.0',
    'at once',
  ],
  ['an exit by what a step waits for', (d) => void (d.exits[1].event = 'FormSent'), 'exits.1', 'waits for'],
  [
    'two exits that contradict: =, !=',
    (d) => void d.exits.push({ when: asks('customer.country', '=', 'CN') }),
    'exits.3.when',
    'exits.2',
  ],
  [
    'two exits that contradict: not',
    (d) => void d.exits.push({ when: { ...d.exits[2].when, not: true } }),
    'exits.3.when',
    'exits.2',
  ],
  [
    'two exits that contradict: yes and no',
    (d) =>
      void d.exits.push(
        { when: asks('customer.hasEmail', '=', true) },
        { when: asks('customer.hasEmail', '=', false) },
      ),
    'exits.4.when',
    'exits.3',
  ],
  [
    'two exits that contradict: groups',
    (d) => void d.exits.push({ when: { combinator: 'or', not: true, rules: [asks('customer.country', '!=', 'CN')] } }),
    'exits.3.when',
    'exits.2',
  ],
  [
    'an exit that always holds',
    (d) => void d.exits.push({ when: { combinator: 'and', rules: [] } }),
    'exits.3.when',
    'always',
  ],
  ['an exit that the audience fits', (d) => void (d.exits[2].when = d.audience.rule), 'exits.2.when', 'audience'],
  ['the same exit twice', (d) => void d.exits.push('deceased'), 'exits.3', 'twice'],
  [
    'a sensitive audience without its consent',
    (d) => void (d.audience.rule = asks('situations', 'contains', 'bereavement')),
    'audience.rule.rules.0.field',
    'consent',
  ],
  [
    'a sensitive audience beside a consent that need not hold',
    (d) =>
      void (d.audience.rule = {
        combinator: 'or',
        rules: [d.audience.rule, asks('situations', 'contains', 'bereavement')],
      }),
    'audience.rule.rules.1.rules.0.field',
    'consent',
  ],
  ['a sensitive saved audience', (d) => void (d.audience = { saved: 'ill' }), 'audience.saved', 'consent'],
  [
    'a sensitive branch without consent',
    (d) =>
      void Object.assign(d, {
        audience: {},
        steps: [{ id: 'a', when: asks('customer.largePrint', '=', true), do: { send: 'email', template: 'wish' } }],
      }),
    'steps.0.when.rules.0.field',
    'consent',
  ],
  [
    'a filter on what is no property',
    (d) => void (d.trigger.where = asks('customer.country', '=', 'CN')),
    'trigger.where.rules.0.field',
    'event.',
  ],
  ['a saved audience that is not there', (d) => void (d.audience.saved = 'over-sixti'), 'audience.saved', 'over-sixty'],
  ['a list that is not there', (d) => void (d.audience.exclude = ['gests']), 'audience.exclude.0', 'guests'],
  [
    'an audience to enter that is not there',
    (d) => void (d.trigger = { audience: 'under-sixty', on: 'enter' }),
    'trigger.audience',
    'over-sixty',
  ],
  [
    'a day that does not exist',
    (d) => void (d.trigger = { once: { at: '2027-02-30T10:00', zone: 'Asia/Shanghai' } }),
    'trigger.once.at',
    '2027-02-30',
  ],
  [
    'a zone that does not exist',
    (d) => void (d.trigger = { once: { at: '2027-02-20T10:00', zone: 'Asia/Shangai' } }),
    'trigger.once.zone',
    'IANA',
  ],
  [
    'a rule of no calendar',
    (d) =>
      void (d.trigger = {
        every: { rrule: 'FREQ=MONTHLY;BYMONTHDAY=32', from: '2027-01-01T10:00', zone: 'Asia/Shanghai' },
      }),
    'trigger.every.rrule',
    '32',
  ],
  [
    'a rule that never comes',
    (d) =>
      void (d.trigger = {
        every: { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', from: '2027-01-01T10:00', zone: 'Asia/Shanghai' },
      }),
    'trigger.every.rrule',
    'never comes',
  ],
  [
    'a first day that does not exist',
    (d) => void (d.trigger = { every: { rrule: 'FREQ=DAILY', from: '2027-02-30T10:00', zone: 'Asia/Shanghai' } }),
    'trigger.every.from',
    '2027-02-30',
  ],
  [
    'everyone without saying so',
    (d) =>
      void Object.assign(d, { trigger: { once: { at: '2027-02-20T10:00', zone: 'Asia/Shanghai' } }, audience: {} }),
    'audience',
    'everyone',
  ],
  [
    'what an event said, where the API begins it',
    (d) => void Object.assign(d, { trigger: { api: true }, audience: { rule: asks('event.channel', '=', 'x') } }),
    'audience.rule.rules.0.field',
    'no event',
  ],
  [
    'a birthday that comes once',
    (d) => void (d.trigger = { date: 'customer.birthOn' }),
    'trigger.yearly',
    '"yearly": true',
  ],
];

describe.each([
  ['a calendar journey', calendarSource, calendarCases],
  ['a flow', flowSource, flowCases],
] as const)('checking %s', (_, source, cases) => {
  test('takes the whole of it', () => expect(problemsOf(source())).toEqual([]));

  test.each(cases)('refuses %s, names it and what to do', (__, spoil, path, remedy) => {
    const definition = source();
    spoil(definition);
    const found = problemsOf(definition);
    expect(found.map((problem) => problem.path)).toContain(path);
    expect(
      found
        .filter((problem) => problem.path === path)
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(remedy);
  });
});

test('every file under campaigns/ holds against the shipped templates and the field catalogue', () => {
  for (const file of readdirSync('campaigns').filter((name) => name.endsWith('.json') && name !== 'schema.json')) {
    const outcome = checkDefinition(JSON.parse(readFileSync(`campaigns/${file}`, 'utf8')), {
      ...shippedIndex,
    });
    expect([file, outcome.kind === 'valid' ? [] : outcome.problems]).toEqual([file, []]);
  }
});

test.each([null, 3, 'x', [], {}, { steps: null }])('%j is refused, not a fault', (source) => {
  expect(checkDefinition(source, known).kind).toBe('invalid');
});
