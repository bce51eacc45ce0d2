import { describe, expect, test } from 'vitest';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { SurveyAnswer } from '../../shared/survey/answer.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import {
  type AnswerSurveyPorts,
  answerSurvey,
  followAnswer,
  type SurveyReply,
} from '../../shared/survey/answer-survey.ts';
import { surveyAnswered } from '../../shared/survey/contract.ts';
import { freeTextsOf } from '../../shared/survey/free-text.ts';
import { everyKind, onePage } from '../support/survey-pages.ts';
import { tableEngines } from '../support/tables.ts';

const NOW = Date.parse('2019-01-31T10:00:00Z') as Instant;
const answer = (changes: Partial<SurveyAnswer> = {}): SurveyAnswer => ({
  id: 'a1',
  at: NOW,
  invitationId: 'inv1',
  survey: 'one-page',
  version: 'v1',
  partyId: 'p1' as PartyId,
  facets: { scope: 'house', channel: 'email', locale: 'en' },
  given: 'page',
  values: { score: 9, comment: 'kind' },
  metric: 'nps',
  score: 9,
  low: false,
  ...changes,
});

describe.each(tableEngines)('answers over $name', (engine) => {
  const open = async () => {
    const [table, objects] = [await engine.make(), createMemoryObjects()];
    return { table, objects, answers: createSurveyAnswers(table, objects) };
  };

  test('F30: fifty at once: one is written, and it is the one that stays', async () => {
    const { answers } = await open();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async (_, n) =>
        (await answers.add(answer({ id: `a${n}`, score: n % 11 }))).kind === 'written' ? [n] : [],
      ),
    );
    expect(outcomes.flat()).toHaveLength(1);
    expect((await answers.get('inv1'))?.id).toBe(`a${outcomes.flat()[0]}`);
  });

  test('whole and by month, oldest first, as they were given', async () => {
    const { answers } = await open();
    expect(await answers.get('inv1')).toBeUndefined();
    const later = answer({ invitationId: 'inv2', at: (NOW + 1) as Instant, values: { nested: { a: ['x', 1, true] } } });
    for (const one of [later, answer(), answer({ invitationId: 'inv3', survey: 'other' })]) await answers.add(one);
    expect((await answers.ofSurvey('one-page', '2019-01')).answers).toEqual([answer(), later]);
    expect((await answers.ofSurvey('one-page', '2019-02')).answers).toEqual([]);
  });

  test('a draft: only over the version that was read; an answer closes it for good and empties it', async () => {
    const { answers } = await open();
    expect(await answers.partial('inv1')).toEqual({ values: {}, version: 0 });
    const save = (version: number, score: number) =>
      answers.savePartial('inv1', version, { values: { score }, page: 'two' }, NOW);
    expect((await save(0, 1)).kind).toBe('written');
    expect((await save(0, 2)).kind).toBe('refused');
    expect((await save(1, 3)).kind).toBe('written');
    expect((await answers.stateOf('inv1')).partial).toEqual({ values: { score: 3 }, page: 'two', version: 2 });
    await answers.add(answer());
    for (const version of [0, 1, 2, 3]) expect((await save(version, 4)).kind).toBe('refused');
    expect(await answers.stateOf('inv1')).toEqual({ answer: answer(), partial: { values: {}, version: 0 } });
  });

  test('a draft that comes between a cut-off answer and its closing is closed by whoever comes second', async () => {
    const { table, answers } = await open();
    await answers.savePartial('inv1', 0, { values: { comment: 'left over' } }, NOW);
    await answers.add(answer());
    // as if the process had died before it closed the draft
    await table.remove({ pk: 'I#inv1', sk: 'PART' });
    await answers.savePartial('inv1', 0, { values: { comment: 'left over' } }, NOW);
    expect((await answers.add(answer({ id: 'a2' }))).kind).toBe('refused');
    expect((await answers.partial('inv1')).values).toEqual({});
  });

  test.each([99_000, 100_000, 1_000_000])(
    'texts of %i characters come back as they went in, wherever they lie',
    async (length) => {
      const { objects, answers } = await open();
      const values = { comment: '\u0000👩‍👩‍👧\u202E'.repeat(length).slice(0, length), other: 'x'.repeat(50) };
      await answers.savePartial('inv1', 0, { values }, NOW);
      expect((await answers.partial('inv1')).values).toEqual(values);
      await answers.add(answer({ values }));
      expect((await answers.get('inv1'))?.values).toEqual(values);
      expect((await answers.ofSurvey('one-page', '2019-01')).answers[0]?.values).toEqual(values);
      // the same content is one object, below its invitation
      expect(objects.keys()).toHaveLength(1);
      expect(objects.keys()[0]).toMatch(/^answers\/inv1\/[a-z2-7]{26}\.json$/);
    },
  );
});

