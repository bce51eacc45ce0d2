import { queryAll, type Table } from '../platform/table.ts';
import type { CivilDate } from '../platform/time.ts';

/** What became of some messages of one step, counted. */
export interface OutcomeCount {
  readonly campaign: string;
  readonly step: string;
  readonly outcome: 'sent' | 'held' | 'skipped' | 'failed' | 'unknown';
  readonly reason?: string;
  readonly count: number;
}

/** Counts of outcomes by day: one row a job, so that no counter is hot and a job written twice counts once. */
export interface OutcomeCounts {
  /** Writes the counts of one job (a batch of a queue); again under the same name is no change. Nothing for no counts.
   *  @param jobId derived from what the job did, such as its send ids */
  record(day: CivilDate, jobId: string, counts: readonly OutcomeCount[]): Promise<void>;
  /** The sums of a day. */
  of(day: CivilDate): Promise<readonly OutcomeCount[]>;
}

const nameOf = ({ campaign, step, outcome, reason }: OutcomeCount): string =>
  JSON.stringify([campaign, step, outcome, reason ?? null]);

/** Adds up counts of the same step, outcome and reason. */
const sum = (counts: Iterable<OutcomeCount>): OutcomeCount[] => {
  const sums = new Map<string, OutcomeCount>();
  for (const one of counts) sums.set(nameOf(one), { ...one, count: one.count + (sums.get(nameOf(one))?.count ?? 0) });
  return [...sums.values()];
};

/** Outcome counts over the table: `O#<yyyy-mm-dd>` / `B#<jobId>`. */
export const createOutcomeCounts = (table: Table): OutcomeCounts => ({
  async record(day, jobId, counts) {
    if (counts.length === 0) return;
    const key = { pk: `O#${day}`, sk: `B#${jobId}` };
    await table.put({ ...key, entity: 'OutcomeCounts', schemaVersion: 1, counts: sum(counts) }, [
      { path: ['pk'], absent: true },
    ]);
  },

  async of(day) {
    const counts: OutcomeCount[] = [];
    for await (const item of queryAll(table, { pk: `O#${day}`, prefix: 'B#' }))
      counts.push(...(item.counts as OutcomeCount[]));
    return sum(counts);
  },
});
