import { describe, expect, test } from 'vitest';
import { checkSurvey } from '../../shared/survey/check-survey.ts';
import { both, everyKind, withQuestions } from './samples.ts';

const problemsOf = (raw: unknown): readonly string[] => {
  const checked = checkSurvey(raw);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ path, message }) => `${path}: ${message}`);
};

const choices = (...values: readonly (string | number)[]) =>
  values.map((value) => ({ value, text: both(String(value)) }));
const SCORE = { type: 'rating', name: 'score', title: both('How?'), rateMin: 0, rateMax: 10 };
const WHY = { type: 'radiogroup', name: 'why', title: both('Why?'), choices: choices('a', 'b') };
const TEXT = { type: 'comment', name: 'text', title: both('Tell us') };
const NPS = { score: { metric: 'nps', question: 'score' } };
const LOW = { atMost: 6, withinHours: 24, followUpAfterDays: 7 };
const STYLE = { question: 'why', fact: 'decision-style', askAgainAfterMonths: 12, styles: { a: 'relational' } };

const many = (count: number, of: (n: number) => unknown) => Array.from({ length: count }, (_, n) => of(n));
const question = (n: number) => ({ ...TEXT, name: `q${n}` });

test('a survey with every kind of question passes, and comes back read', () => {
  const checked = checkSurvey(everyKind);
  expect(checked).toMatchObject({
    kind: 'valid',
    file: { id: 'every-kind', form: { pages: [{ name: 'first' }, {}, {}] } },
  });
  expect(problemsOf(withQuestions([SCORE, WHY, TEXT], { ...NPS, low: LOW, facts: [STYLE] }))).toEqual([]);
});

