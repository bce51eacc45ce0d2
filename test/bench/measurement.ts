/** One figure of the table of speeds and costs (ids as in docs/bench.md). */
export interface Measurement {
  /** `P1`, or `P1b` where one line of the table has several figures. */
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  /** The least that is good enough, and what we aim at. */
  readonly floor: number;
  readonly goal: number;
  /** True where more is better. */
  readonly more: boolean;
  /** Measures once; NaN where this machine cannot. */
  readonly run: () => Promise<number>;
}
