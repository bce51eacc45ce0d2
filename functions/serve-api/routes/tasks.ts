import * as z from 'zod';
import type { Gates } from '../../../shared/customer/gate-store.ts';
import {
  attemptRequest,
  closeTaskRequest,
  renewalStates,
  renewalsAnswer,
  tasksAnswer,
  tasksToDo,
  taskToDo,
} from '../../../shared/history/contract.ts';
import { type ReadRenewalsPorts, readRenewals } from '../../../shared/history/read-renewals.ts';
import { type ReadTasksPorts, readTasks } from '../../../shared/history/read-tasks.ts';
import { type ReadTasksToDoPorts, viewTasksToDo } from '../../../shared/history/read-tasks-to-do.ts';
import { HOUSE_ZONE } from '../../../shared/insight/period.ts';
import type { DueWork } from '../../../shared/journey/due-work.ts';
import { logAttempt } from '../../../shared/message/log-attempt.ts';
import type { Timeline } from '../../../shared/message/timeline-store.ts';
import { maySee, type Reader, roles } from '../../../shared/platform/api/reader.ts';
import { idParam, pageQuery, type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import type { Bus } from '../../../shared/platform/bus.ts';
import { civilDateAt, type Instant, parseInstant } from '../../../shared/platform/time.ts';
import type { Policies } from '../../../shared/policy/policy-store.ts';
import { closeTask } from '../../../shared/task/close-task.ts';
import { assignTask, takeTask } from '../../../shared/task/take-task.ts';
import { attemptOutcomes, closingOutcomes, type Task } from '../../../shared/task/task.ts';
import type { TaskPage, Tasks } from '../../../shared/task/task-store.ts';

export interface TaskRoutesPorts extends ReadTasksPorts, ReadTasksToDoPorts, ReadRenewalsPorts {
  readonly tasks: Tasks;
  readonly policies: Pick<Policies, 'due' | 'getMany'>;
  readonly profiles: ReadTasksToDoPorts['profiles'];
  readonly gates: Pick<Gates, 'getMany' | 'reserve'>;
  readonly timeline: Pick<Timeline, 'record' | 'get' | 'getMany'>;
  readonly bus: Bus;
  readonly dueWork: Pick<DueWork, 'place'>;
  /** All scopes of the house. */
  readonly scopes: readonly string[];
  readonly now: () => Instant;
}

/** Who does tasks. */
const DOERS = ['manager', 'head', 'marketing', 'engineer'] as const;
/** Who calls customers, and sees their numbers in full. */
const CALLERS = ['manager', 'head'] as const;

const params = z.object({ id: idParam });

const conflict = (message: string): Reply<never> => ({ kind: 'refused', status: 409, code: 'conflict', message });

const CLOSED = conflict('the task is closed already: look at it again');

/** Tasks, and the renewals that most of them are about. */
export const taskRoutes = (ports: TaskRoutesPorts): readonly Route[] => {
  const scopesOf = (reader: Reader): readonly string[] => ports.scopes.filter((scope) => maySee(reader, scope));

  const view = (reader: Reader, tasks: readonly Task[]) =>
    viewTasksToDo(ports, tasks, {
      id: reader.id,
      seesPhones: CALLERS.some((role) => reader.roles.includes(role)),
    });

  const viewOne = async (reader: Reader, task: Task) => {
    const [body] = await view(reader, [task]);
    return body === undefined ? { kind: 'not-found' as const } : { kind: 'ok' as const, body };
  };

  const viewPage = async (reader: Reader, { tasks, next }: TaskPage) => ({
    kind: 'ok' as const,
    body: { items: await view(reader, tasks), ...(next === undefined ? {} : { next }) },
  });

  /** The task where the reader may see it: as assignee, or as one of the branch. */
  const visible = async (reader: Reader, id: string): Promise<Task | undefined> => {
    const task = await ports.tasks.get(id);
    return task !== undefined && (task.assignee === reader.id || maySee(reader, task.scope)) ? task : undefined;
  };

  return [
    route({
      method: 'get',
      path: '/api/tasks',
      summary: 'Tasks, the most urgent first',
      roles,
      query: pageQuery.extend({
        state: z.enum(['open', 'done']).default('open'),
        scope: z.string().max(100).optional(),
      }),
      answer: tasksAnswer,
      handle: async ({ query, reader }) => {
        const { state, scope: asked, ...page } = query;
        const scopes = scopesOf(reader).filter((scope) => asked === undefined || scope === asked);
        return { kind: 'ok', body: await readTasks(ports, scopes, state, page) };
      },
    }),

    route({
      method: 'get',
      path: '/api/tasks/mine',
      summary: 'My tasks, or with `queue` those of my branch that are nobody’s yet; the most urgent first',
      roles: DOERS,
      query: pageQuery.extend({
        state: z.enum(['open', 'done']).default('open'),
        queue: z.enum(['true', 'false']).default('false').describe('open tasks of the branch without an assignee'),
        scope: z.string().max(100).optional().describe('of the queue; the first of the reader’s unless said'),
      }),
      answer: tasksToDo,
      handle: async ({ query: { state, queue, scope: asked, limit, after }, reader }) => {
        const page = { limit, ...(after === undefined ? {} : { after }) };
        if (queue === 'false') return viewPage(reader, await ports.tasks.mine(reader.id, state, page));
        const scope = scopesOf(reader).find((own) => asked === undefined || own === asked);
        return viewPage(reader, scope === undefined ? { tasks: [] } : await ports.tasks.queue(scope, page));
      },
    }),

    route({
      method: 'get',
      path: '/api/tasks/{id}',
      summary: 'A task with reason, script, customer, what was said, attempts',
      roles: DOERS,
      params,
      answer: taskToDo,
      handle: async ({ params: { id }, reader }) => {
        const task = await visible(reader, id);
        return task === undefined ? { kind: 'not-found' } : viewOne(reader, task);
      },
    }),

    route({
      method: 'post',
      path: '/api/tasks/{id}/take',
      summary: 'Take a task out of the branch’s queue: it is mine',
      roles: DOERS,
      params,
      body: z.strictObject({}),
      answer: taskToDo,
      handle: async ({ params: { id }, reader }) => {
        if ((await visible(reader, id)) === undefined) return { kind: 'not-found' };
        const taken = await takeTask(ports, id, reader.id);
        if (taken.kind === 'absent') return { kind: 'not-found' };
        return taken.kind === 'taken'
          ? viewOne(reader, taken.task)
          : conflict('somebody else has the task: see the queue');
      },
    }),

    route({
      method: 'post',
      path: '/api/tasks/{id}/assign',
      summary: 'Give a task to a colleague, or without `assignee` back to the branch’s queue',
      roles: CALLERS,
      params,
      body: z.strictObject({ assignee: idParam.optional().describe('user id') }),
      answer: taskToDo,
      handle: async ({ params: { id }, body: { assignee }, reader }) => {
        const task = await visible(reader, id);
        if (task === undefined) return { kind: 'not-found' };
        if (task.assignee !== reader.id && !reader.roles.includes('head'))
          return {
            kind: 'refused',
            status: 403,
            code: 'forbidden',
            message: 'the task is another’s: only its assignee or a head gives it away',
          };
        const given = await assignTask(ports, id, assignee);
        if (given.kind === 'absent') return { kind: 'not-found' };
        return given.kind === 'taken' ? viewOne(reader, given.task) : CLOSED;
      },
    }),

    route({
      method: 'post',
      path: '/api/tasks/{id}/attempt',
      summary: 'Log a call or a visit for a task: it stands in the timeline and counts against the contact budget',
      roles: DOERS,
      params,
      body: attemptRequest,
      answer: taskToDo,
      handle: async ({ params: { id }, body: { at: text, note, ...body }, reader }) => {
        if ((await visible(reader, id)) === undefined) return { kind: 'not-found' };
        const now = ports.now();
        const at = (text === undefined ? now : parseInstant(text)) as Instant;
        const contact = { taskId: id, ...body, at, by: reader.id, ...(note === undefined ? {} : { note }) };
        const logged = await logAttempt(ports, contact, now);
        if (logged.kind === 'absent') return { kind: 'not-found' };
        return logged.kind === 'logged' ? viewOne(reader, logged.task) : CLOSED;
      },
    }),

    route({
      method: 'post',
      path: '/api/tasks/{id}/close',
      summary:
        'Close a task with its outcome; where that does not close it, such as `not-reached` with a low score, it is noted',
      roles: DOERS,
      params,
      body: closeTaskRequest,
      answer: taskToDo,
      handle: async ({ params: { id }, body: { outcome, note }, reader }) => {
        if ((await visible(reader, id)) === undefined) return { kind: 'not-found' };
        const now = ports.now();
        const said = note ? { note } : {};
        const closed = await closeTask(ports, { taskId: id, outcome, by: reader.id, ...said }, now);
        switch (closed.kind) {
          case 'absent':
            return { kind: 'not-found' };
          case 'closed':
            return viewOne(reader, closed.task);
          case 'closed-before':
            return CLOSED;
          case 'still-open': {
            const attempt = attemptOutcomes.find((one) => one === outcome);
            if (attempt === undefined)
              return {
                kind: 'refused',
                status: 400,
                code: 'bad-input',
                message: `${outcome} does not close this task: use ${closingOutcomes(closed.task.kind).join(', ')}`,
              };
            const contact = {
              taskId: id,
              channel: 'phone',
              outcome: attempt,
              at: now,
              by: reader.id,
              ...said,
            } as const;
            const logged = await logAttempt(ports, contact, now);
            if (logged.kind === 'absent') return { kind: 'not-found' };
            return logged.kind === 'logged' ? viewOne(reader, logged.task) : CLOSED;
          }
        }
      },
    }),

    route({
      method: 'get',
      path: '/api/renewals',
      summary:
        'Policies by the day of their renewal, a month at a time: owner, next step, how it stands, why it was lost',
      roles,
      query: pageQuery.extend({
        month: z
          .string()
          .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2027-03')
          .optional()
          .describe('this month unless said'),
        state: z.enum(renewalStates).default('due'),
        mine: z.enum(['true', 'false']).default('false').describe('only of customers whose account manager I am'),
        scope: z.string().max(100).optional().describe('the first of the reader’s unless said'),
      }),
      answer: renewalsAnswer,
      handle: async ({ query: { month: wanted, state, mine, scope: asked, limit, after }, reader }) => {
        const now = ports.now();
        const month = wanted ?? civilDateAt(now, HOUSE_ZONE).slice(0, 7);
        const scope = scopesOf(reader).find((own) => asked === undefined || own === asked);
        if (scope === undefined) return { kind: 'ok', body: { month, items: [] } };
        const query = {
          scope,
          month,
          state,
          limit,
          ...(mine === 'true' ? { owner: reader.id } : {}),
          ...(after === undefined ? {} : { after }),
        };
        return { kind: 'ok', body: await readRenewals(ports, query, now) };
      },
    }),
  ];
};
