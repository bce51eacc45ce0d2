import { describe, expect, test } from 'vitest';
import { createSurveyModels, type SurveyCheck, type SurveyModel } from '../../shared/survey/survey-model.ts';
import { both, everyKind, surveyOf, withQuestions } from './samples.ts';

const models = createSurveyModels();
const model: SurveyModel = models.of(surveyOf(everyKind));
/** All that must be said by somebody who is content. */
const CONTENT = { nps: 8, contact: 'phone' };

const seen = (data: Record<string, unknown>, knownFacts: string[] = []): string[] =>
  model.view({ data, locale: 'en', knownFacts }).pages.flatMap(({ questions }) => questions.map(({ name }) => name));

const valuesOf = (check: SurveyCheck) => (check.kind === 'complete' ? check.values : check.errors);
const errorsOf = (data: Record<string, unknown>, locale = 'en'): Record<string, string> => {
  const check = model.check(data, locale);
  return check.kind === 'wrong'
    ? Object.fromEntries(check.errors.map(({ question, message }) => [question, message]))
    : {};
};

describe('the form as it stands (S1)', () => {
  const REST = ['liked', 'settled', 'contact', 'cars', 'since', 'word', 'locked'];
  test.each([
    ['nothing answered', {}, ['nps', ...REST]],
    ['a low score', { nps: 3 }, ['nps', 'why', ...REST]],
    ['a low score as a form sends it', { nps: '3' }, ['nps', 'why', ...REST]],
    ['and its reason', { nps: 3, why: 'service' }, ['nps', 'why', 'detail', ...REST]],
    ['the reason of a branch that was left', { nps: 8, why: 'service' }, ['nps', ...REST]],
    ['a high score', { nps: 9 }, ['nps', 'liked', 'steps', ...REST.slice(1)]],
    [
      'a way to be reached',
      { ...CONTENT, contact: 'mail' },
      ['nps', 'liked', 'settled', 'contact', 'mail', 'cars', 'since', 'word', 'locked'],
    ],
  ])('%s', (_name, data, expected) => {
    expect(seen(data)).toEqual(expected);
  });

  test('a page without questions is not there', () => {
    expect(model.view({ data: { nps: 8 }, locale: 'en' }).pages.map(({ name }) => name)).toEqual(['first', 'rest']);
    expect(model.view({ data: { nps: 1 }, locale: 'en' }).pages.map(({ name }) => name)).toEqual([
      'first',
      'low',
      'rest',
    ]);
  });

  test('a known fact is not asked for, nor what depends on it, and nothing is missing then (S4)', () => {
    expect(seen({ nps: 8, contact: 'mail' }, ['preferred-contact'])).not.toContain('contact');
    expect(seen({ nps: 8, contact: 'mail' }, ['preferred-contact'])).not.toContain('mail');
    expect(model.check({ nps: 8, contact: 'mail' }, 'en', ['preferred-contact'])).toEqual({
      kind: 'complete',
      values: { nps: 8 },
      score: 8,
      low: false,
    });
  });

  test('choices follow their conditions', () => {
    const choices = (nps: number) =>
      model.view({ data: { nps }, locale: 'en' }).pages[1]?.questions[0]?.choices?.map(({ value }) => value);
    expect(choices(5)).toEqual(['price', 'service', 'other']);
    expect(choices(2)).toEqual(['price', 'service', 'furious', 'other']);
  });

  test.each(['zh-CN', 'zh-cn', 'zh-Hans-CN', 'zh'])('Chinese by %s', (locale) => {
    const view = model.view({ data: { nps: 5 }, locale });
    expect(view.title).toBe('每一种');
    expect(view.pages[0]?.questions[0]).toMatchObject({
      title: '中How likely?',
      lowest: '中Never',
      highest: '中Surely',
    });
    expect(view.pages[1]?.title).toBe('中What went wrong');
    expect(view.pages[1]?.questions[0]?.choices?.at(-1)).toEqual({
      value: 'other',
      text: '其他（请说明）',
      other: true,
    });
  });

  test.each(['en', 'en-GB', 'de', ''])('English by "%s"', (locale) => {
    const view = model.view({ data: { nps: 5 }, locale });
    expect(view.pages[0]?.questions[0]?.title).toBe('How likely?');
  });

  test('shows again what was said, as texts', () => {
    const data = {
      nps: 9,
      liked: ['b', 7],
      steps: { pay: 'bad' },
      settled: true,
      cars: 'two',
      word: 'a\u0000b',
    };
    const questions = model.view({ data, locale: 'en' }).pages.flatMap((page) => page.questions);
    expect(Object.fromEntries(questions.map(({ name, value }) => [name, value]))).toMatchObject({
      nps: '9',
      liked: ['b', '7'],
      steps: { pay: 'bad' },
      settled: 'true',
      cars: 'two',
      word: 'a\u0000b',
    });
  });

  test('the outline holds every question and every choice, whatever was answered', () => {
    model.view({ data: { nps: 9 }, locale: 'en' });
    const outline = model.outline('zh-CN');
    expect(outline.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'nps scale',
      'why single',
      'detail long-text',
      'liked multiple',
      'steps matrix',
      'settled single',
      'contact single',
      'mail text',
      'cars text',
      'since text',
      'word text',
      'locked text',
    ]);
    expect(outline[1]?.choices?.map(({ value }) => value)).toEqual(['price', 'service', 'furious', 'other']);
    expect(outline[5]?.choices).toEqual([
      { value: 'true', text: '是' },
      { value: 'false', text: '否' },
    ]);
    expect(outline.every(({ value }) => value === undefined)).toBe(true);
  });
});