describe('what follows from an answer', () => {
  const reply: SurveyReply = {
    invitation: {
      partyId: 'p1' as PartyId,
      campaign: 'renewal-survey',
      occurrence: '2019',
      step: 'ask',
      survey: 'one-page',
      surveyVersion: onePage.version,
    },
    survey: onePage,
    values: { score: 3, comment: '=cmd() <b>' },
    score: 3,
    low: true,
    given: 'page',
    facets: { scope: 'house', channel: 'email', locale: 'en' },
    now: NOW,
  };

  /** The steps that can be cut off, in the order in which they are done. */
  const STEPS = ['expect', 'add', 'asked', 'learn', 'low', 'timeline', 'event', 'followed'] as const;

  const world = () => {
    const table = createMemoryTable();
    const [answers, timeline, bus] = [
      createSurveyAnswers(table, createMemoryObjects()),
      createTimeline(table),
      createMemoryBus(),
    ];
    const done: string[] = [];
    let cut: string | undefined;
    const step = async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
      if (cut === name) {
        cut = undefined;
        throw new EngagementError('throttled', 'cut off by the test', { retryable: true });
      }
      done.push(name);
      return act();
    };
    const ports: AnswerSurveyPorts = {
      answers: {
        get: answers.get,
        add: (one) => step('add', () => answers.add(one)),
        noteFollowed: (id) => step('followed', () => answers.noteFollowed(id)),
      },
      surveys: { load: async (_id, version) => (version === onePage.version ? onePage : undefined) },
      timeline: { record: (entry) => step('timeline', () => timeline.record(entry)) },
      bus: { publish: (events) => step('event', () => bus.publish(events)) },
      expect: () => step('expect', async () => {}),
      learn: () => step('learn', async () => {}),
      lowScore: () => step('low', async () => {}),
      asked: { noteAnswered: () => step('asked', async () => {}) },
    };
    return {
      ports,
      done,
      answers,
      timeline,
      bus,
      cutAt: (name: string) => {
        cut = name;
      },
    };
  };

  test('all of it is done in order, the event without a word of what was written', async () => {
    const { ports, done, bus, timeline } = world();
    expect((await answerSurvey(ports, reply)).kind).toBe('recorded');
    expect(done).toEqual([...STEPS]);
    expect(surveyAnswered.parse(bus.events[0]?.detail)).toMatchObject({
      survey: 'one-page',
      score: 3,
      low: true,
      hasComment: true,
      given: 'page',
    });
    expect(JSON.stringify(bus.events)).not.toContain('cmd');
    const [row] = (await timeline.list('p1' as PartyId)).entries;
    expect(row).toMatchObject({
      kind: 'reaction',
      campaign: 'renewal-survey',
      step: 'ask',
      details: { page: 'survey', score: 3, text: '=cmd() <b>' },
    });
  });

  test.each(STEPS)('F30: cut off at %s, the next press does the rest; nothing is there twice', async (name) => {
    const { ports, bus, timeline, answers, cutAt } = world();
    cutAt(name);
    await expect(answerSurvey(ports, reply)).rejects.toThrow();
    const second = await answerSurvey(ports, {
      ...reply,
      values: { score: 10 },
      score: 10,
      low: false,
      now: (NOW + 60_000) as Instant,
    });
    const first = name === 'expect' || name === 'add';
    expect(second.kind).toBe(first ? 'recorded' : 'answered');
    const kept = await answers.get(second.answer.invitationId);
    expect(kept?.score).toBe(first ? 10 : 3);
    expect((await timeline.list('p1' as PartyId)).entries).toHaveLength(1);
    expect(new Set(bus.events.map(({ detail }) => JSON.stringify(detail))).size).toBe(1);
    expect(surveyAnswered.parse(bus.events[0]?.detail).score).toBe(kept?.score);
  });

  test('entered by staff, it says by whom and from what', async () => {
    const { ports, answers, timeline } = world();
    const outcome = await answerSurvey(ports, { ...reply, given: 'reply-slip', enteredBy: 'clerk-1' });
    expect(await answers.get(outcome.answer.invitationId)).toMatchObject({ given: 'reply-slip', enteredBy: 'clerk-1' });
    const [row] = (await timeline.list('p1' as PartyId)).entries;
    expect(row?.details).toMatchObject({ given: 'reply-slip', enteredBy: 'clerk-1' });
  });

  test('an answer whose survey is gone is kept, and nothing breaks', async () => {
    const { ports, done } = world();
    await followAnswer(ports, answer({ version: 'gone' }));
    expect(done).toEqual([]);
  });
});

describe('free texts of an answer', () => {
  test('are those of questions that are answered by writing, and of other choices, in the order of the form', () => {
    const values = {
      praise: 'Ms Li',
      hobby: 'chess',
      why: 'slow',
      score: 3,
      channel: 'other',
      'channel-Comment': 'pigeon',
      unknown: 'x',
      good: ['fast'],
    };
    expect(freeTextsOf(everyKind.file, values)).toEqual([
      { question: 'why', text: 'slow' },
      { question: 'channel', text: 'pigeon' },
      { question: 'hobby', text: 'chess' },
      { question: 'praise', text: 'Ms Li' },
    ]);
  });
});
