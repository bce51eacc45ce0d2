import type { MessageState } from '../message/message.ts';
import { type Item, queryAll, type Table } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import { isEnded, type Member, type Run, type RunCursor, type RunRef } from './run.ts';

/** A piece of a run's audience as it was decided: written before anything of it is queued, so that a second attempt
 *  writes to the same people, whatever changed meanwhile. */
export interface RunPage {
  readonly page: number;
  readonly members: readonly Member[];
  /** Where the next page begins; absent after the last one. */
  readonly next?: Pick<RunCursor, 'shard' | 'after'>;
}

/** What became of the members of one page, as last looked at. */
export interface PageOutcomes {
  readonly page: number;
  readonly counts: readonly RunCount[];
  /** How many have no final outcome yet. */
  readonly open: number;
  readonly checkedAt: Instant;
  /** When to look again; absent where all have their outcome. */
  readonly again?: Instant;
}

/** Members by what became of their message; `pending`: nothing yet. */
export interface RunCount {
  readonly outcome: 'sent' | 'held' | 'skipped' | 'failed' | 'unknown' | 'pending';
  readonly reason?: string;
  readonly state?: MessageState;
  readonly count: number;
}

/** Runs of campaigns to their audiences (ADR 0088). */
export interface Runs {
  /** Makes the run unless there is one, and lists it as running. @returns the run as it stands */
  begin(run: Run): Promise<{ readonly kind: 'begun' | 'known'; readonly run: Run }>;
  /** Strong. */
  get(ref: RunRef): Promise<Run | undefined>;
  /** Writes over the version read, as version + 1; takes an ended run off the list. @returns undefined where another
   *  came in between */
  put(run: Run): Promise<Run | undefined>;
  /** Runs that are not ended, read strongly. */
  running(): Promise<readonly Run[]>;
  /** The runs of a campaign, latest first. */
  of(campaign: string): Promise<readonly Run[]>;
  /** A page as it was first kept; keeps this one where there is none. */
  keepPage(ref: RunRef, page: RunPage): Promise<RunPage>;
  page(ref: RunRef, page: number): Promise<RunPage | undefined>;
  /** Writes over what was known of the page before. */
  setOutcomes(ref: RunRef, outcomes: PageOutcomes): Promise<void>;
  outcomes(ref: RunRef): Promise<readonly PageOutcomes[]>;
}

const RUNNING = 'RUNNING';
const keyOf = ({ campaign, occurrence }: RunRef) => ({ pk: `RUNS#${campaign}`, sk: occurrence });
const runningKey = ({ campaign, occurrence }: RunRef) => ({ pk: RUNNING, sk: `${campaign}#${occurrence}` });
const partsOf = ({ campaign, occurrence }: RunRef): string => `RUN#${campaign}#${occurrence}`;
const numbered = (prefix: 'P' | 'C', page: number): string => `${prefix}#${String(page).padStart(6, '0')}`;

const toItem = (run: Run): Item => ({ ...keyOf(run), entity: 'Run', schemaVersion: 1, version: run.version, run });
const toRun = (item: Item | undefined): Run | undefined => item?.run as Run | undefined;

/** Runs over the table: `RUNS#<campaign>` / `<occurrence>`; parts under `RUN#<campaign>#<occurrence>`: `P#<page>` as
 *  decided, `C#<page>` its outcomes; `RUNNING` / `<campaign>#<occurrence>` lists those not ended. */
export const createRuns = (table: Table): Runs => {
  const get: Runs['get'] = async (ref) => toRun(await table.get(keyOf(ref), { consistent: true }));
  const list = (run: Run): Promise<unknown> =>
    table.put({
      ...runningKey(run),
      entity: 'RunningRun',
      schemaVersion: 1,
      campaign: run.campaign,
      occurrence: run.occurrence,
    });
  const readPage: Runs['page'] = async (ref, page) => {
    const item = await table.get({ pk: partsOf(ref), sk: numbered('P', page) }, { consistent: true });
    return item?.page as RunPage | undefined;
  };

  return {
    get,

    async begin(run) {
      const { kind } = await table.put(toItem(run), [{ path: ['pk'], absent: true }]);
      const standing = kind === 'written' ? run : ((await get(run)) as Run);
      // also by those who come second: the first may have been cut off between the two writes
      if (!isEnded(standing)) await list(standing);
      return { kind: kind === 'written' ? 'begun' : 'known', run: standing };
    },

    async put(run) {
      const next = { ...run, version: run.version + 1 };
      const { kind } = await table.put(toItem(next), [{ path: ['version'], is: run.version }]);
      if (kind === 'refused') return undefined;
      if (isEnded(next)) await table.remove(runningKey(next));
      return next;
    },

    async running() {
      const refs: RunRef[] = [];
      for await (const item of queryAll(table, { pk: RUNNING, consistent: true }))
        refs.push({ campaign: item.campaign as string, occurrence: item.occurrence as string });
      if (refs.length === 0) return [];
      const items = await table.getMany(refs.map(keyOf), { consistent: true });
      const runs = [...items.values()].flatMap((item) => toRun(item) ?? []);
      const over = runs.filter(isEnded);
      // cut off between its end and the list
      if (over.length > 0) await table.writeMany([], over.map(runningKey));
      return runs.filter((run) => !isEnded(run));
    },

    async of(campaign) {
      const runs: Run[] = [];
      for await (const item of queryAll(table, { pk: `RUNS#${campaign}`, descending: true }))
        runs.push(...[toRun(item)].flatMap((run) => run ?? []));
      return runs;
    },

    async keepPage(ref, page) {
      const item: Item = { pk: partsOf(ref), sk: numbered('P', page.page), entity: 'RunPage', schemaVersion: 1, page };
      if ((await table.put(item, [{ path: ['pk'], absent: true }])).kind === 'written') return page;
      return (await readPage(ref, page.page)) as RunPage;
    },

    page: readPage,

    async setOutcomes(ref, outcomes) {
      await table.put({
        pk: partsOf(ref),
        sk: numbered('C', outcomes.page),
        entity: 'RunOutcomes',
        schemaVersion: 1,
        outcomes,
      });
    },

    async outcomes(ref) {
      const all: PageOutcomes[] = [];
      for await (const item of queryAll(table, { pk: partsOf(ref), prefix: 'C#', consistent: true }))
        all.push(item.outcomes as PageOutcomes);
      return all;
    },
  };
};
