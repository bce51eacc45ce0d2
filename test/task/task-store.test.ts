import { describe, expect, test } from 'vitest';
import type { PartyId } from '../../shared/platform/ids.ts';
import { type CivilDate, type Instant, parseInstant } from '../../shared/platform/time.ts';
import { assignTask, takeTask } from '../../shared/task/take-task.ts';
import type { Task } from '../../shared/task/task.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { tableEngines } from '../support/tables.ts';

const NOW = parseInstant('2027-03-02T01:00:00Z') as Instant;

const task = (taskId: string, change: Partial<Task> = {}): Task => ({
  taskId,
  scope: 'house/east',
  kind: 'call',
  reason: 'no-reaction',
  state: 'open',
  dueOn: '2027-03-05' as CivilDate,
  createdAt: NOW,
  ...change,
});
const on = (day: string) => ({ dueOn: day as CivilDate });
const ids = ({ tasks }: { readonly tasks: readonly Task[] }) => tasks.map(({ taskId }) => taskId);

for (const engine of tableEngines)
  describe(`tasks on ${engine.name}`, () => {
    test('A2: mine, the most urgent first; the branch’s queue holds what is nobody’s', async () => {
      const tasks = createTasks(await engine.make());
      await tasks.add(task('b', { ...on('2027-03-04'), assignee: 'li' }));
      await tasks.add(task('a', { ...on('2027-03-09'), assignee: 'li' }));
      await tasks.add(task('c', { assignee: 'wang' }));
      await tasks.add(task('d'));
      await tasks.add(task('e', { scope: 'house/west' }));
      await tasks.add(task('f', { state: 'done', assignee: 'li' }));
      expect(ids(await tasks.mine('li', 'open'))).toEqual(['b', 'a']);
      expect(ids(await tasks.mine('li', 'done'))).toEqual(['f']);
      expect(ids(await tasks.queue('house/east'))).toEqual(['d']);
      expect(ids(await tasks.list('house/east', 'open'))).toEqual(['b', 'c', 'd', 'a']);
      const first = await tasks.mine('li', 'open', { limit: 1 });
      expect(ids(await tasks.mine('li', 'open', { limit: 1, after: first.next as string }))).toEqual(['a']);
    });

    test('a user named like a queue of the branch sees no queue', async () => {
      const tasks = createTasks(await engine.make());
      await tasks.add(task('a'));
      expect(ids(await tasks.mine('house/east', 'open'))).toEqual([]);
    });

    test('added twice is there once, as it was first', async () => {
      const tasks = createTasks(await engine.make());
      expect(await tasks.add(task('a'))).toBe('written');
      await takeTask({ tasks }, 'a', 'li');
      expect(await tasks.add(task('a'))).toBe('refused');
      expect((await tasks.get('a'))?.assignee).toBe('li');
    });

    test('of twenty who take one task at once, one has it; it leaves the queue', async () => {
      const tasks = createTasks(await engine.make());
      await tasks.add(task('a'));
      const takers = Array.from({ length: 20 }, (_, n) => `user-${n}`);
      const outcomes = await Promise.all(takers.map((by) => takeTask({ tasks }, 'a', by)));
      const winners = takers.filter((_, n) => outcomes[n]?.kind === 'taken');
      expect(winners).toHaveLength(1);
      expect(ids(await tasks.queue('house/east'))).toEqual([]);
      expect(ids(await tasks.mine(winners[0] as string, 'open'))).toEqual(['a']);
      expect((await takeTask({ tasks }, 'a', winners[0] as string)).kind).toBe('taken');
    });

    test('given to another and back to the queue; a closed one stays whose it was', async () => {
      const tasks = createTasks(await engine.make());
      await tasks.add(task('a', { assignee: 'li' }));
      await assignTask({ tasks }, 'a', 'wang');
      expect([ids(await tasks.mine('li', 'open')), ids(await tasks.mine('wang', 'open'))]).toEqual([[], ['a']]);
      await assignTask({ tasks }, 'a', undefined);
      expect(ids(await tasks.queue('house/east'))).toEqual(['a']);
      await tasks.change('a', (open) => ({ ...open, state: 'done', assignee: 'li' }));
      expect((await assignTask({ tasks }, 'a', 'wang')).kind).toBe('gone');
      expect((await assignTask({ tasks }, 'nobody-knows', 'wang')).kind).toBe('absent');
    });

    test('F32: no change is lost, however many change at once', async () => {
      const tasks = createTasks(await engine.make());
      await tasks.add(task('a'));
      const attempt = (id: string) => ({
        id,
        at: NOW,
        channel: 'phone' as const,
        outcome: 'not-reached' as const,
        by: 'li',
      });
      await Promise.all(
        ['1', '2', '3', '4'].map((id) =>
          tasks.change('a', (open) => ({ ...open, attempts: [...(open.attempts ?? []), attempt(id)] })),
        ),
      );
      expect((await tasks.get('a'))?.attempts?.map(({ id }) => id).sort()).toEqual(['1', '2', '3', '4']);
    });
  });

test('S4: tasks go to the account manager of their customer, and stay with whom they were made for', async () => {
  const [engine] = tableEngines;
  const managers: Readonly<Record<string, { manager?: string }>> = { ana: { manager: 'li' }, ben: {} };
  const tasks = toManagers(createTasks(await (engine as (typeof tableEngines)[number]).make()), {
    get: async (id) => managers[id],
  });
  const ofParty = (id: string) => ({ partyId: id as PartyId });
  await tasks.add(task('a', ofParty('ana')));
  await tasks.add(task('b', ofParty('ben')));
  await tasks.add(task('c', ofParty('unknown')));
  await tasks.add(task('d', { ...ofParty('ana'), assignee: 'wang' }));
  await tasks.add(task('e'));
  expect(ids(await tasks.mine('li', 'open'))).toEqual(['a']);
  expect(ids(await tasks.mine('wang', 'open'))).toEqual(['d']);
  expect(ids(await tasks.queue('house/east'))).toEqual(['b', 'c', 'e']);
});
