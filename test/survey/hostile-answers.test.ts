import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createSurveyModels } from '../../shared/survey/survey-model.ts';
import { both, everyKind, surveyOf, withQuestions } from './samples.ts';

const models = createSurveyModels();
const model = models.of(surveyOf(everyKind));
const open = models.of(
  surveyOf(
    withQuestions([
      { type: 'comment', name: 'text', title: both('Anything?') },
      { type: 'checkbox', name: 'many', title: both('Which?'), choices: ['1', '2'] },
      { type: 'comment', name: 'more', title: both('More?'), visibleIf: "{text} contains 'x'" },
    ]),
  ),
);
const MEGABYTE = 1_048_576;
/** Far more than it takes on a busy machine; a rule that looks at everything twice for each would take minutes. */
const SOON = 4_000;

const soon = <Result>(work: () => Result): Result => {
  const start = performance.now();
  const result = work();
  expect(performance.now() - start).toBeLessThan(SOON);
  return result;
};

const parsed = (json: string): Record<string, unknown> => JSON.parse(json) as Record<string, unknown>;

describe('answers that no page of ours sends (S11, S21)', () => {
  test.each([
    ['names that no question has', { nps: 8, contact: 'phone', admin: true, 'nps-Comment': 'x', page: 'low' }],
    [
      'names of every object',
      parsed('{"nps":8,"contact":"phone","__proto__":{"why":"price"},"constructor":"x","toString":1}'),
    ],
    [
      'values that were not offered',
      { nps: 8, contact: 'phone', liked: ['zzz'], settled: 'maybe', steps: { report: 'good' } },
    ],
    ['lists for single choices', { nps: 8, contact: 'phone', settled: [true], word: ['a'], since: [[]] }],
    ['objects for texts', { nps: 8, contact: 'phone', word: { toString: 'x' }, cars: {}, liked: { a: 1 } }],
    ['nothing for anything', { nps: 8, contact: 'phone', word: null, cars: undefined, liked: null, steps: null }],
    ['blanks', { nps: 8, contact: 'phone', word: '   ', cars: ' ', liked: [''], since: '\n' }],
  ])('%s are as if they were not there', (_name, data) => {
    expect(model.check(data, 'en')).toEqual({
      kind: 'complete',
      values: { nps: 8, contact: 'phone' },
      score: 8,
      low: false,
    });
    expect(({} as Record<string, unknown>).why).toBeUndefined();
  });

  test.each([
    ['a score off the scale', { nps: 11 }],
    ['a score between two marks', { nps: 8.5 }],
    ['a score of another type', { nps: { valueOf: 8 } }],
    ['a score in other digits', { nps: '0x8' }],
    ['no object at all', [8] as unknown as Record<string, unknown>],
    ['a text', 'nps' as unknown as Record<string, unknown>],
    ['null', null as unknown as Record<string, unknown>],
  ])('%s is no score', (_name, data) => {
    const check = model.check(data, 'en');
    expect(check.kind === 'wrong' && check.errors.map(({ question }) => question)).toContain('nps');
    expect(() => model.view({ data, locale: 'en' })).not.toThrow();
  });

  test.each([
    ['HTML', '<img src=x onerror=alert(1)><script>1</script>'],
    ['a formula', '=cmd|"/c calc"!A1'],
    ['a name of a question', '{nps} {text} {#row} {$self.value}'],
    ['an expression', "' or 1=1 -- {nps} > 0"],
    ['emoji, marks and joins', '👩‍👩‍👧‍👦 \u202Eabc\u202C \u0301\u200D ﷽ \uFEFF'],
    ['lines and blanks around', '  \r\n\t a \r\n '],
    ['controls', 'a\u0000b\u001Bc\u007F'],
    ['half a character', '\uD83D'],
  ])('%s is kept as it was written, and shown as it is', (_name, text) => {
    const check = open.check({ text }, 'en');
    expect(check.kind === 'complete' && check.values.text).toBe(text);
    const [question] = open.view({ data: { text }, locale: 'en' }).pages[0]?.questions ?? [];
    expect(question?.value).toBe(text);
    expect(question?.title).toBe('Anything?');
  });

  test('a comment of 1 MB is kept whole (S24), a longer one refused in words', () => {
    const text = `${'长 x'.repeat(MEGABYTE / 4)}${'.'.repeat(MEGABYTE / 4)}`;
    expect(text).toHaveLength(MEGABYTE);
    const check = soon(() => open.check({ text, more: text }, 'en'));
    expect(check.kind === 'complete' && check.values.text === text && check.values.more === text).toBe(true);
    expect(soon(() => open.check({ text: 'y'.repeat(2 * MEGABYTE) }, 'zh-CN'))).toEqual({
      kind: 'wrong',
      errors: [{ question: 'text', message: '请不要超过 1100000 个字。' }],
    });
  });

  test('huge lists, deep objects and many names take no time', () => {
    const many = Array.from({ length: 100_000 }, (_, n) => String(n % 5));
    expect(soon(() => open.check({ many }, 'en'))).toMatchObject({ values: { many: ['1', '2'] } });
    let deep: unknown = 'end';
    for (let n = 0; n < 10_000; n += 1) deep = { a: deep };
    expect(soon(() => open.check({ many: deep, text: deep } as Record<string, unknown>, 'en'))).toEqual({
      kind: 'complete',
      values: {},
      low: false,
    });
    const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`q${n}`, n]));
    expect(soon(() => open.check(names, 'en'))).toMatchObject({ values: {} });
    const long = Array.from({ length: 50 }, () => 'x'.repeat(100_000));
    expect(soon(() => model.check({ ...CONTENT, liked: long, why: long[0] }, 'en'))).toMatchObject({ values: CONTENT });
  });

  test('an address that is none is told so in time, however long', () => {
    const mail = `${'a.'.repeat(500_000)}@`;
    const check = soon(() => model.check({ nps: 8, contact: 'mail', mail }, 'en'));
    expect(check.kind === 'wrong' && check.errors.map(({ question }) => question)).toEqual(['mail']);
  });

  test('whatever comes: no crash, only values that the questions know, and not a word of it in the log', () => {
    const logged = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error'), vi.spyOn(console, 'log')];
    const known = new Set([...model.outline('en').map(({ name }) => name), 'why-Comment']);
    const names = fc.constantFrom(...known, '__proto__', 'constructor', 'x');
    fc.assert(
      fc.property(fc.dictionary(names, fc.anything({ withNullPrototype: true })), (data) => {
        model.view({ data, locale: 'zh-CN' });
        const check = model.check(data, 'zh-CN');
        if (check.kind === 'complete') for (const name of Object.keys(check.values)) expect(known.has(name)).toBe(true);
      }),
      { numRuns: 150 },
    );
    for (const log of logged) expect(log).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

const CONTENT = { nps: 8, contact: 'phone' };
