import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Frame, frameOf, grains, periodAt } from '../../shared/insight/period.ts';
import { resultsOf } from '../../shared/insight/survey-results.ts';
import {
  addAnswer,
  addInvitation,
  addTally,
  type Breakdown,
  breakdowns,
  createTally,
  type TallyPlan,
} from '../../shared/insight/tally.ts';
import { createTopicFinder, topics } from '../../shared/insight/topics.ts';
import {
  type CivilDate,
  civilDateAt,
  DAY,
  HOUR,
  type Instant,
  weekdayOf,
  type ZoneId,
} from '../../shared/platform/time.ts';
import type { InvitationRow, SurveyAnswer } from '../../shared/survey/answer.ts';
import type { Metric } from '../../shared/survey/survey.ts';
import { answerOf, pair, START, surveyOf } from './rows.ts';

const SHANGHAI = 'Asia/Shanghai' as ZoneId;
const find = createTopicFinder(topics);
const range = (zone = SHANGHAI, grain: 'week' | 'month' = 'week'): Frame =>
  frameOf({ from: '2027-03-03' as CivilDate, to: '2027-05-17' as CivilDate, zone, grain });

const foundIn = ({ values }: SurveyAnswer) => (typeof values.why === 'string' ? find(values.why) : undefined);

interface Rows {
  readonly invitation?: InvitationRow;
  readonly answer?: SurveyAnswer;
}

const tallied = (plan: TallyPlan, rows: readonly Rows[]) => {
  const tally = createTally(plan);
  for (const { invitation } of rows) if (invitation) addInvitation(tally, invitation);
  for (const { answer } of rows) if (answer) addAnswer(tally, answer, foundIn(answer));
  return tally;
};

/** What should come out, by filtering lists: slow, and written without a look at the tally. */
const expected = (
  rows: readonly Rows[],
  frame: Frame,
  metric: Metric,
  keep: (row: InvitationRow | SurveyAnswer, at: Instant) => boolean,
) => {
  const day = (at: Instant) => civilDateAt(at, frame.zone);
  const inRange = (at: Instant) => day(at) >= frame.from && day(at) <= frame.to;
  const invited = rows.flatMap(({ invitation }) =>
    invitation && inRange(invitation.invitedAt) && keep(invitation, invitation.invitedAt) ? [invitation] : [],
  );
  const given = rows.flatMap(({ answer }) => (answer ? [answer] : []));
  const replies = given.filter(
    ({ at, invitedAt, ...answer }) =>
      invitedAt !== undefined && inRange(invitedAt) && keep({ at, ...answer }, invitedAt) && at <= invitedAt + 90 * DAY,
  );
  const inside = given.filter((answer) => inRange(answer.at) && keep(answer, answer.at));
  const scores = inside.flatMap((answer) =>
    answer.metric === metric && answer.score !== undefined ? [answer.score] : [],
  );
  return { asked: invited.length, replied: replies.length, answers: inside.length, scores };
};

/** The score as a fraction of whole numbers: numerator over denominator, compared by multiplying out. */
const exactScore = (metric: Metric, scores: readonly number[]): readonly [bigint, bigint] => {
  const n = BigInt(scores.length);
  const sum = (of: (score: number) => number) => scores.reduce((total, score) => total + BigInt(of(score)), 0n);
  if (metric === 'nps') return [100n * sum((score) => (score > 8 ? 1 : score < 7 ? -1 : 0)), n];
  if (metric === 'csat') return [100n * sum((score) => (score >= 4 ? 1 : 0)), n];
  return [sum((score) => score), n];
};

