import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTraits } from '../../shared/customer/traits-store.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { DAY, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import type { SurveyAnswer } from '../../shared/survey/answer.ts';
import {
  DECISION_STYLE,
  type Evidence,
  HALF_LIFE_DAYS,
  knownFacts,
  learnFrom,
  SATISFACTION,
  satisfactionFrom,
  satisfactionOf,
  styleOf,
  traitsFrom,
} from '../../shared/survey/evidence.ts';
import { createEvidence } from '../../shared/survey/evidence-store.ts';
import { learnFromAnswer } from '../../shared/survey/learn-from-answer.ts';
import { decisionStyles, metrics, type Survey, surveyFileSchema } from '../../shared/survey/survey.ts';
import { tableEngines } from '../support/tables.ts';

const NOW = parseInstant('2026-11-22T02:00:00Z') as Instant;
const ZONE = 'Asia/Shanghai' as ZoneId;
const ana = 'ana' as PartyId;
const motor = 'motor' as PolicyId;
const before = (days: number): Instant => (NOW - days * DAY) as Instant;

const surveyOf = (facts: readonly object[], score = true): Survey => ({
  id: 'service',
  version: 'v1',
  savedAt: NOW,
  savedBy: 'perennial',
  file: surveyFileSchema.parse({
    formatVersion: 1,
    id: 'service',
    title: { 'zh-CN': '服务', en: 'Service' },
    ...(score ? { score: { metric: 'nps', question: 'recommend' } } : {}),
    repeatAfterDays: 90,
    facts,
    form: { pages: [{ name: 'p', elements: [{ type: 'comment', name: 'comment', title: 'Why?' }] }] },
  }),
});

const STYLES = { price: 'transactional', advice: 'service-professional', trust: 'relational' };
const styleFact = (question: string, months = 12) => ({
  question,
  fact: DECISION_STYLE,
  askAgainAfterMonths: months,
  styles: STYLES,
});

const answerOf = (change: Partial<SurveyAnswer> = {}): SurveyAnswer => ({
  id: 'answer1',
  invitationId: 'invitation1',
  survey: 'service',
  version: 'v1',
  partyId: ana,
  at: NOW,
  given: 'page',
  values: {},
  low: false,
  facets: { scope: 'house', channel: 'email', locale: 'en' },
  ...change,
});

const evidenceOf = (
  fact: string,
  value: Evidence['value'],
  days: number,
  change: Partial<Evidence> = {},
): Evidence => ({
  partyId: ana,
  fact,
  id: `e${days}-${value}`,
  at: before(days),
  source: 'survey:service',
  value,
  ...change,
});
const satisfied = (value: number, days: number, change: Partial<Evidence> = {}) =>
  evidenceOf(SATISFACTION, value, days, change);
const styled = (value: string, days: number, change: Partial<Evidence> = {}) =>
  evidenceOf(DECISION_STYLE, value, days, change);

