import * as z from 'zod';
import {
  closeTaskRequest,
  overview,
  tasksAnswer,
  task as taskView,
  troubleAnswer,
  troubles,
} from '../../../shared/history/contract.ts';
import { listedRow, nameOf } from '../../../shared/history/listed.ts';
import { type ReadOverviewPorts, readOverview } from '../../../shared/history/read-overview.ts';
import { type ReadTasksPorts, readTasks, viewTasks } from '../../../shared/history/read-tasks.ts';
import type { Timeline } from '../../../shared/message/timeline-store.ts';
import { maySee, type Reader, roles } from '../../../shared/platform/api/reader.ts';
import { idParam, pageQuery, type Route, route } from '../../../shared/platform/api/route.ts';
import type { Instant } from '../../../shared/platform/time.ts';
import type { Policies } from '../../../shared/policy/policy-store.ts';
import type { Tasks } from '../../../shared/task/task-store.ts';

export interface WorkRoutesPorts extends ReadOverviewPorts, ReadTasksPorts {
  readonly tasks: Tasks;
  readonly policies: Pick<Policies, 'due' | 'getMany'>;
  readonly timeline: Pick<Timeline, 'trouble' | 'record'>;
  /** All scopes of the house. */
  readonly scopes: readonly string[];
  readonly now: () => Instant;
}

/** What is to be done: the overview, what was not sent, and tasks. */
export const workRoutes = (ports: WorkRoutesPorts): readonly Route[] => {
  const scopesOf = (reader: Reader): readonly string[] => ports.scopes.filter((scope) => maySee(reader, scope));

  return [
    route({
      method: 'get',
      path: '/api/overview',
      summary: 'What is due in 60 days; what was sent, held, skipped and failed in the last 14',
      roles,
      answer: overview,
      handle: async ({ reader }) => ({ kind: 'ok', body: await readOverview(ports, scopesOf(reader), ports.now()) }),
    }),

    route({
      method: 'get',
      path: '/api/troubles/{outcome}',
      summary: 'Messages that were not sent, with the reason, newest first',
      roles,
      params: z.object({ outcome: z.enum(troubles) }),
      query: pageQuery,
      answer: troubleAnswer,
      handle: async ({ params, query, reader }) => {
        const { entries, next } = await ports.timeline.trouble(params.outcome, query);
        const people = await ports.profiles.getMany([...new Set(entries.map(({ partyId }) => partyId))]);
        const items = entries.flatMap((entry) => {
          const person = people.get(entry.partyId);
          if (person === undefined || !maySee(reader, person.scope)) return [];
          return [{ ...listedRow(entry), customerName: nameOf(person) }];
        });
        return { kind: 'ok', body: { items, ...(next === undefined ? {} : { next }) } };
      },
    }),

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
      method: 'post',
      path: '/api/tasks/{id}/close',
      summary: 'Close a task with its outcome; the outcome stands in the customer’s timeline',
      roles: ['manager', 'marketing', 'head', 'engineer'],
      params: z.object({ id: idParam }),
      body: closeTaskRequest,
      answer: taskView,
      handle: async ({ params, body, reader }) => {
        const found = await ports.tasks.get(params.id);
        if (found === undefined || !maySee(reader, found.scope)) return { kind: 'not-found' };
        if (found.state === 'done')
          return {
            kind: 'refused',
            status: 409,
            code: 'conflict',
            message: 'the task is closed already: look at it again',
          };
        await ports.tasks.finish(params.id);
        if (found.partyId !== undefined)
          await ports.timeline.record({
            partyId: found.partyId,
            at: ports.now(),
            kind: 'task',
            id: `${found.taskId}-closed`,
            policyIds: found.policyId === undefined ? [] : [found.policyId],
            ...(found.campaign === undefined ? {} : { campaign: found.campaign }),
            ...(found.step === undefined ? {} : { step: found.step }),
            details: {
              task: found.kind,
              outcome: body.outcome,
              by: reader.id,
              ...(body.note ? { note: body.note } : {}),
            },
          });
        const [view] = await viewTasks(ports, [{ ...found, state: 'done' }]);
        return view === undefined ? { kind: 'not-found' } : { kind: 'ok', body: view };
      },
    }),
  ];
};
