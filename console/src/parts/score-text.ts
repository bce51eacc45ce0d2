import type { ResultsAnswer, ScoreShown } from '../../../shared/insight/contract.ts';

type Measure = ResultsAnswer['metric'];

const tagOf = (locale: string): string => (locale === 'en' ? 'en-GB' : locale);

/** `34 %`, `34%`. */
export const showPercent = (value: number, locale: string): string =>
  new Intl.NumberFormat(tagOf(locale), { style: 'percent', maximumFractionDigits: 0 }).format(value / 100);

/** A mean of scores: `5.6`. */
export const showMean = (value: number, locale: string): string =>
  new Intl.NumberFormat(tagOf(locale), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);

/** A score as its measure is written: `+34`, `82 %`, `5.6`. */
export const showScore = (value: number, measure: Measure, locale: string): string => {
  if (measure === 'csat') return showPercent(value, locale);
  if (measure === 'ces') return showMean(value, locale);
  const format = new Intl.NumberFormat(tagOf(locale), { maximumFractionDigits: 0, signDisplay: 'exceptZero' });
  return format.format(value).replace('-', '−');
};

/** What all rows of a table are drawn on. */
export const scaleOf = (measure: Measure): readonly [number, number] =>
  measure === 'csat' ? [0, 100] : measure === 'ces' ? [1, 7] : [-100, 100];

/** How a single score is taken by its measure. */
export const toneOf = (score: number, measure: Measure): 'good' | 'fair' | 'bad' => {
  const [fair, good] = measure === 'nps' ? [7, 9] : measure === 'csat' ? [3, 4] : [4, 6];
  return score >= good ? 'good' : score >= fair ? 'fair' : 'bad';
};

/** A score and its interval as a point of a line. */
export const pointOf = (name: string, score: Pick<ScoreShown, 'value' | 'interval'>) => ({
  name,
  ...(score.value === undefined ? {} : { value: score.value }),
  ...score.interval,
});