describe('S5: results of a survey', () => {
  test.each(['nps', 'csat', 'ces'] as const)('%s: every figure equals what filtering the rows gives', (metric) => {
    fc.assert(
      fc.property(
        fc.array(pair(metric), { maxLength: 120 }),
        fc.constantFrom(...breakdowns),
        fc.constantFrom(...grains),
        (rows, by: Breakdown, grain) => {
          const frame = range(SHANGHAI, grain);
          const results = resultsOf(tallied({ frame, by, metric }, rows), surveyOf(metric), topics);
          const compare = (shown: (typeof results)['total'], keep: Parameters<typeof expected>[3]) => {
            const { asked, replied, answers, scores } = expected(rows, frame, metric, keep);
            expect([shown.rate.asked, shown.rate.replied, shown.answers, shown.score.answers]).toEqual([
              Math.max(asked, replied),
              replied,
              answers,
              scores.length,
            ]);
            expect(shown.score.few).toBe(scores.length < 5);
            if (shown.score.few) return expect(shown.score.value).toBeUndefined();
            const [numerator, denominator] = exactScore(metric, scores);
            expect(shown.score.value).toBe(Number(numerator) / Number(denominator));
            expect(shown.score.mean).toBeCloseTo(scores.reduce((a, b) => a + b, 0) / scores.length, 12);
          };
          compare(results.total, () => true);
          for (const group of results.groups)
            compare(group, (row) => ((by === 'version' ? row.version : row.facets[by]) ?? '') === group.value);
          for (const [n, period] of results.periods.entries()) {
            const next = results.periods[n + 1]?.from ?? '9999-12-31';
            compare(period, (_, at) => {
              const day = civilDateAt(at, frame.zone);
              return day >= period.from && day < next;
            });
          }
          expect(results.distribution.reduce((sum, { count }) => sum + count, 0)).toBe(
            results.total.score.few ? 0 : results.total.score.answers,
          );
        },
      ),
    );
  });

  test('any parts, counted apart and added in any order, equal one pass', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(pair('nps'), fc.nat(3)), { maxLength: 150 }),
        fc.constantFrom(...breakdowns),
        fc.boolean(),
        (rows, by, backwards) => {
          const plan = { frame: range(), by, metric: 'nps' as const };
          const shards = [0, 1, 2, 3].map((shard) =>
            tallied(
              plan,
              rows.flatMap(([row, of]) => (of === shard ? [row] : [])),
            ),
          );
          const sum = createTally(plan);
          for (const shard of backwards ? shards.toReversed() : shards) addTally(sum, shard);
          const whole = tallied(
            plan,
            rows.map(([row]) => row),
          );
          expect(resultsOf(sum, surveyOf(), topics)).toEqual(resultsOf(whole, surveyOf(), topics));
        },
      ),
    );
  });

  test('a tally does not grow with the rows', () => {
    const plan = { frame: range(), by: 'tier' as const, metric: 'nps' as const };
    const sizeOf = (rows: number) => {
      const tally = createTally(plan);
      for (let n = 0; n < rows; n += 1) {
        const answer = answerOf({ n, values: { why: `expens${n} ${n} 保费` }, at: (START + 3 * DAY) as Instant });
        addAnswer(tally, answer, foundIn(answer));
      }
      return [tally.groups.size, [...tally.topics.values()].map(({ terms }) => terms.size)];
    };
    expect(sizeOf(5_000)).toEqual(sizeOf(50));
  });

  test('fewer than five answers: the numbers are told, the score is not', () => {
    const plan = { frame: range(), by: 'tier' as const, metric: 'nps' as const };
    const row = (n: number, tier: string) => ({
      answer: answerOf({ n, at: (START + 5 * DAY) as Instant, facets: { ...answerOf({ n }).facets, tier } }),
    });
    const rows = [...[1, 2, 3, 4].map((n) => row(n, 'A')), ...[5, 6, 7, 8, 9].map((n) => row(n, 'B'))];
    const { groups, total } = resultsOf(tallied(plan, rows), surveyOf(), topics);
    expect(groups.find(({ value }) => value === 'A')).toEqual({
      value: 'A',
      rate: expect.objectContaining({ asked: 0 }),
      answers: 4,
      score: { answers: 4, few: true },
    });
    expect(groups.find(({ value }) => value === 'B')?.score).toMatchObject({ answers: 5, few: false, value: -20 });
    expect(total).toMatchObject({ answers: 9, low: 6 });
  });

  test('more than 200 groups: the smallest are told together, and nothing is lost', () => {
    const plan = { frame: range(), by: 'manager' as const, metric: 'nps' as const };
    const rows = Array.from({ length: 500 }, (_, n) => ({
      answer: answerOf({
        n,
        at: (START + 5 * DAY) as Instant,
        facets: { ...answerOf({ n }).facets, manager: `m${n % 250}` },
      }),
    }));
    const { groups, others } = resultsOf(tallied(plan, rows), surveyOf(), topics);
    expect([groups.length, others?.groups, others?.answers]).toEqual([200, 50, 100]);
  });

  test('an answer counts as a reply up to 90 days after the invitation, to the millisecond', () => {
    const plan = { frame: range(), by: 'tier' as const, metric: 'nps' as const };
    const invitedAt = (START + 5 * DAY) as Instant;
    const replied = (after: number) =>
      resultsOf(
        tallied(plan, [{ answer: answerOf({ n: 1, invitedAt, at: (invitedAt + after) as Instant }) }]),
        surveyOf(),
        topics,
      ).total.rate.replied;
    expect([replied(90 * DAY), replied(90 * DAY + 1)]).toEqual([1, 0]);
  });

  test('a survey without a score has a response rate, topics and no score', () => {
    const plan = { frame: range(), by: 'tier' as const, metric: undefined };
    const {
      score: _,
      metric: __,
      ...plain
    } = answerOf({ n: 1, values: { why: '保费' }, at: (START + 5 * DAY) as Instant });
    const results = resultsOf(tallied(plan, [{ answer: plain }]), surveyOf(), topics);
    expect(results).toMatchObject({
      total: { answers: 1, score: { answers: 0, few: true } },
      distribution: [],
      otherMeasure: 0,
    });
    expect(results.topics.map(({ topic }) => topic)).toEqual(['price']);
  });
});

describe('periods', () => {
  test.each(['Asia/Shanghai', 'Europe/Madrid', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'])(
    'F10: in %s every instant falls into the period of its civil day, through changes of the clocks',
    (name) => {
      const zone = name as ZoneId;
      for (const grain of grains) {
        const frame = frameOf({ from: '2011-03-09' as CivilDate, to: '2012-01-11' as CivilDate, zone, grain });
        for (const [n, first] of frame.periods.entries())
          if (n > 0) expect(grain === 'week' ? weekdayOf(first) : first.slice(8)).toBe(grain === 'week' ? 1 : '01');
        fc.assert(
          fc.property(fc.integer({ min: -60, max: (320 * DAY) / HOUR / 0.25 }), (quarters) => {
            const at = ((frame.starts[0] as number) + quarters * (HOUR / 4)) as Instant;
            const day = civilDateAt(at, zone);
            const inside = frame.periods.filter((first) => first <= day).length - 1;
            expect(periodAt(frame, at)).toBe(day < frame.from || day > frame.to ? undefined : inside);
          }),
        );
      }
    },
  );

  test('a long range is cut into months, a short one into weeks', () => {
    const frame = (to: string) => frameOf({ from: '2027-01-01' as CivilDate, to: to as CivilDate, zone: SHANGHAI });
    expect(frame('2027-03-31').grain).toBe('week');
    expect(frame('2027-12-31')).toMatchObject({ grain: 'month', periods: expect.objectContaining({ length: 12 }) });
    expect(frame('2027-01-01').periods).toEqual(['2027-01-01']);
  });
});
