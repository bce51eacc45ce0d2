import { describe, expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { type CivilDate, type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { Task } from '../../shared/task/task.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { tellOverdueTasks } from '../../shared/task/tell-overdue-tasks.ts';
import { tableEngines } from '../support/tables.ts';

const NOW = parseInstant('2027-03-02T01:00:00Z') as Instant;
const TODAY = '2027-03-02' as CivilDate;

const task = (taskId: string, dueOn: string, scope = 'house/east'): Task => ({
  taskId,
  scope,
  kind: 'call',
  reason: 'no-reaction',
  state: 'open',
  dueOn: dueOn as CivilDate,
  createdAt: NOW,
});

for (const engine of tableEngines)
  describe(`overdue tasks on ${engine.name}`, () => {
    test('O6: each is told once, open ones whose day is over only', async () => {
      const tasks = createTasks(await engine.make());
      await tasks.add(task('late', '2027-03-01'));
      await tasks.add(task('later', '2027-02-01', 'house/west'));
      await tasks.add(task('today', '2027-03-02'));
      await tasks.add(task('done', '2027-03-01'));
      await tasks.change('done', (open) => ({ ...open, state: 'done' }));
      const bus = createMemoryBus();
      const ports = { tasks, staff: createStaffEvents(bus) };
      const scopes = ['house', 'house/east', 'house/west'];
      const told = () => bus.events.map(({ detail }) => `${String(detail.scope)} ${String(detail.taskId)}`);

      expect(await tellOverdueTasks(ports, scopes, TODAY, NOW)).toBe(2);
      expect(told()).toEqual(['house/east late', 'house/west later']);
      expect(await tellOverdueTasks(ports, scopes, TODAY, NOW)).toBe(0);
      expect(await tellOverdueTasks(ports, scopes, '2027-03-03' as CivilDate, NOW)).toBe(1);
      expect(told().at(-1)).toBe('house/east today');
    });

    test('all of many, page after page, and again when the event was lost on the way', async () => {
      const tasks = createTasks(await engine.make());
      for (let n = 0; n < 230; n += 1) await tasks.add(task(`t${String(n).padStart(3, '0')}`, '2027-02-01'));
      const broken = { tell: () => Promise.reject(new Error('bus is down')) };
      await expect(tellOverdueTasks({ tasks, staff: broken }, ['house/east'], TODAY, NOW)).rejects.toThrow('bus');
      const bus = createMemoryBus();
      expect(await tellOverdueTasks({ tasks, staff: createStaffEvents(bus) }, ['house/east'], TODAY, NOW)).toBe(230);
      expect(new Set(bus.events.map(({ detail }) => detail.taskId)).size).toBe(230);
    });
  });
