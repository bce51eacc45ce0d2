import { beforeAll, describe, expect, test } from 'vitest';
import type { InvitationRow, SurveyAnswer } from '../../shared/survey/answer.ts';
import type { Task } from '../../shared/task/task.ts';
import { DAYS, type Happened, type Played, playSurveys } from './play-surveys.ts';
import type { Invented } from './survey-book.ts';

/**
 * Customers by the thousand are asked by mail, letter and telephone after their renewal, and answer or not as a seed
 * decides. What the product says of it is computed here once more, from the list of what the test itself invented and
 * saw happen; nothing of the product's counting is used.
 */

const CUSTOMERS = Number(process.env.SURVEY_CUSTOMERS ?? 600);
const SEED = 11;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of the survey `renewal`: a score of six or less is low, and somebody has two days. */
const LOW = 6;
const WITHIN = 48 * HOUR;
/** 97.5 % of the standard normal distribution lie below. */
const Z = 1.9599639845;

/** Both ends of Wilson's interval, as what it is: the shares p whose own deviation explains what was seen. By bisection. */
const wilson = (count: number, of: number): readonly [number, number] => {
  const seen = count / of;
  const explains = (p: number): boolean => Math.abs(seen - p) <= Z * Math.sqrt((p * (1 - p)) / of);
  const edge = (inside: number, outside: number): number => {
    let [near, far] = [inside, outside];
    for (let n = 0; n < 60; n += 1) {
      const middle = (near + far) / 2;
      if (explains(middle)) near = middle;
      else far = middle;
    }
    return near * 100;
  };
  return [edge(seen, 0), edge(seen, 1)];
};

/** NPS with the interval of its mean over single answers worth 1, 0 or −1, after three invented ones are added. */
const promoterScore = (scores: readonly number[]) => {
  const worth = scores.map((score) => (score > 8 ? 1 : score > 6 ? 0 : -1));
  const weighed: (readonly [value: number, weight: number])[] = [
    ...worth.map((value) => [value, 1] as const),
    [1, 0.75],
    [0, 1.5],
    [-1, 0.75],
  ];
  const n = weighed.reduce((sum, [, weight]) => sum + weight, 0);
  const mean = weighed.reduce((sum, [value, weight]) => sum + value * weight, 0) / n;
  const variance = weighed.reduce((sum, [value, weight]) => sum + weight * (value - mean) ** 2, 0) / n;
  const half = Z * Math.sqrt(variance / n);
  return {
    value: (100 * worth.reduce<number>((sum, value) => sum + value, 0)) / scores.length,
    interval: { low: Math.max(-100, 100 * (mean - half)), high: Math.min(100, 100 * (mean + half)) },
  };
};

type Cell = {
  readonly value?: string;
  readonly rate: {
    readonly asked: number;
    readonly replied: number;
    readonly percent: number;
    readonly interval: Ends;
  };
  readonly score: { readonly answers: number; readonly value?: number; readonly interval?: Ends };
  readonly answers: number;
  readonly low?: number;
};
type Ends = { readonly low: number; readonly high: number };

const invitesOf = (log: readonly Happened[]) => log.filter(({ what }) => what.kind === 'invited' && !what.reminder);
const remindersOf = (log: readonly Happened[]) => log.filter(({ what }) => what.kind === 'invited' && what.reminder);
const answersOf = (log: readonly Happened[]) =>
  log.flatMap(({ no, at, what }) => (what.kind === 'answered' ? [{ no, at, ...what }] : []));