describe('what cannot be used is refused, with the place and the remedy (S1)', () => {
  test.each<[string, unknown, RegExp]>([
    // shape
    ['no survey', null, /^: /],
    ['a later format', { ...withQuestions([TEXT]), formatVersion: 2 }, /^formatVersion: .*see surveys\/schema\.json/],
    ['an unknown property', { ...withQuestions([TEXT]), color: 'red' }, /^color: is not used here: remove it$/],
    ['no title in Chinese', { ...withQuestions([TEXT]), title: { en: 'x' } }, /^title\.zh-CN: /],
    [
      'a type that no page shows',
      withQuestions([{ type: 'file', name: 'x', title: both('x') }]),
      /^form\.pages\[0\]\.elements\[0\]\.type: is no question that a page shows: use rating, radiogroup/,
    ],
    [
      'HTML as an element',
      withQuestions([{ type: 'html', name: 'x', html: '<b>' }]),
      /elements\[0\]\.type: is no question/,
    ],
    ['a panel', withQuestions([{ type: 'panel', name: 'x', elements: [] }]), /elements\[0\]\.type: is no question/],
    [
      'triggers',
      { ...withQuestions([TEXT]), form: { triggers: [], pages: [{ name: 'p', elements: [TEXT] }] } },
      /^form\.triggers: is not used here: use visibleIf on pages and questions$/,
    ],
    [
      'questions outside of pages',
      { ...withQuestions([TEXT]), form: { elements: [TEXT] } },
      /^form\.elements: is not used here: put the questions into "pages"$/,
    ],
    [
      'calculated values',
      withQuestions([{ ...TEXT, setValueExpression: '1' }]),
      /elements\[0\]\.setValueExpression: is not used here: nothing is answered for the customer/,
    ],
    [
      'a default answer',
      withQuestions([{ ...WHY, defaultValue: 'a' }]),
      /elements\[0\]\.defaultValue: is not used here/,
    ],
    [
      'choices from the web',
      withQuestions([{ ...WHY, choicesByUrl: { url: 'https://x.example' } }]),
      /choicesByUrl: is not used here: list the choices$/,
    ],
    [
      'a regex',
      withQuestions([{ ...TEXT, validators: [{ type: 'regex', regex: '(a+)+$' }] }]),
      /validators\[0\]\.type: .*a regex may take for ever$/,
    ],
    ['a question without a title', withQuestions([{ type: 'comment', name: 'x' }]), /elements\[0\]\.title: is missing/],
    [
      'a language that is not ours',
      withQuestions([{ ...TEXT, title: { ...both('x'), de: 'x' } }]),
      /elements\[0\]\.title\.de: is not used here: remove it$/,
    ],
    ['no pages', { ...withQuestions([]), form: { pages: [] } }, /^form\.pages: /],
    ['an empty page', withQuestions([]), /^form\.pages\[0\]\.elements: /],
    ['a name with a dot', withQuestions([{ ...TEXT, name: 'a.b' }]), /elements\[0\]\.name: /],
    [
      'a value with markup',
      withQuestions([{ ...WHY, choices: [{ value: '<b>', text: both('x') }] }]),
      /choices\[0\]\.value: /,
    ],
    // sizes
    [
      'a text too long',
      withQuestions([{ ...TEXT, title: both('x'.repeat(501)) }]),
      /elements\[0\]\.title\.default: Too big/,
    ],
    [
      'too many choices',
      withQuestions([{ ...WHY, choices: many(51, (n) => ({ value: n, text: both('x') })) }]),
      /elements\[0\]\.choices: Too big/,
    ],
    [
      'too many questions',
      {
        ...withQuestions([TEXT]),
        form: { pages: many(2, (p) => ({ name: `p${p}`, elements: many(21, (n) => question(100 * p + n)) })) },
      },
      /^form\.pages: holds 42 questions: ask 40 at most$/,
    ],
    [
      'too much of all',
      withQuestions(
        many(40, (n) => ({
          ...WHY,
          name: `q${n}`,
          choices: many(50, (c) => ({ value: c, text: both('x'.repeat(60)) })),
        })),
      ),
      /^form: the survey has \d+ characters: shorten it to 100000$/,
    ],
    // texts
    [
      'English only',
      withQuestions([{ ...TEXT, title: 'Tell us' }]),
      /elements\[0\]\.title: has no Chinese text: write/,
    ],
    [
      'Chinese only',
      withQuestions([{ ...TEXT, title: { 'zh-cn': '请说' } }]),
      /elements\[0\]\.title: has no English text: add it as "default"/,
    ],
    ['a blank text', withQuestions([{ ...TEXT, title: both(' ') }]), /elements\[0\]\.title: has no English text/],
    [
      'a choice without text',
      withQuestions([{ ...WHY, choices: ['yes', 'no'] }]),
      /elements\[0\]\.choices\[0\]: has no text: write \{ "value": "yes"/,
    ],
    [
      'HTML in a text',
      withQuestions([{ ...TEXT, description: both('a <b>bold</b> word') }]),
      /elements\[0\]\.description: holds HTML/,
    ],
    [
      'an entity in a text',
      withQuestions([{ ...TEXT, placeholder: both('a&nbsp;b') }]),
      /elements\[0\]\.placeholder: holds HTML/,
    ],
    [
      'HTML as thanks',
      {
        ...withQuestions([TEXT]),
        form: { completedHtml: both('<h1>x</h1>'), pages: [{ name: 'p', elements: [TEXT] }] },
      },
      /^form\.completedHtml: holds HTML/,
    ],
    [
      'HTML in the survey title',
      { ...withQuestions([TEXT]), title: { en: '<i>x</i>', 'zh-CN': 'x' } },
      /^title\.en: holds HTML/,
    ],
    [
      'an answer put into a text',
      withQuestions([SCORE, { ...TEXT, title: both('Why {score}?') }]),
      /elements\[1\]\.title: holds braces/,
    ],
    [
      'Chinese twice',
      withQuestions([{ ...TEXT, title: { ...both('x'), 'zh-CN': '又' } }]),
      /elements\[0\]\.title: has Chinese twice/,
    ],
    // names
    ['a name twice', withQuestions([TEXT, { ...WHY, name: 'Text' }]), /elements\[1\]\.name: "Text" is used twice/],
    [
      'a page named as a question',
      { ...withQuestions([]), form: { pages: [{ name: 'Text', elements: [TEXT] }] } },
      /^form\.pages\[0\]\.name: "Text" is used twice/,
    ],
    [
      'a name of every object',
      withQuestions([{ ...TEXT, name: 'constructor' }]),
      /elements\[0\]\.name: "constructor" is reserved/,
    ],
    [
      'a name that words of others lie under',
      withQuestions([{ ...TEXT, name: 'why-Comment' }]),
      /elements\[0\]\.name: "why-Comment" is reserved/,
    ],
    [
      'a value twice',
      withQuestions([{ ...WHY, choices: choices('1', 1) }]),
      /elements\[0\]\.choices\[1\]: "1" is there twice/,
    ],
    [
      'a row of every object',
      withQuestions([
        { type: 'matrix', name: 'm', title: both('m'), columns: choices('a', 'b'), rows: choices('valueOf') },
      ]),
      /elements\[0\]\.rows\[0\]: "valueOf" is reserved/,
    ],
    [
      'other twice',
      withQuestions([{ ...WHY, showOtherItem: true, choices: choices('other', 'b') }]),
      /elements\[0\]\.choices\[0\]: "other" is reserved/,
    ],
    // conditions
    [
      'a condition that cannot be read',
      withQuestions([SCORE, { ...TEXT, visibleIf: '{score} >' }]),
      /elements\[1\]\.visibleIf: "\{score\} >" cannot be read/,
    ],
    [
      'a function',
      withQuestions([SCORE, { ...TEXT, visibleIf: 'today() > {score}' }]),
      /elements\[1\]\.visibleIf: calls a function/,
    ],
    [
      'an unknown question',
      withQuestions([SCORE, { ...TEXT, visibleIf: '{scores} > 1' }]),
      /elements\[1\]\.visibleIf: there is no question "scores"/,
    ],
    [
      'another case',
      withQuestions([SCORE, { ...TEXT, visibleIf: '{Score} > 1' }]),
      /elements\[1\]\.visibleIf: there is no question "Score"/,
    ],
    [
      'a later question',
      withQuestions([{ ...TEXT, visibleIf: '{score} > 1' }, SCORE]),
      /elements\[0\]\.visibleIf: "score" is asked later/,
    ],
    [
      'itself',
      withQuestions([{ ...TEXT, requiredIf: '{text} empty' }]),
      /elements\[0\]\.requiredIf: "text" is asked later/,
    ],
    [
      'a page by its own question',
      { ...withQuestions([]), form: { pages: [{ name: 'p', visibleIf: '{score} > 1', elements: [SCORE] }] } },
      /^form\.pages\[0\]\.visibleIf: "score" is asked later/,
    ],
    [
      'a choice by a later question',
      withQuestions([
        { ...WHY, choices: [...choices('a'), { value: 'b', text: both('b'), visibleIf: '{score} = 1' }] },
        SCORE,
      ]),
      /elements\[0\]\.choices\[1\]\.visibleIf: "score" is asked later/,
    ],
    [
      'a condition about nothing',
      withQuestions([{ ...TEXT, visibleIf: '1 = 1' }]),
      /elements\[0\]\.visibleIf: asks about no question/,
    ],
    [
      'what no scale reaches',
      withQuestions([SCORE, { ...TEXT, visibleIf: '{score} > 20' }]),
      /elements\[1\]\.visibleIf: .*never holds/,
    ],
    [
      'what contradicts itself',
      withQuestions([SCORE, { ...TEXT, visibleIf: '{score} > 8 and {score} < 3' }]),
      /elements\[1\]\.visibleIf: .*never holds/,
    ],
    [
      'a choice that there is not',
      withQuestions([WHY, { ...TEXT, visibleIf: "{why} = 'c'" }]),
      /elements\[1\]\.visibleIf: .*not among its choices/,
    ],
    [
      'a comparison of two kinds',
      withQuestions([SCORE, { ...TEXT, visibleIf: "{score} = 'a'" }]),
      /elements\[1\]\.visibleIf: .*numeric/,
    ],
    [
      'a branch of a branch that excludes it',
      withQuestions([
        SCORE,
        { ...WHY, visibleIf: '{score} <= 6' },
        { ...TEXT, visibleIf: "{why} = 'a' and {score} >= 9" },
      ]),
      /^form\.pages\[0\]\.elements\[2\]: no way of answering leads to "text"/,
    ],
    [
      'a choice that is gone by then',
      withQuestions([
        SCORE,
        { ...WHY, choices: [...choices('a'), { value: 'b', text: both('b'), visibleIf: '{score} < 3' }] },
        { ...TEXT, visibleIf: "{why} = 'b' and {score} >= 5" },
      ]),
      /^form\.pages\[0\]\.elements\[2\]: no way of answering leads to "text"/,
    ],
    // what refers to questions
    ['a score without a question', withQuestions([TEXT], NPS), /^score\.question: there is no question "score"/],
    [
      'a score that is no scale',
      withQuestions([{ ...TEXT, name: 'score' }], NPS),
      /^score\.question: "score" is no scale/,
    ],
    [
      'a scale of another length',
      withQuestions([{ ...SCORE, rateMin: 1 }], NPS),
      /^score\.question: "score" goes from 1 to 10, nps from 0 to 10: set rateMin 0 and rateMax 10$/,
    ],
    [
      'a score that is not asked first',
      withQuestions([TEXT, SCORE], NPS),
      /^score\.question: "score" is not what everybody is asked first/,
    ],
    [
      'a score that tells a fact',
      withQuestions([SCORE], { ...NPS, facts: [{ question: 'score', fact: 'mood', askAgainAfterMonths: 1 }] }),
      /^score\.question: "score" tells a fact and would be hidden/,
    ],
    ['low without a score', withQuestions([TEXT], { low: LOW }), /^low: there is no score to be low/],
    [
      'low off the scale',
      withQuestions([{ ...SCORE, rateMin: 1, rateMax: 5 }], { score: { metric: 'csat', question: 'score' }, low: LOW }),
      /^low\.atMost: 6 does not part low scores from others: use 1 to 4$/,
    ],
    [
      'a fact without a question',
      withQuestions([WHY], { facts: [{ ...STYLE, question: 'none' }] }),
      /^facts\[0\]\.question: there is no question "none"/,
    ],
    [
      'a fact of a long text',
      withQuestions([TEXT], { facts: [{ question: 'text', fact: 'word', askAgainAfterMonths: 1 }] }),
      /^facts\[0\]\.question: "text" is a long text/,
    ],
    [
      'two facts of one question',
      withQuestions([WHY], { facts: [STYLE, { question: 'why', fact: 'mood', askAgainAfterMonths: 1 }] }),
      /^facts\[1\]\.question: "why" tells a fact already/,
    ],
    [
      'satisfaction as a fact',
      withQuestions([WHY], { facts: [{ question: 'why', fact: 'satisfaction', askAgainAfterMonths: 1 }] }),
      /^facts\[0\]\.fact: "satisfaction" is learned from the score/,
    ],
    [
      'a style of no choice',
      withQuestions([WHY], { facts: [{ ...STYLE, styles: { c: 'mixed' } }] }),
      /^facts\[0\]\.styles\.c: "why" has no choice "c": use a, b$/,
    ],
    [
      'no styles',
      withQuestions([WHY], { facts: [{ question: 'why', fact: 'decision-style', askAgainAfterMonths: 1 }] }),
      /^facts\[0\]\.styles: is missing/,
    ],
    [
      'styles of another fact',
      withQuestions([WHY], { facts: [{ ...STYLE, fact: 'mood' }] }),
      /^facts\[0\]\.styles: belongs to the fact "decision-style" only/,
    ],
    [
      'styles of a multiple choice',
      withQuestions([{ ...WHY, type: 'checkbox' }], { facts: [STYLE] }),
      /^facts\[0\]\.question: "why" is no single choice/,
    ],
  ])('%s', (_name, raw, expected) => {
    const problems = problemsOf(raw);
    expect(
      problems.some((problem) => expected.test(problem)),
      problems.join('\n'),
    ).toBe(true);
  });

  test('says everything at once', () => {
    expect(
      problemsOf(
        withQuestions(
          [
            { ...TEXT, title: 'x' },
            { ...TEXT, name: 'text' },
          ],
          NPS,
        ),
      ),
    ).toHaveLength(3);
  });

  test('a question that only many combinations could exclude is let through, in time', () => {
    const wide = many(8, (n) => ({ type: 'rating', name: `s${n}`, title: both('?'), rateMin: 0, rateMax: 10 }));
    const text = { ...TEXT, visibleIf: many(8, (n) => `{s${n}} = 10`).join(' and ') };
    const start = performance.now();
    expect(problemsOf(withQuestions([...wide, text]))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