describe('answers as a whole (S1)', () => {
  test.each([
    ['as typed', { ...CONTENT, settled: false, cars: 2, since: '2024-02-29' }],
    ['as a form sends them', { nps: '8', contact: 'phone', settled: 'false', cars: '2', since: '2024-02-29' }],
    [
      'full width, as a Chinese keyboard writes',
      { nps: '8', contact: 'phone', settled: 'false', cars: ' ２ ', since: '2024-02-29' },
    ],
  ])('%s they are the same', (_name, data) => {
    expect(model.check(data, 'en')).toEqual({
      kind: 'complete',
      values: { nps: 8, settled: false, contact: 'phone', cars: 2, since: '2024-02-29' },
      score: 8,
      low: false,
    });
  });

  test.each([
    [6, true],
    [7, false],
  ])('score %i is low: %s', (nps, low) => {
    expect(model.check({ nps, why: 'price', contact: 'phone' }, 'en')).toMatchObject({
      kind: 'complete',
      score: nps,
      low,
    });
  });

  test('what cannot be seen is dropped, and what only depends on it, too', () => {
    const data = { ...CONTENT, why: 'service', detail: 'gone', steps: { report: 'good' }, mail: 'x' };
    expect(valuesOf(model.check(data, 'en'))).toEqual(CONTENT);
  });

  test('a choice that was offered for another score is not an answer', () => {
    const data = { contact: 'phone', why: 'furious' };
    expect(errorsOf({ ...data, nps: 5 })).toEqual({ why: 'Please answer this question.' });
    expect(model.check({ ...data, nps: 2 }, 'en').kind).toBe('complete');
  });

  test('words beside the other choice choose it, and need it', () => {
    const data = { nps: 5, contact: 'phone' };
    expect(valuesOf(model.check({ ...data, 'why-Comment': ' 吃饭 ' }, 'en'))).toEqual({
      nps: 5,
      why: 'other',
      'why-Comment': ' 吃饭 ',
      contact: 'phone',
    });
    expect(errorsOf({ ...data, why: 'other' })).toEqual({ why: 'Please tell us what “other” means.' });
    expect(valuesOf(model.check({ ...data, why: 'price', 'why-Comment': 'x' }, 'en'))).toEqual({
      ...data,
      why: 'price',
    });
  });

  test.each([
    ['required', {}, 'nps', 'Please answer this question.', '请回答这个问题。'],
    [
      'requiredIf',
      { nps: 0, why: 'service', contact: 'phone' },
      'detail',
      'Please answer this question.',
      '请回答这个问题。',
    ],
    [
      'each row',
      { ...CONTENT, nps: 9, steps: { pay: 'bad' } },
      'steps',
      'Please choose one answer in every row.',
      '请为每一行各选一项。',
    ],
    [
      'e-mail',
      { ...CONTENT, contact: 'mail', mail: 'nobody' },
      'mail',
      'Please enter an e-mail address such as name@example.com.',
      '请填写正确的电子邮箱，例如 name@example.com。',
    ],
    ['no number', { ...CONTENT, cars: 'two' }, 'cars', 'Please enter a number.', '请填写数字。'],
    ['too small', { ...CONTENT, cars: -1 }, 'cars', 'Please enter a number of at least 0.', '请填写不小于 0 的数字。'],
    ['too large', { ...CONTENT, cars: '10' }, 'cars', 'Please enter a number of at most 9.', '请填写不大于 9 的数字。'],
    [
      'no date',
      { ...CONTENT, since: '2023-02-29' },
      'since',
      'Please enter a date such as 2026-05-01.',
      '请填写正确的日期，例如 2026-05-01。',
    ],
    [
      'too long',
      { ...CONTENT, word: 'sixsix' },
      'word',
      'Please write no more than 5 characters.',
      '请不要超过 5 个字。',
    ],
    ['too many', { ...CONTENT, liked: ['a', 'b', 7] }, 'liked', 'Please choose no more than 2.', '最多只能选择 2 项。'],
    ['enabled and empty', { ...CONTENT, settled: true }, 'locked', 'Please answer this question.', '请回答这个问题。'],
  ])('%s is said in both languages', (_name, data, question, en, zh) => {
    expect(errorsOf(data)[question]).toBe(en);
    expect(errorsOf(data, 'zh-CN')[question]).toBe(zh);
  });

  test('a line break counts as one character, however a browser sends it', () => {
    expect(model.check({ ...CONTENT, word: 'a\r\nb\r\nc' }, 'en').kind).toBe('complete');
  });

  test('what is not enabled needs no answer and takes none', () => {
    expect(valuesOf(model.check({ ...CONTENT, settled: false, locked: 'x' }, 'en'))).toEqual({
      ...CONTENT,
      settled: false,
    });
  });
});

describe('models are kept', () => {
  test('one a version', () => {
    const other = surveyOf({ ...everyKind, repeatAfterDays: 90 });
    expect(models.of(surveyOf(everyKind))).toBe(model);
    expect(models.of(other)).not.toBe(model);
  });

  test('not without end', () => {
    const first = surveyOf(withQuestions([{ type: 'boolean', name: 'ok', title: both('Well?') }]));
    const few = createSurveyModels();
    const kept = few.of(first);
    for (let n = 1; n <= 64; n += 1) few.of({ ...first, version: `v${n}` });
    expect(few.of(first)).not.toBe(kept);
  });
});
