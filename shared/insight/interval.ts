/**
 * Intervals at 95 % for what a sample says of all customers like those who answered. Each function names its source;
 * docs/decisions/0108 says why these and not others. They say nothing of those who did not answer.
 */

/** Both ends, in the unit of the estimate; within what is possible. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the standard normal distribution. */
const Z = 1.959963984540054;

/** Below this many answers no score and no interval is shown: it would say more about single people than about service. */
export const FEWEST = 5;

const within = (middle: number, half: number, lowest: number, highest: number): Interval => ({
  low: Math.max(lowest, middle - half),
  high: Math.min(highest, middle + half),
});

/**
 * A share, in percent: Wilson's score interval (E. B. Wilson, JASA 22, 1927; recommended for any n by Brown, Cai and
 * DasGupta, Statistical Science 16, 2001). Holds at 0 and n of n, where the textbook's interval has no width.
 * @param count 0 … `of`
 * @returns undefined where there is nothing to take a share of
 */
export const shareInterval = (count: number, of: number): Interval | undefined => {
  if (of === 0) return undefined;
  const share = count / of;
  const spread = Z ** 2 / of;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  return within(100 * middle, 100 * half, 0, 100);
};

/**
 * A net promoter score, −100 … 100: the normal approximation with the variance of the trinomial,
 * (p + d − (p − d)²) / n, after three answers are added, ¾ promoters, ¾ detractors and 1½ passives. It is the "adjusted
 * Wald" interval that B. Rocks found best of six (The American Statistician 70, 2016); without what is added it is too
 * narrow below some hundred answers and has no width where all are promoters. What is added would outweigh a handful of
 * answers, so that there is no interval below five.
 * @returns undefined for fewer than five answers
 */
export const netPromoterInterval = (promoters: number, detractors: number, of: number): Interval | undefined => {
  if (of < FEWEST) return undefined;
  const n = of + 3;
  const [p, d] = [(promoters + 0.75) / n, (detractors + 0.75) / n];
  const half = Z * Math.sqrt((p + d - (p - d) ** 2) / n);
  return within(100 * (p - d), 100 * half, -100, 100);
};

/**
 * The 97.5 % point of Student's t distribution, by the expansion in Abramowitz and Stegun, 26.7.5; wrong by less than
 * 0.001 from 4 degrees of freedom on, which is the fewest that are shown.
 */
const studentPoint = (freedom: number): number => {
  const terms = [
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
    (79 * Z ** 9 + 776 * Z ** 7 + 1482 * Z ** 5 - 1920 * Z ** 3 - 945 * Z) / 92_160,
  ];
  return terms.reduce((sum, term, n) => sum + term / freedom ** (n + 1), Z);
};

/** How often each value was given. */
export type Counts = readonly (readonly [value: number, count: number])[];

/** The mean of what was given; undefined where nothing was. */
export const meanOf = (counts: Counts): number | undefined => {
  const n = counts.reduce((sum, [, count]) => sum + count, 0);
  return n === 0 ? undefined : counts.reduce((sum, [value, count]) => sum + value * count, 0) / n;
};

/**
 * A mean of scores on a scale: Student's t with the sample's own variance.
 * @returns undefined for fewer than five values, and where all are the same: what has no spread tells nothing about it
 */
export const meanInterval = (counts: Counts, lowest: number, highest: number): Interval | undefined => {
  const n = counts.reduce((sum, [, count]) => sum + count, 0);
  const mean = meanOf(counts);
  if (mean === undefined || n < FEWEST) return undefined;
  const squares = counts.reduce((sum, [value, count]) => sum + count * (value - mean) ** 2, 0);
  if (squares === 0) return undefined;
  return within(mean, studentPoint(n - 1) * Math.sqrt(squares / (n - 1) / n), lowest, highest);
};