describe(`${CUSTOMERS} customers asked, over ${DAYS} virtual days`, () => {
  let played: Played;
  let rows: readonly Readonly<Record<string, unknown>>[];
  const ofEntity = (entity: string) => rows.filter((row) => row.entity === entity);

  beforeAll(async () => {
    played = await playSurveys(SEED, CUSTOMERS);
    rows = played.system.table.all();
    const tally = Map.groupBy(played.log, ({ what }) =>
      [what.kind, 'by' in what ? what.by : '', 'reminder' in what && what.reminder ? 'again' : ''].join(' ').trim(),
    );
    console.log(
      [...tally]
        .map(([what, entries]) => `${what}: ${entries.length}`)
        .sort()
        .join(', '),
    );
  }, 1_800_000);

  test('the model is no idle one: every way to be asked and to answer, drafts, refusals, requests that die', () => {
    const ways = new Set(answersOf(played.log).map(({ by }) => by));
    expect([...ways].sort()).toEqual(['click', 'code', 'page', 'phone', 'reply-slip', 'resumed']);
    const { log } = played;
    expect(new Set(invitesOf(log).map(({ what }) => 'by' in what && what.by)).size).toBe(3);
    expect(remindersOf(log).length).toBeGreaterThan(CUSTOMERS / 3);
    expect(log.filter(({ what }) => what.kind === 'began').length).toBeGreaterThan(CUSTOMERS / 50);
    expect(log.filter(({ what }) => what.kind === 'refused').length).toBeGreaterThan(0);
    expect(answersOf(log).filter(({ died }) => died).length).toBeGreaterThan(0);
  });

  test('S3: all are asked, nobody twice, and reminded once at most', () => {
    const { log, people } = played;
    expect(
      invitesOf(log)
        .map(({ no }) => no)
        .sort((a, b) => a - b),
    ).toEqual(people.map(({ no }) => no));
    const reminded = remindersOf(log).map(({ no }) => no);
    expect(new Set(reminded).size).toBe(reminded.length);
    for (const { no, what } of invitesOf(log)) expect('by' in what && what.by).toBe(people[no]?.asked);
  });

  test('S3: no reminder after an answer; whoever has a mail and has not answered is reminded', () => {
    const { log, people } = played;
    // by the order of what happened: of two things in one minute one was the first
    const answered = new Set<number>();
    const reminded = new Set<number>();
    for (const { no, what } of log) {
      if (what.kind === 'answered') answered.add(no);
      if (what.kind !== 'invited' || !what.reminder) continue;
      reminded.add(no);
      expect(answered.has(no), `customer ${no} was reminded after the answer`).toBe(false);
    }
    const silent = people.filter(({ no, asked }) => asked === 'email' && !answered.has(no));
    expect(silent.filter(({ no }) => !reminded.has(no))).toEqual([]);
  });

  test('nothing is lost: invited = answered + open, each answer as it was given, each draft as it was left', () => {
    const { log, people, party } = played;
    const byParty = new Map([...party].map(([no, id]) => [id, no]));
    const invited = ofEntity('Invitation').map(({ row }) => row as InvitationRow);
    expect(invited.length).toBe(people.length);
    const stored = ofEntity('SurveyAnswer').map(({ answer }) => answer as SurveyAnswer);
    const given = (list: readonly (readonly unknown[])[]) => list.map((entry) => entry.join(' ')).sort();
    expect(given(stored.map(({ partyId, at, score, low }) => [byParty.get(partyId), at, score, low]))).toEqual(
      given(answersOf(log).map(({ no, at, score }) => [no, at, score, score <= LOW])),
    );
    const answered = new Set(stored.map(({ partyId }) => partyId));
    const open = invited.filter(({ partyId }) => !answered.has(partyId));
    expect(answered.size + open.length).toBe(people.length);
    // who began and never came back has left the score
    const answeredNo = new Set(answersOf(log).map(({ no }) => no));
    const began = log.filter(({ no, what }) => what.kind === 'began' && !answeredNo.has(no));
    const waiting = new Set(open.map(({ invitationId }) => invitationId as string));
    const drafts = ofEntity('PartialAnswer').filter(({ pk }) => waiting.has(String(pk).slice(2)));
    expect(drafts.length).toBe(new Set(began.map(({ no }) => no)).size);
    for (const { values } of drafts) expect(values).toHaveProperty('nps');
  });

  test('S4: every low score has one task, with its manager and deadline, within a minute; no other answer has one', () => {
    const { log, people, party, opened } = played;
    const tasks = ofEntity('Task')
      .map((row) => row.task as Task)
      .filter(({ kind }) => kind === 'low-score');
    const shown = (no: number, at: number) => ({
      partyId: party.get(no),
      assignee: people[no]?.manager,
      scope: people[no]?.branch,
      deadline: at + WITHIN,
    });
    const low = answersOf(log).filter(({ score }) => score <= LOW);
    const by = (a: { partyId?: string | undefined }, b: { partyId?: string | undefined }): number =>
      (a.partyId ?? '') < (b.partyId ?? '') ? -1 : 1;
    expect(
      tasks.map(({ partyId, assignee, scope, deadline }) => ({ partyId, assignee, scope, deadline })).sort(by),
    ).toEqual(low.map(({ no, at }) => shown(no, at)).sort(by));
    const answeredAt = new Map(low.map(({ no, at }) => [party.get(no), at]));
    const late = tasks.map(({ taskId, partyId }) => (opened.get(taskId) ?? Infinity) - (answeredAt.get(partyId) ?? 0));
    expect(Math.max(...late)).toBeLessThanOrEqual(MINUTE);
    expect(late.filter((delay) => delay > 0).length).toBe(low.filter(({ died }) => died).length);
  });

  describe('S5: results', () => {
    const expectCell = (cell: Cell, people: readonly Invented[]): void => {
      const numbers = new Set(people.map(({ no }) => no));
      const asked = invitesOf(played.log).filter(({ no }) => numbers.has(no)).length;
      const scores = answersOf(played.log).flatMap(({ no, score }) => (numbers.has(no) ? [score] : []));
      expect(cell.rate).toMatchObject({ asked, replied: scores.length });
      expect(cell.answers).toBe(scores.length);
      expect(cell.rate.percent).toBeCloseTo((100 * scores.length) / asked, 9);
      const [low, high] = wilson(scores.length, asked);
      expect(cell.rate.interval.low).toBeCloseTo(low, 6);
      expect(cell.rate.interval.high).toBeCloseTo(high, 6);
      expect(cell.score.answers).toBe(scores.length);
      // too few to say anything of
      if (scores.length < 5) return expect(cell.score.value).toBeUndefined();
      expect(cell.low).toBe(scores.filter((score) => score <= LOW).length);
      const { value, interval } = promoterScore(scores);
      expect(cell.score.value).toBeCloseTo(value, 9);
      expect(cell.score.interval?.low).toBeCloseTo(interval.low, 6);
      expect(cell.score.interval?.high).toBeCloseTo(interval.high, 6);
    };
    const resultsBy = (by: string) =>
      played.ask(`/api/surveys/renewal/results?from=2019-03-01&to=2019-05-01&by=${by}`) as Promise<
        Record<string, unknown> & { readonly total: Cell; readonly groups: readonly Cell[] }
      >;

    test('response rate and NPS with their intervals are those of the model', async () => {
      const { total, distribution } = await resultsBy('line');
      expectCell(total, played.people);
      const counts = Array.from({ length: 11 }, (_, score) => ({
        score,
        count: answersOf(played.log).filter((given) => given.score === score).length,
      }));
      expect(distribution).toEqual(counts);
      console.log(
        `rate ${total.rate.replied} of ${total.rate.asked} = ${total.rate.percent.toFixed(2)} %`,
        `[${total.rate.interval.low.toFixed(2)}, ${total.rate.interval.high.toFixed(2)}],`,
        `NPS ${total.score.value?.toFixed(2)} [${total.score.interval?.low.toFixed(2)}, ${total.score.interval?.high.toFixed(2)}],`,
        `low scores ${total.low}`,
      );
    });

    test.each([
      ['line', ({ line }: Invented) => line],
      ['region', ({ region, asked }: Invented) => (asked === 'phone' ? '' : region)],
      ['channel', ({ asked }: Invented) => asked],
      ['manager', ({ manager }: Invented) => manager ?? ''],
      ['scope', ({ branch }: Invented) => branch],
    ] as const)('by %s', async (by, valueOf) => {
      const { groups } = await resultsBy(by);
      const expected = Map.groupBy(played.people, valueOf);
      expect(groups.map(({ value }) => value ?? '').sort()).toEqual([...expected.keys()].sort());
      for (const cell of groups) expectCell(cell, expected.get(cell.value ?? '') ?? []);
    });
  });
});
