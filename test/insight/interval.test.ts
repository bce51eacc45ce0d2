import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Counts,
  meanInterval,
  meanOf,
  netPromoterInterval,
  shareInterval,
} from '../../shared/insight/interval.ts';

const Z = 1.959963984540054;

/** Numbers from 0 up to 1, always the same ones. */
const seeded = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return seed / 4_294_967_296;
};

describe('S5: intervals of 95 %', () => {
  test('Wilson: both ends are the shares that the sample only just does not refute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const count = Math.round(n * part);
        const { low, high } = shareInterval(count, n) ?? { low: NaN, high: NaN };
        expect(low).toBeLessThanOrEqual((100 * count) / n + 1e-9);
        expect(high).toBeGreaterThanOrEqual((100 * count) / n - 1e-9);
        // ends that are 0 or 1 stand there because the quadratic has its other root beyond
        for (const end of [low / 100, high / 100])
          if (end > 1e-12 && end < 1 - 1e-12)
            expect((count / n - end) ** 2).toBeCloseTo((Z ** 2 * end * (1 - end)) / n, 10);
      }),
    );
  });

  test.each([
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [81, 263, 25.53, 36.62],
    [15, 148, 6.24, 16.05],
    [0, 20, 0, 16.11],
    [1, 29, 0.61, 17.18],
  ])('Wilson of %i in %i', (count, n, low, high) => {
    const interval = shareInterval(count, n);
    expect(interval?.low).toBeCloseTo(low, 2);
    expect(interval?.high).toBeCloseTo(high, 2);
  });

  test('NPS: mean and variance of answers of −1, 0 and 1, three of them added in quarters', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), fc.nat(400), (promoters, passives, detractors) => {
        const n = promoters + passives + detractors;
        const interval = netPromoterInterval(promoters, detractors, n);
        expect(interval === undefined).toBe(n < 5);
        if (n < 5) return;
        // by quarters of answers, one by one, as another hand would do it
        const quarters = [
          ...Array.from({ length: 4 * promoters + 3 }, () => 1),
          ...Array.from({ length: 4 * passives + 6 }, () => 0),
          ...Array.from({ length: 4 * detractors + 3 }, () => -1),
        ];
        const mean = quarters.reduce((sum, one) => sum + one, 0) / quarters.length;
        const variance = quarters.reduce((sum, one) => sum + (one - mean) ** 2, 0) / quarters.length;
        const half = Z * Math.sqrt(variance / (quarters.length / 4));
        expect(interval?.low).toBeCloseTo(Math.max(-100, 100 * (mean - half)), 8);
        expect(interval?.high).toBeCloseTo(Math.min(100, 100 * (mean + half)), 8);
        const score = (100 * (promoters - detractors)) / n;
        expect(interval?.low).toBeLessThanOrEqual(score + 1e-9);
        expect(interval?.high).toBeGreaterThanOrEqual(score - 1e-9);
      }),
      {
        numRuns: 60,
        examples: [
          [0, 0, 0],
          [1, 0, 0],
          [0, 0, 4],
          [5, 0, 0],
          [0, 0, 5],
          [3, 0, 2],
        ],
      },
    );
  });

  test.each([
    [10, 0.8, 0.05],
    [30, 0.5, 0.2],
    [100, 0.3, 0.4],
    [400, 0.9, 0.02],
  ])('NPS of %i answers: at least 93 of 100 intervals hold the truth (%f promoters, %f detractors)', (n, p, d) => {
    const random = seeded(n);
    let held = 0;
    for (let run = 0; run < 2_000; run += 1) {
      let [promoters, detractors] = [0, 0];
      for (let answer = 0; answer < n; answer += 1) {
        const drawn = random();
        if (drawn < p) promoters += 1;
        else if (drawn < p + d) detractors += 1;
      }
      const interval = netPromoterInterval(promoters, detractors, n);
      if (interval && interval.low <= 100 * (p - d) && 100 * (p - d) <= interval.high) held += 1;
    }
    expect(held / 2_000).toBeGreaterThan(0.93);
  });

  test('mean: Student’s t, checked with values of a printed table', () => {
    const table: [freedom: number, point: number][] = [
      [4, 2.7764],
      [9, 2.2622],
      [29, 2.0452],
      [99, 1.9842],
      [999, 1.9623],
    ];
    for (const [freedom, point] of table) {
      const n = freedom + 1;
      // one 4, the rest 3: mean and deviation are known by hand
      const counts: Counts = [
        [3, n - 1],
        [4, 1],
      ];
      const mean = 3 + 1 / n;
      const deviation = Math.sqrt((1 - 1 / n) / (n - 1));
      const interval = meanInterval(counts, -1_000, 1_000);
      expect(meanOf(counts)).toBeCloseTo(mean, 12);
      expect(((interval?.high ?? NaN) - mean) / (deviation / Math.sqrt(n))).toBeCloseTo(point, 2);
      expect(mean - (interval?.low ?? NaN)).toBeCloseTo((interval?.high ?? NaN) - mean, 10);
    }
  });

  test('nothing is claimed where nothing is known', () => {
    expect(shareInterval(0, 0)).toBeUndefined();
    expect(meanOf([])).toBeUndefined();
    expect(meanInterval([[3, 4]], 1, 5)).toBeUndefined();
    expect(meanInterval([[5, 80]], 1, 5)).toBeUndefined();
    expect(
      meanInterval(
        [
          [1, 3],
          [5, 3],
        ],
        1,
        5,
      ),
    ).toEqual({ low: expect.closeTo(1, 0), high: expect.closeTo(5, 0) });
  });
});
