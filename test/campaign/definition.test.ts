import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { pinDefinition } from '../../shared/campaign/definition.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { atomsOf, holds, type Rule, type RuleFacts } from '../../shared/campaign/rule.ts';
import { mailTemplates } from '../../shared/content/mail-templates.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';

const [renewal] = programmes;
interface StepDraft {
  [name: string]: unknown;
  id: unknown;
  at: unknown;
  do: Record<string, unknown>;
}
interface Draft {
  [name: string]: unknown;
  steps: [StepDraft, StepDraft, StepDraft, StepDraft, ...StepDraft[]];
}
const source = () => structuredClone(renewal?.definition) as unknown as Draft;

describe('the shipped programmes', () => {
  test('are the three of product.md C5', () => {
    const summary = programmes.map(({ definition: { id, class: sendClass, trigger, steps } }) => ({
      id,
      sendClass,
      trigger,
      steps: steps.map(({ id, at, do: act }) => [
        id,
        'daysBefore' in at ? 0 - at.daysBefore : at.daysAfter,
        'send' in act ? `${act.send} ${act.template}` : `task ${act.task}`,
      ]),
    }));
    expect(summary).toEqual([
      {
        id: 'renewal',
        sendClass: 'service',
        trigger: { date: 'policy.renewsOn' },
        steps: [
          ['m60', -60, 'email renewal-m60'],
          ['m30', -30, 'email renewal-m30'],
          ['offer-missing', -30, 'task offer-missing'],
          ['m14', -14, 'letter renewal-m14'],
          ['m07', -7, 'email renewal-m07'],
          ['m03', -3, 'task call'],
          ['d00', 0, 'email renewal-d00'],
        ],
      },
      {
        id: 'win-back',
        sendClass: 'marketing',
        trigger: { event: 'PolicyLapsed' },
        steps: [['p15', 15, 'email win-back']],
      },
      {
        id: 'renewal-survey',
        sendClass: 'service',
        trigger: { event: 'PolicyRenewed' },
        steps: [['p20', 20, 'email renewal-survey']],
      },
    ]);
  });

  test('name mail templates that exist', () => {
    const mails = programmes.flatMap(({ definition }) =>
      definition.steps.flatMap(({ do: act }) => ('send' in act && act.send === 'email' ? [act.template] : [])),
    );
    const known = new Set(mailTemplates.templates.map(({ name }) => name));
    expect(mails.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('checkDefinition', () => {
  const cases: readonly [string, (definition: Draft) => void, string][] = [
    ['an unknown property', (d) => void (d.stepz = []), ''],
    ['an unknown step property', (d) => void (d.steps[0].tiem = '10:00'), 'steps.0'],
    ['a time of day that is none', (d) => void (d.steps[0].at = { daysBefore: 60, time: '25:00' }), 'steps.0.at.time'],
    ['a use-by that is no duration', (d) => void (d.useBy = '3 days'), 'useBy'],
    ['the same step twice', (d) => void (d.steps[1].id = 'm60'), 'steps.1.id'],
    ['steps out of order', (d) => void d.steps.reverse(), 'steps.1.at'],
    ['a letter with a time of day', (d) => void (d.steps[3].at = { daysBefore: 14, time: '10:00' }), 'steps.3.at'],
    [
      'a mail with a day in the letterbox',
      (d) => void (d.steps[0].at = { daysBefore: 60, letterbox: { workingDays: 4 } }),
      'steps.0.at',
    ],
    ['a next channel that is not named', (d) => void (d.steps[0].late = 'next-channel'), 'steps.0.otherwise'],
    ['a template nobody has', (d) => void (d.steps[0].do.template = 'renewal-m61'), 'steps.0.do.template'],
    [
      'a line’s step that is not there',
      (d) => void (d.byLine = { life: { m61: { daysBefore: 75 } } }),
      'byLine.life.m61',
    ],
    [
      'a line’s difference where there is nothing to differ from',
      (d) => void (d.byLine = { life: { m14: { time: '10:00' } } }),
      'byLine.life.m14.time',
    ],
    [
      'steps before the event that begins the journey',
      (d) => void (d.trigger = { event: 'PolicyLapsed' }),
      'steps.0.at.daysBefore',
    ],
    ['a campaign that writes to the dead', (d) => void (d.exits = ['renewed']), 'steps.0.do.send'],
    ['a rule that asks nothing', (d) => void (d.steps[3].when = { any: [] }), 'steps.3.when.any'],
  ];
  const known = ['renewal-m60', 'renewal-m30', 'renewal-m14', 'renewal-m07', 'renewal-d00'];
  test.each(cases)('refuses %s, says where and what to do', (_, spoil, path) => {
    const definition = source();
    expect(checkDefinition(definition, known).kind).toBe('valid');
    spoil(definition);
    const outcome = checkDefinition(definition, known);
    expect(outcome.kind === 'invalid' && outcome.problems.map((problem) => problem.path)).toContain(path);
    expect(outcome.kind === 'invalid' && outcome.problems.every(({ message }) => message.length > 5)).toBe(true);
  });
});

describe('rules', () => {
  const facts: RuleFacts = { reacted: false, emailReachable: true, postReachable: false, offer: true };
  const cases: readonly [Rule, boolean][] = [
    [{ reacted: false }, true],
    [{ offer: false }, false],
    [{ all: [{ reacted: false }, { emailReachable: true }] }, true],
    [{ all: [{ reacted: false }, { postReachable: true }] }, false],
    [{ any: [{ reacted: true }, { offer: true }] }, true],
    [{ any: [{ reacted: true }, { offer: false }] }, false],
    [{ not: { any: [{ reacted: true }, { offer: false }] } }, true],
  ];
  test.each(cases)('%j is %s', (rule, wanted) => expect(holds(rule, facts)).toBe(wanted));

  test('say what they ask', () => {
    expect([...atomsOf({ not: { any: [{ reacted: true }, { all: [{ offer: false }, { reacted: true }] }] } })]).toEqual(
      ['reacted', 'offer'],
    );
  });
});

describe('pinned definitions', () => {
  test('F34: an enrolment finds the version it began with after the file was changed', async () => {
    const table = createMemoryTable();
    const old = programmes[0]!;
    await createDefinitions(table, programmes).keep(old);
    const changed = pinDefinition({ ...old.definition, useBy: 'P5D' });
    expect(changed.hash).not.toBe(old.hash);
    const later = createDefinitions(table, [changed]);
    expect((await later.get('renewal', old.hash)).useBy).toBe('P3D');
    expect((await later.get('renewal', changed.hash)).useBy).toBe('P5D');
    await expect(later.get('renewal', 'nobody')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('spaces and the order of properties do not make another version', () => {
    const reordered = Object.fromEntries(Object.entries(source()).reverse());
    const outcome = checkDefinition(reordered);
    expect(outcome.kind === 'valid' && pinDefinition(outcome.definition).hash).toBe(renewal?.hash);
  });
});
