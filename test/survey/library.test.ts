import { describe, expect, test } from 'vitest';
import { checkSurvey } from '../../shared/survey/check-survey.ts';
import type { FormView, QuestionView } from '../../shared/survey/form-view.ts';
import { library } from '../../shared/survey/library.ts';
import { SCALES } from '../../shared/survey/survey.ts';
import { createSurveyModels, type SurveyModel } from '../../shared/survey/survey-model.ts';

const models = createSurveyModels();
const HAN = /\p{Script=Han}/u;

const textsOf = (view: FormView | readonly QuestionView[]): string[] => {
  const found: string[] = [];
  const walk = (node: unknown, key: string): void => {
    if (typeof node === 'string') {
      if (!['name', 'kind', 'value', 'inputType'].includes(key)) found.push(node);
    } else if (typeof node === 'object' && node !== null)
      for (const [name, part] of Object.entries(node)) walk(part, Array.isArray(node) ? key : name);
  };
  walk(view, '');
  return found;
};

const questionsOf = (model: SurveyModel, data: Record<string, unknown>): QuestionView[] =>
  model.view({ data, locale: 'en' }).pages.flatMap(({ questions }) => [...questions]);

/** Ways to answer a question: each single choice of few, and not at all where that is allowed. */
const waysOf = ({ kind, choices = [], rows = [], columns = [], required }: QuestionView): unknown[] => {
  const skip = required ? [] : [undefined];
  if (kind === 'scale' || kind === 'single') return [...skip, ...choices.map(({ value }) => value)];
  if (kind === 'multiple') return [...skip, [choices[0]?.value]];
  if (kind === 'matrix') return [...skip, Object.fromEntries(rows.map(({ name }) => [name, columns[0]?.value]))];
  return [...skip, 'words'];
};

/** Walks every way through a survey as a customer does, one question after the other. */
const walkAll = (
  model: SurveyModel,
  visit: (data: Record<string, unknown>, questions: QuestionView[]) => void,
): void => {
  const go = (data: Record<string, unknown>, at: number): void => {
    const questions = questionsOf(model, data);
    const question = questions[at];
    if (question === undefined) return visit(data, questions);
    // of texts and of what opens no branch one way is enough
    const ways = waysOf(question);
    const decides = ways.filter(
      (way, n) =>
        n === ways.length - 1 ||
        JSON.stringify(
          questionsOf(model, { ...data, [question.name]: way }).map(({ name, required }) => [name, required]),
        ) !==
          JSON.stringify(
            questionsOf(model, { ...data, [question.name]: ways[n + 1] }).map(({ name, required }) => [name, required]),
          ),
    );
    for (const way of decides) go(way === undefined ? data : { ...data, [question.name]: way }, at + 1);
  };
  go({}, 0);
};

test('the library holds what campaigns and staff ask for', () => {
  expect(library.map(({ id }) => id)).toEqual([
    'cancellation',
    'claim',
    'complaint',
    'decision-style',
    'onboarding',
    'renewal',
    'resolution',
    'service-call',
  ]);
});

describe.each(library.map((survey) => [survey.id, survey] as const))('%s (S1)', (_id, survey) => {
  const model = models.of(survey);

  test('passes the check', () => {
    expect(checkSurvey(survey.file)).toEqual({ kind: 'valid', file: survey.file });
  });

  test('is complete in both languages', () => {
    const [zh, en] = [model.outline('zh-CN'), model.outline('en')];
    for (const text of textsOf(zh)) if (/\p{L}/u.test(text)) expect(text).toMatch(HAN);
    for (const text of textsOf(en)) expect(text).not.toMatch(HAN);
    expect(model.view({ data: {}, locale: 'zh-CN' }).title).toMatch(HAN);
    expect(model.view({ data: {}, locale: 'zh-CN' }).thanks).toMatch(HAN);
    expect(model.view({ data: {}, locale: 'en' }).thanks).not.toMatch(HAN);
  });

  test('every way through it can be answered, reaches every question, and is short', () => {
    const reached = new Set<string>();
    let ways = 0;
    walkAll(model, (data, questions) => {
      ways += 1;
      for (const { name } of questions) reached.add(name);
      expect(questions.length).toBeLessThanOrEqual(5);
      expect(model.check(withWords(data), 'en').kind).toBe('complete');
    });
    expect([...reached].sort()).toEqual(
      model
        .outline('en')
        .map(({ name }) => name)
        .sort(),
    );
    expect(ways).toBeGreaterThan(0);
  });

  test('a low score is low, any other is not', () => {
    const { score, low } = survey.file;
    if (score === undefined) return;
    const [lowest, highest] = SCALES[score.metric];
    for (let value = lowest; value <= highest; value += 1) {
      const check = model.check(completed(model, { [score.question]: String(value) }), 'en');
      expect(check).toMatchObject({ kind: 'complete', score: value, low: low !== undefined && value <= low.atMost });
    }
  });
});

/** The words that go with the other choice. */
const withWords = (data: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) =>
      value === 'other'
        ? [
            [name, value],
            [`${name}-Comment`, 'words'],
          ]
        : [[name, value]],
    ),
  );

/** The data with the first choice of whatever else must be answered. */
const completed = (model: SurveyModel, data: Record<string, unknown>): Record<string, unknown> => {
  const missing = questionsOf(model, data).find(({ required, value }) => required && value === undefined);
  if (missing === undefined) return data;
  return completed(model, { ...data, [missing.name]: missing.choices?.[0]?.value });
};
