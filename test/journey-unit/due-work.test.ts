import { describe, expect, test } from 'vitest';
import { createDueWork, type DueItem, type DueRow } from '../../shared/journey/due-work.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';
import { instant } from './world.ts';

const item = (at: string, id: string): DueItem => ({ at: instant(at), kind: 'recheck', id, payload: { policyId: id } });

/** Everything due at `upTo`, as run-due would find it. */
const dueAt = async (work: ReturnType<typeof createDueWork>, upTo: Instant): Promise<DueRow[]> => {
  const rows: DueRow[] = [];
  for (const bucket of await work.activeBuckets(upTo)) {
    let after: string | undefined;
    do {
      const page = await work.page(bucket, upTo, after);
      rows.push(...page.rows);
      after = page.next;
    } while (after !== undefined);
  }
  return rows;
};

describe.each(tableEngines)('due work on $name', (engine) => {
  test('is found when it is due, not before, and every row of a full hour', async () => {
    const work = createDueWork(await engine.make());
    const now = instant('2019-01-01T00:00:00Z');
    const many = Array.from({ length: 700 }, (_, n) => item('2019-03-01T10:00:00Z', `p${n}`));
    await work.place([...many, item('2019-03-01T10:00:30Z', 'later'), item('2019-01-01T00:00:00Z', 'now')], now);
    expect((await dueAt(work, now)).map(({ id }) => id)).toEqual(['now']);
    expect(await work.nextAfter(now)).toBe(instant('2019-03-01T10:00:00Z'));
    expect(await dueAt(work, instant('2019-03-01T09:59:59Z'))).toHaveLength(1);
    const rows = await dueAt(work, instant('2019-03-01T10:00:00Z'));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(701);
    await work.remove(rows);
    expect(await dueAt(work, instant('2019-03-01T10:00:00Z'))).toEqual([]);
    expect(await work.nextAfter(instant('2019-03-01T10:00:00Z'))).toBe(instant('2019-03-01T10:00:30Z'));
    expect((await dueAt(work, instant('2019-03-01T10:00:30Z'))).map(({ id }) => id)).toEqual(['later']);
  });
});

describe('due work', () => {
  test('F14: after an outage of months a new container finds what was left, and the agenda is cleared behind it', async () => {
    const table = createMemoryTable();
    await createDueWork(table).place([item('2018-02-01T10:00:00Z', 'old')], instant('2018-01-01T00:00:00Z'));
    const work = createDueWork(table);
    const now = instant('2018-11-20T08:00:00Z');
    const rows = await dueAt(work, now);
    expect(rows.map(({ id }) => id)).toEqual(['old']);
    await work.remove(rows);
    expect(await createDueWork(table).activeBuckets(now)).toEqual([]);
    expect(table.all()).toEqual([]);
  });

  test('what is past is due now, so that no hour that is over gets a row', async () => {
    const table = createMemoryTable();
    const work = createDueWork(table);
    await work.place([item('2018-01-01T00:00:00Z', 'past')], instant('2019-01-01T12:34:56Z'));
    expect(table.all().find(({ entity }) => entity === 'Due')?.sk).toBe('34:56.000#-#recheck#past');
    expect((await dueAt(work, instant('2019-01-01T12:34:56Z'))).map(({ id }) => id)).toEqual(['past']);
  });

  test('placing the same again changes nothing', async () => {
    const table = createMemoryTable();
    const work = createDueWork(table);
    const now = instant('2019-01-01T00:00:00Z');
    for (let n = 0; n < 3; n += 1) await work.place([item('2019-02-01T10:00:00Z', 'p')], now);
    await createDueWork(table).place([item('2019-02-01T10:00:00Z', 'p')], now);
    expect(table.size()).toBe(2);
  });

  test('a row placed while its hour is taken off the agenda is put back', async () => {
    const table = createMemoryTable();
    const placer = createDueWork(table);
    const placedAt = instant('2019-01-01T09:59:00Z');
    await placer.place([item('2019-01-01T09:59:00Z', 'first')], placedAt);
    await placer.remove(await dueAt(placer, placedAt));
    // a worker that hung since 09:59 writes its row between the look into the bucket and the removal of its entry
    let hung = true;
    const slow: Table = {
      ...table,
      remove: async (key, condition) => {
        if (hung) {
          hung = false;
          await placer.place([item('2019-01-01T09:59:00Z', 'second')], placedAt);
        }
        return table.remove(key, condition);
      },
    };
    for (let minute = 0; minute < 3; minute += 1)
      await createDueWork(slow).activeBuckets((instant('2019-01-01T12:00:00Z') + minute * 60_000) as Instant);
    expect(hung).toBe(false);
    const found = await dueAt(createDueWork(table), instant('2019-01-01T12:05:00Z'));
    // the second may share the first's bucket or not; it is found either way
    expect(found.map(({ id }) => id)).toEqual(['second']);
  });
});