describe('S4: what an answer teaches', () => {
  test.each([
    ['nps', 0, 0],
    ['nps', 6, 60],
    ['nps', 10, 100],
    ['csat', 1, 0],
    ['csat', 3, 50],
    ['csat', 5, 100],
    ['ces', 1, 0],
    ['ces', 4, 50],
    ['ces', 7, 100],
    // a scale never leaves its ends, whoever calls
    ['csat', 9, 100],
    ['ces', 0, 0],
  ] as const)('%s %i is satisfaction %i', (metric, score, value) => {
    expect(satisfactionFrom(metric, score)).toBe(value);
  });

  test('its score, for the policy it is about, with where it came from', () => {
    const answer = answerOf({ metric: 'nps', score: 3, policyId: motor, enteredBy: 'user-1' });
    expect(learnFrom(answer, surveyOf([]))).toEqual([
      {
        partyId: ana,
        policyId: motor,
        fact: 'satisfaction',
        id: 'answer1',
        at: NOW,
        source: 'survey:service',
        value: 30,
        metric: 'nps',
        score: 3,
        by: 'user-1',
      },
    ]);
    expect(learnFrom(answerOf(), surveyOf([]))).toEqual([]);
  });

  test.each<[string, unknown, string[]]>([
    ['one choice', 'price', ['transactional']],
    ['several choices', ['trust', 'advice'], ['relational', 'service-professional']],
    ['a choice that speaks for none', 'other', []],
    ['nothing', undefined, []],
    ['a name of every object', 'constructor', []],
  ])('decision style: %s', (_, given, styles) => {
    const values = given === undefined ? {} : { how: given };
    const learnt = learnFrom(answerOf({ values }), surveyOf([styleFact('how')]));
    expect(learnt.map(({ value }) => value)).toEqual(styles);
    expect(new Set(learnt.map(({ id }) => id)).size).toBe(styles.length);
  });

  test.each<[string, unknown, unknown]>([
    ['a choice', 'tram', 'tram'],
    ['a number', 3, 3],
    ['yes or no', false, false],
    ['several choices, in one order whichever was ticked first', ['tram', 'bike'], 'bike,tram'],
    ['prose is no fact', 'x'.repeat(61), undefined],
    ['a matrix is no fact', { row: 'column' }, undefined],
    ['nothing ticked', [], undefined],
    ['empty', '', undefined],
    ['no number', Number.NaN, undefined],
  ])('own facts: %s', (_, given, value) => {
    const survey = surveyOf([{ question: 'way', fact: 'commute', askAgainAfterMonths: 6 }]);
    const learnt = learnFrom(answerOf({ values: { way: given } }), survey);
    expect(learnt.map((one) => one.value)).toEqual(value === undefined ? [] : [value]);
  });
});

describe('S4: satisfaction', () => {
  const { satisfaction: half } = HALF_LIFE_DAYS;
  test.each<[string, Evidence[], number | undefined]>([
    ['nothing is known', [], undefined],
    ['what was said once stands', [satisfied(30, 400)], 30],
    ['two of one age: the mean', [satisfied(0, 5, { id: 'a' }), satisfied(50, 5, { id: 'b' })], 25],
    ['one half-life older counts half', [satisfied(90, 0), satisfied(0, half)], 60],
    ['two half-lives: a quarter', [satisfied(100, 0), satisfied(0, 2 * half)], 80],
    ['what is not yet said does not count', [satisfied(30, 10), satisfied(100, -1)], 30],
    ['another fact does not count', [satisfied(30, 10), styled('mixed', 1)], 30],
  ])('%s', (_, evidence, value) => {
    expect(satisfactionOf(evidence, NOW)?.value).toBe(value);
  });

  test('by policy, and all that it rests on, the newest first', () => {
    const evidence = [satisfied(10, 90, { policyId: motor }), satisfied(90, 2), satisfied(70, 30, { policyId: motor })];
    const about = satisfactionOf(evidence, NOW, motor);
    expect(about?.because.map(({ evidence: { value }, ageDays }) => [value, ageDays])).toEqual([
      [70, 30],
      [10, 90],
    ]);
    expect(about?.because[0]?.weight).toBe(1);
    expect(satisfactionOf(evidence, NOW, 'other' as PolicyId)).toBeUndefined();
  });
});

describe('S4: decision style', () => {
  const { 'decision-style': half } = HALF_LIFE_DAYS;
  test.each<[string, Evidence[], string | undefined]>([
    ['nothing is known', [], undefined],
    ['one word', [styled('relational', 900)], 'relational'],
    ['more than half', [styled('relational', 0), styled('relational', 1), styled('transactional', 0)], 'relational'],
    ['an even split is mixed', [styled('relational', 3), styled('transactional', 3)], 'mixed'],
    ['the latest outweighs what is much older', [styled('relational', 0), styled('transactional', half)], 'relational'],
    [
      'three old against one new: seven twelfths are the new one’s by half-lives of two',
      [styled('relational', 0), ...[1, 2, 3].map((n) => styled('transactional', 2 * half, { id: `${n}` }))],
      'relational',
    ],
    ['what a manager saw on a visit counts as well', [styled('mixed', 1, { source: 'visit', by: 'user-1' })], 'mixed'],
  ])('%s', (_, evidence, style) => {
    expect(styleOf(evidence, NOW)?.value).toBe(style);
  });
});

