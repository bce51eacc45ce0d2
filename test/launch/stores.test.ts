import { describe, expect, test } from 'vitest';
import { createPace } from '../../shared/launch/pace-store.ts';
import { noSums } from '../../shared/launch/pre-flight.ts';
import { createPreFlights } from '../../shared/launch/pre-flight-store.ts';
import type { Run } from '../../shared/launch/run.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { createAlarmMarks } from '../../shared/launch/watch-campaign.ts';
import { type Instant, MINUTE } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';
import { party, TEN } from './run-world.ts';

const run = (changes: Partial<Run> = {}): Run => ({
  campaign: 'spring',
  occurrence: '2027-01-15T10:00',
  definition: 'h1',
  sendClass: 'marketing',
  priority: 50,
  mode: 'orders',
  dueAt: TEN,
  useBy: TEN,
  startedAt: TEN,
  state: 'walking',
  cursor: { page: 0, done: 0, shard: 0 },
  members: 0,
  ordered: 0,
  version: 1,
  ...changes,
});

describe.each(tableEngines)('launch stores on $name', ({ make }) => {
  test('F13 of twenty beginners one begins, all see the same run, and it is listed once', async () => {
    const runs = createRuns(await make());
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => runs.begin(run({ startedAt: (TEN + n) as Instant }))),
    );
    expect(all.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
    expect(new Set(all.map((one) => one.run.startedAt)).size).toBe(1);
    expect(await runs.running()).toHaveLength(1);
  });

  test('a write over a version that is gone is refused; an ended run leaves the list', async () => {
    const runs = createRuns(await make());
    const { run: first } = await runs.begin(run());
    const second = (await runs.put({ ...first, ordered: 5 })) as Run;
    expect(await runs.put({ ...first, ordered: 9 })).toBeUndefined();
    expect(await runs.get(first)).toMatchObject({ ordered: 5, version: 2 });
    await runs.put({ ...second, state: 'finished' });
    expect(await runs.running()).toEqual([]);
    // begun again by a late copy of its message, it stays ended
    expect(await runs.begin(run())).toMatchObject({ kind: 'known', run: { state: 'finished' } });
    expect(await runs.running()).toEqual([]);
    await runs.begin(run({ occurrence: '2027-02-15T10:00' }));
    expect((await runs.of('spring')).map(({ occurrence }) => occurrence)).toEqual([
      '2027-02-15T10:00',
      '2027-01-15T10:00',
    ]);
  });

  test('a page stays as it was first written', async () => {
    const runs = createRuns(await make());
    const first = { page: 0, members: [{ partyId: party(1) }], next: { shard: 3 } };
    expect(await runs.keepPage(run(), first)).toEqual(first);
    expect(await runs.keepPage(run(), { page: 0, members: [{ partyId: party(2) }] })).toEqual(first);
    expect(await runs.page(run(), 0)).toEqual(first);
    expect(await runs.page(run(), 1)).toBeUndefined();
    const outcomes = { page: 0, counts: [{ outcome: 'sent' as const, count: 1 }], open: 0, checkedAt: TEN };
    await runs.setOutcomes(run(), { ...outcomes, open: 1 });
    await runs.setOutcomes(run(), outcomes);
    expect(await runs.outcomes(run())).toEqual([outcomes]);
  });

  test('takers together take what a minute holds and no more; the next minute begins anew', async () => {
    const pace = createPace(await make());
    const taken = await Promise.all(Array.from({ length: 12 }, () => pace.take(30, 100, TEN)));
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(await pace.take(1, 100, TEN)).toBe(0);
    expect(await pace.take(500, 100, (TEN + MINUTE) as Instant)).toBe(100);
    // a clock that lags takes nothing of a minute that is over
    expect(await pace.take(1, 100, TEN)).toBe(0);
  });

  test('a pre-flight is written over the version that was read', async () => {
    const preFlights = createPreFlights(await make());
    const first = {
      campaign: 'spring',
      definition: 'h',
      requestedAt: TEN,
      at: TEN,
      useBy: TEN,
      shard: 0,
      sums: noSums,
      version: 0,
    };
    const written = await preFlights.put(first);
    expect(written?.version).toBe(1);
    expect(await preFlights.put(first)).toBeUndefined();
    expect(await preFlights.get(first)).toEqual(written);
  });

  test('an alarm is the first of its day once', async () => {
    const marks = createAlarmMarks(await make());
    expect(await marks.first('spring', '2027-01-15' as never)).toBe(true);
    expect(await marks.first('spring', '2027-01-15' as never)).toBe(false);
    expect(await marks.first('spring', '2027-01-16' as never)).toBe(true);
  });
});
