import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { type CampaignDefinition, pinDefinition } from '../../shared/campaign/definition.ts';
import { programmes, shippedTemplates } from '../../shared/campaign/programmes.ts';
import { surveyUses } from '../../shared/campaign/survey-index.ts';
import { templateUses } from '../../shared/campaign/template-index.ts';
import { library } from '../../shared/survey/library.ts';
import { calendarSource } from './samples.ts';

const isAsking = (definition: CampaignDefinition) => surveyUses(definition).length > 0;
const shipped = (id: string) => programmes.find(({ definition }) => definition.id === id)!;

describe('the shipped programmes', () => {
  test('C5: renewal and win-back are live by default, as product.md has them', () => {
    const summary = programmes
      .filter(({ live, definition }) => live && !isAsking(definition) && !definition.requested)
      .map(({ definition: { id, class: sendClass, trigger, steps } }) => ({
        id,
        sendClass,
        trigger,
        steps: steps.map(({ id: step, at = { daysAfter: 0 }, do: act }) => [
          step,
          'daysBefore' in at ? 0 - at.daysBefore : at.daysAfter,
          'send' in act ? `${act.send} ${act.template}` : 'task' in act ? `task ${act.task}` : 'other',
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
    ]);
  });

  test('S3 C5: the surveys after a renewal, a claim and a low score are live; all ask once, remind once and end with the answer', () => {
    const asking = programmes.filter(({ definition }) => isAsking(definition));
    expect(asking.map(({ definition: { id, trigger }, live }) => [id, trigger, live])).toEqual([
      ['cancellation', { event: 'PolicyCancelled' }, false],
      ['claim-settled', { date: 'claim.settledOn' }, true],
      ['closed-loop', { event: 'TaskClosed', where: expect.anything() }, true],
      ['complaint-closed', { event: 'ComplaintClosed' }, false],
      ['onboarding', { date: 'policy.contractStartsOn' }, false],
      ['renewal-survey', { event: 'PolicyRenewed' }, true],
      ['service-call', { event: 'ServiceCallEnded' }, false],
    ]);
    for (const { definition } of asking) {
      const [survey, ...others] = new Set(surveyUses(definition).map((use) => use.survey));
      expect(others).toEqual([]);
      expect(definition.exits).toContainEqual({
        event: 'SurveyAnswered',
        where: { combinator: 'and', rules: [{ field: 'event.survey', operator: '=', value: survey }] },
      });
      expect(definition.steps.filter(({ do: act }) => 'send' in act && act.send === 'invite')).toHaveLength(2);
      expect(definition.steps.filter(({ do: act }) => 'send' in act && act.send === 'letter')).toHaveLength(1);
      expect(definition.steps.filter(({ do: act }) => 'task' in act).map(({ do: act }) => act)).toEqual([
        expect.objectContaining({ task: 'survey-call', survey }),
      ]);
    }
  });

  test('S4: a customer is asked again as long after a low score was seen to as its survey says', () => {
    const { steps } = shipped('closed-loop').definition;
    const waits = new Map(
      steps.flatMap(({ id, do: act }) => ('wait' in act && 'for' in act.wait ? [[id, act.wait.for] as const] : [])),
    );
    const fork = steps.flatMap(({ do: act }) => ('branch' in act ? [act.branch] : []))[0]!;
    for (const { id, file } of library) {
      if (file.low === undefined) continue;
      const path = fork.paths.find(({ when }) => JSON.stringify(when).includes(`"${id}"`));
      expect([id, waits.get(path?.next ?? fork.otherwise)]).toEqual([id, `P${file.low.followUpAfterDays}D`]);
    }
  });

  test('F34: each is pinned to the version of every survey that it asks', () => {
    for (const { definition, surveys } of programmes)
      for (const { survey } of surveyUses(definition))
        expect([survey, surveys[survey]]).toEqual([survey, library.find(({ id }) => id === survey)?.version]);
  });

  test('F34: each is pinned to the version of every template that it names', () => {
    for (const { definition, templates } of programmes) {
      const named = [...new Set(templateUses(definition).map(({ template }) => template))].sort();
      expect([definition.id, Object.keys(templates).sort()]).toEqual([definition.id, named]);
      for (const name of named) expect(templates[name]).toBe(shippedTemplates[name]?.version);
    }
  });

  test('exit when a policy is cancelled or its holder died', () => {
    const { exits } = shipped('renewal').definition;
    expect(exits).toEqual(expect.arrayContaining(['renewed', 'cancelled', 'deceased', 'not-renewing']));
  });
});

describe('the hash of a definition', () => {
  const pinned = (source: unknown, templates = shippedTemplates, surveys = {}) => {
    const outcome = checkDefinition(source);
    if (outcome.kind === 'invalid') throw new Error('not valid');
    return pinDefinition(outcome.definition, {
      templates: Object.fromEntries(Object.entries(templates).map(([name, { version }]) => [name, version])),
      surveys,
    }).hash;
  };
  const reordered = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reordered);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, part]) => [key, reordered(part)]),
    );
  };

  test('is of the content: spaces and the order of properties do not matter', () => {
    const source = {
      ...calendarSource(),
      byLine: { life: { m60: { daysBefore: 90 } }, motor: { m60: { time: '09:00' } } },
    };
    expect(pinned(reordered(source))).toBe(pinned(source));
    expect(pinned(JSON.parse(JSON.stringify(source, undefined, 8)))).toBe(pinned(source));
  });

  test('S14: changes with one byte of the definition, with a template, and with a survey', () => {
    const source = calendarSource();
    const before = pinned(source);
    source.title.en += ' ';
    expect(pinned(source)).not.toBe(before);
    expect(
      pinned(calendarSource(), {
        ...shippedTemplates,
        'renewal-m60': { ...shippedTemplates['renewal-m60']!, version: 'another' },
      }),
    ).not.toBe(before);
    expect(pinned(calendarSource(), shippedTemplates, { renewal: 'another' })).not.toBe(before);
  });
});