describe('S3, S4: what need not be asked again', () => {
  const survey = surveyOf([styleFact('how', 12), { question: 'way', fact: 'commute', askAgainAfterMonths: 1 }]);
  const at = (text: string) => ({ at: parseInstant(text) as Instant });
  test.each<[string, Evidence[], string[]]>([
    ['nothing is known', [], []],
    ['both are', [styled('mixed', 200), evidenceOf('commute', 'bike', 20)], ['decision-style', 'commute']],
    ['one is too old', [styled('mixed', 200), evidenceOf('commute', 'bike', 40)], ['decision-style']],
    [
      'calendar months in the customer’s zone: 22 October at ten is over',
      [evidenceOf('commute', 'bike', 0, at('2026-10-22T02:00:00Z'))],
      [],
    ],
    ['… and a minute later is not', [evidenceOf('commute', 'bike', 0, at('2026-10-22T02:01:00Z'))], ['commute']],
    [
      'the latest of several counts',
      [evidenceOf('commute', 'bike', 40), evidenceOf('commute', 'tram', 3)],
      ['commute'],
    ],
  ])('%s', (_, evidence, known) => {
    expect(knownFacts(evidence, survey, NOW, ZONE)).toEqual(known);
  });

  test('two questions for one fact: known while the stricter of the two says so', () => {
    const both = surveyOf([styleFact('how', 12), styleFact('why', 3)]);
    expect(knownFacts([styled('mixed', 80)], both, NOW, ZONE)).toEqual(['decision-style']);
    expect(knownFacts([styled('mixed', 100)], both, NOW, ZONE)).toEqual([]);
  });
});

const arbitraryEvidence = fc.array(
  fc.record({
    fact: fc.constantFrom(SATISFACTION, DECISION_STYLE, 'commute'),
    days: fc.integer({ min: 0, max: 4_000 }),
    score: fc.integer({ min: 0, max: 100 }),
    style: fc.constantFrom(...decisionStyles),
    id: fc.uuid(),
  }),
  { minLength: 1, maxLength: 12 },
);
const toEvidence = (drawn: readonly { fact: string; days: number; score: number; style: string; id: string }[]) =>
  drawn.map(({ fact, days, score, style, id }) =>
    evidenceOf(fact, fact === SATISFACTION ? score : style, days, { id }),
  );

