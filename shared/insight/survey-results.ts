import { type Metric, SCALES, type Survey } from '../survey/survey.ts';
import type { CellShown, ResultsAnswer, ScoreShown } from './contract.ts';
import { type Counts, FEWEST, meanInterval, meanOf, netPromoterInterval, shareInterval } from './interval.ts';
import { type Cell, sumOf, type Tally, type TallyPlan } from './tally.ts';
import type { Topic } from './topics.ts';

/** Groups that are told one by one. */
const MOST_GROUPS = 200;
const MOST_TERMS = 5;

const countsOf = (metric: Metric, { scores }: Cell): Counts =>
  scores.map((count, n) => [SCALES[metric][0] + n, count] as const);

const totalOf = (counts: Counts): number => counts.reduce((sum, [, count]) => sum + count, 0);
const between = (counts: Counts, from: number, to: number): number =>
  totalOf(counts.filter(([value]) => value >= from && value <= to));

/** An optional property: absent where there is nothing. */
const present = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [name in Name]?: Value };

const measured = (metric: Metric, counts: Counts, n: number): Pick<ScoreShown, 'value' | 'interval'> => {
  switch (metric) {
    case 'nps': {
      const [promoters, detractors] = [between(counts, 9, 10), between(counts, 0, 6)];
      const value = (100 * (promoters - detractors)) / n;
      return { value, ...present('interval', netPromoterInterval(promoters, detractors, n)) };
    }
    case 'csat': {
      const satisfied = between(counts, 4, 5);
      return { value: (100 * satisfied) / n, ...present('interval', shareInterval(satisfied, n)) };
    }
    case 'ces':
      return {
        ...present('value', meanOf(counts)),
        ...present('interval', meanInterval(counts, ...SCALES.ces)),
      };
  }
};

/** The score of a cell on its measure's own scale: NPS (promoters 9–10 less detractors 0–6, in percent of all), CSAT (share
 *  of 4 and 5), CES (mean). */
const scoreOf = (metric: Metric | undefined, cell: Cell): ScoreShown => {
  if (metric === undefined) return { answers: 0, few: true };
  const counts = countsOf(metric, cell);
  const answers = totalOf(counts);
  if (answers < FEWEST) return { answers, few: true };
  return {
    answers,
    few: false,
    ...measured(metric, counts, answers),
    ...present('mean', meanOf(counts)),
    ...present('meanInterval', meanInterval(counts, ...SCALES[metric])),
  };
};

const rateOf = ({ asked, replied }: Cell): CellShown['rate'] => {
  // an index may know an answer a moment before its invitation
  const all = Math.max(asked, replied);
  return {
    asked: all,
    replied,
    ...(all === 0 ? {} : { percent: (100 * replied) / all }),
    ...present('interval', shareInterval(replied, all)),
  };
};

const shown = ({ metric }: TallyPlan, cell: Cell): CellShown => ({
  rate: rateOf(cell),
  score: scoreOf(metric, cell),
  answers: cell.answers,
  ...(cell.answers < FEWEST ? {} : { low: cell.low }),
});

const most = (a: string, b: string, byA: number, byB: number): number => byB - byA || (a < b ? -1 : 1);

const groupsOf = ({ plan, groups }: Tally): Pick<ResultsAnswer, 'groups' | 'others'> => {
  const all = [...groups].sort(([a, x], [b, y]) => most(a, b, x.answers + x.asked, y.answers + y.asked));
  const [told, rest] = [all.slice(0, MOST_GROUPS), all.slice(MOST_GROUPS)];
  const others = sumOf(
    plan,
    rest.map(([, cell]) => cell),
  );
  return {
    groups: told.map(([value, cell]) => ({ value, ...shown(plan, cell) })),
    ...(rest.length === 0 ? {} : { others: { groups: rest.length, ...shown(plan, others) } }),
  };
};

const topicsOf = ({ plan, topics }: Tally, dictionary: readonly Topic[]): ResultsAnswer['topics'] =>
  dictionary
    .flatMap(({ id, label }) => {
      const found = topics.get(id);
      if (found === undefined) return [];
      const terms = [...found.terms]
        .sort(([a, x], [b, y]) => most(a, b, x, y))
        .slice(0, MOST_TERMS)
        .map(([term, answers]) => ({ term, answers }));
      return [{ topic: id, label, answers: found.cell.answers, score: scoreOf(plan.metric, found.cell), terms }];
    })
    .sort((a, b) => most(a.topic, b.topic, a.answers, b.answers));

/** The results of a survey, from what was counted. @param survey the version that is asked now */
export const resultsOf = (tally: Tally, survey: Survey, dictionary: readonly Topic[]): ResultsAnswer => {
  const { plan, total, periods } = tally;
  const { frame, metric, by } = plan;
  const all = shown(plan, total);
  const [lowest, highest] = metric === undefined ? [] : SCALES[metric];
  return {
    survey: survey.id,
    title: survey.file.title,
    version: survey.version,
    ...present('metric', metric),
    ...(lowest === undefined || highest === undefined ? {} : { scale: { lowest, highest } }),
    from: frame.from,
    to: frame.to,
    zone: frame.zone,
    per: frame.grain,
    by,
    total: all,
    distribution:
      metric === undefined || all.score.few ? [] : countsOf(metric, total).map(([score, count]) => ({ score, count })),
    periods: periods.map((cell, n) => ({ from: frame.periods[n] as string, ...shown(plan, cell) })),
    ...groupsOf(tally),
    texts: { answers: tally.texts, withoutTopic: tally.withoutTopic },
    topics: topicsOf(tally, dictionary),
    otherMeasure: tally.otherMeasure,
  };
};
