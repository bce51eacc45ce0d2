import fc from 'fast-check';
import { expect, test } from 'vitest';
import { library } from '../../shared/survey/library.ts';
import { createSurveyModels } from '../../shared/survey/survey-model.ts';
import { everyKind, surveyOf } from './samples.ts';

const survey = surveyOf(everyKind);

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 3 });

/** Answers of one customer, more or less sensible. */
const answers = fc.record(
  {
    nps: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom('3', '9', 'x', null)),
    why: fc.constantFrom('price', 'service', 'furious', 'other', 'gone'),
    'why-Comment': fc.string({ unit: 'grapheme', maxLength: 8 }),
    detail: fc.string({ unit: 'grapheme', maxLength: 20 }),
    liked: fc.array(fc.constantFrom('a', 'b', 7, '7', 'c'), { maxLength: 4 }),
    steps: fc.dictionary(fc.constantFrom('report', 'pay', 'none'), fc.constantFrom('good', 'bad', 'odd')),
    settled: fc.constantFrom(true, false, 'true', 'no'),
    contact: fc.constantFrom('phone', 'mail', 'pigeon'),
    mail: fc.constantFrom('a@b.example', 'nobody'),
    cars: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constant('two')),
    since: fc.constantFrom('2024-02-29', 'soon'),
    word: fc.string({ maxLength: 8 }),
    locked: fc.string({ maxLength: 4 }),
  },
  { requiredKeys: [] },
);

const visit = fc.record({
  data: answers,
  locale: fc.constantFrom('zh-CN', 'en'),
  knownFacts: fc.constantFrom<string[]>([], ['preferred-contact']),
  what: fc.constantFrom('view', 'check', 'outline'),
  other: maybe(fc.nat({ max: library.length - 1 })),
});
type Visit = { data: object; locale: string; knownFacts: string[]; what: string; other: number | undefined };

const look = (
  models: ReturnType<typeof createSurveyModels>,
  { data, locale, knownFacts, what, other }: Visit,
): unknown => {
  const model = models.of(other === undefined ? survey : (library[other] ?? survey));
  if (what === 'outline') return model.outline(locale);
  const given = data as Record<string, unknown>;
  return what === 'view' ? model.view({ data: given, locale, knownFacts }) : model.check(given, locale, knownFacts);
};

test('no answer of one customer leaks into the view of another: a warm model answers as a new one would', () => {
  const warm = createSurveyModels();
  fc.assert(
    fc.property(fc.array(visit, { minLength: 2, maxLength: 6 }), (visits) => {
      for (const one of visits) {
        const before = structuredClone(one.data);
        expect(look(warm, one)).toEqual(look(createSurveyModels(), one));
        expect(one.data, 'what was given stays as it is').toEqual(before);
      }
    }),
    { numRuns: 60 },
  );
});

test('after a failure within, the next customer finds a clean model', () => {
  const warm = createSurveyModels();
  const model = warm.of(survey);
  const bomb = new Proxy({ nps: 2, why: 'other', 'why-Comment': 'secret' } as Record<string, unknown>, {
    get: (target, name) => {
      if (name === 'detail') throw new TypeError('not to be read');
      return target[name as string];
    },
    getOwnPropertyDescriptor: (target, name) =>
      name === 'detail'
        ? { configurable: true, enumerable: true, value: 1 }
        : Object.getOwnPropertyDescriptor(target, name),
  });
  expect(() => model.view({ data: bomb, locale: 'en' })).toThrow('not to be read');
  expect(JSON.stringify(model.view({ data: {}, locale: 'en' }))).toBe(
    JSON.stringify(createSurveyModels().of(survey).view({ data: {}, locale: 'en' })),
  );
});