describe('properties', () => {
  test('no order of arrival, and no repetition by name, changes what is concluded', () => {
    fc.assert(
      fc.property(arbitraryEvidence, fc.integer(), (drawn, seed) => {
        const evidence = toEvidence(drawn);
        const shuffled = evidence.toSorted((a, b) => ((a.at * 31 + seed) % 97) - ((b.at * 31 + seed) % 97));
        expect(traitsFrom(shuffled, NOW)).toEqual(traitsFrom(evidence, NOW));
        expect(traitsFrom(evidence.toReversed(), NOW)).toEqual(traitsFrom(evidence, NOW));
      }),
    );
  });

  test('time alone changes nothing: a trait that was noted stays right until something is learnt', () => {
    fc.assert(
      fc.property(arbitraryEvidence, fc.integer({ min: 0, max: 5_000 }), (drawn, days) => {
        const evidence = toEvidence(drawn);
        expect(traitsFrom(evidence, (NOW + days * DAY) as Instant)).toEqual(traitsFrom(evidence, NOW));
      }),
    );
  });

  test('satisfaction lies between the least and the most that was said, and newer evidence moves it its own way', () => {
    fc.assert(
      fc.property(arbitraryEvidence, fc.integer({ min: 0, max: 100 }), (drawn, fresh) => {
        const evidence = toEvidence(drawn).filter(({ fact }) => fact === SATISFACTION);
        const was = satisfactionOf(evidence, NOW)?.value;
        const all = [...evidence, satisfied(fresh, 0, { id: 'fresh' })];
        const is = satisfactionOf(all, NOW)?.value as number;
        const values = all.map(({ value }) => Number(value));
        expect(is).toBeGreaterThanOrEqual(Math.min(...values));
        expect(is).toBeLessThanOrEqual(Math.max(...values));
        if (was !== undefined && fresh > was) expect(is).toBeGreaterThanOrEqual(was);
        if (was !== undefined && fresh < was) expect(is).toBeLessThanOrEqual(was);
      }),
    );
  });

  test('shares of styles add up to one', () => {
    fc.assert(
      fc.property(arbitraryEvidence, (drawn) => {
        const concluded = styleOf(toEvidence(drawn), NOW);
        if (concluded === undefined) return;
        expect(Object.values(concluded.shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('every score of every measure is between 0 and 100, and more is more', () => {
    fc.assert(
      fc.property(fc.constantFrom(...metrics), fc.integer({ min: 0, max: 9 }), (metric, score) => {
        const [lower, higher] = [satisfactionFrom(metric, score), satisfactionFrom(metric, score + 1)];
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(higher).toBeLessThanOrEqual(100);
        expect(higher).toBeGreaterThanOrEqual(lower);
      }),
    );
  });
});

for (const engine of tableEngines)
  describe(`evidence on ${engine.name}`, () => {
    test('the same answer learnt from again changes nothing; rules and audiences are told each time', async () => {
      const table = await engine.make();
      const [evidence, traits, changes] = [
        createEvidence(table),
        createTraits(table),
        createMemoryQueue<ChangeMessage>(),
      ];
      const survey = surveyOf([
        styleFact('how'),
        styleFact('why'),
        { question: 'way', fact: 'commute', askAgainAfterMonths: 6 },
      ]);
      const answer = answerOf({ metric: 'nps', score: 8, values: { how: 'trust', why: 'trust', way: 'bike' } });
      for (let time = 0; time < 3; time += 1) await learnFromAnswer({ evidence, traits, changes }, answer, survey, NOW);
      const known = await evidence.ofParty(ana);
      expect(known.map(({ fact, id, value }) => [fact, id, value])).toEqual([
        ['commute', 'answer1.way', 'bike'],
        ['decision-style', 'answer1.how.relational', 'relational'],
        ['decision-style', 'answer1.why.relational', 'relational'],
        ['satisfaction', 'answer1', 80],
      ]);
      expect((await traits.getMany([ana])).get(ana)).toEqual({
        satisfaction: 80,
        'decision-style': 'relational',
        commute: 'bike',
      });
      expect(changes.messages).toEqual(Array(3).fill({ kind: 'party', partyId: 'ana', because: 'trait' }));
    });

    test('an older answer that comes late does not undo the later word', async () => {
      const table = await engine.make();
      const ports = {
        evidence: createEvidence(table),
        traits: createTraits(table),
        changes: createMemoryQueue<ChangeMessage>(),
      };
      const survey = surveyOf([{ question: 'way', fact: 'commute', askAgainAfterMonths: 6 }]);
      const late = answerOf({ id: 'answer0', at: before(30), values: { way: 'tram' } });
      await learnFromAnswer(ports, answerOf({ values: { way: 'bike' } }), survey, NOW);
      await learnFromAnswer(ports, late, survey, NOW);
      expect((await ports.traits.getMany([ana])).get(ana)).toEqual({ commute: 'bike' });
    });

    test('what teaches nothing tells nobody', async () => {
      const changes = createMemoryQueue<ChangeMessage>();
      const table = await engine.make();
      const ports = { evidence: createEvidence(table), traits: createTraits(table), changes };
      await learnFromAnswer(ports, answerOf({ values: { comment: 'fine' } }), surveyOf([]), NOW);
      expect(changes.messages).toEqual([]);
    });
  });

test('S4: of two answers learnt from at the same time, in any mix of their steps, both count', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const table = createMemoryTable();
      const slow = <Port extends object>(port: Port): Port =>
        Object.fromEntries(
          Object.entries(port).map(([name, call]) => [
            name,
            async (...given: unknown[]) => {
              await scheduler.schedule(Promise.resolve());
              return (call as (...given: unknown[]) => Promise<unknown>)(...given);
            },
          ]),
        ) as Port;
      const ports = {
        evidence: slow(createEvidence(table)),
        traits: slow(createTraits(table)),
        changes: createMemoryQueue<ChangeMessage>(),
      };
      const answers = [0, 10].map((score) => answerOf({ id: `answer${score}`, metric: 'nps', score }));
      const done = Promise.all(answers.map((answer) => learnFromAnswer(ports, answer, surveyOf([]), NOW)));
      await scheduler.waitFor(done);
      expect((await createTraits(table).getMany([ana])).get(ana)).toEqual({ satisfaction: 50 });
    }),
    { numRuns: 100 },
  );
});
