import * as z from 'zod';
import type { Profiles } from '../../../shared/customer/profile-store.ts';
import { overview, troubleAnswer, troubles } from '../../../shared/history/contract.ts';
import { listedRow, nameOf } from '../../../shared/history/listed.ts';
import { type ReadOverviewPorts, readOverview } from '../../../shared/history/read-overview.ts';
import type { Timeline } from '../../../shared/message/timeline-store.ts';
import { maySee, type Reader, roles } from '../../../shared/platform/api/reader.ts';
import { pageQuery, type Route, route } from '../../../shared/platform/api/route.ts';
import type { Instant } from '../../../shared/platform/time.ts';

export interface WorkRoutesPorts extends ReadOverviewPorts {
  readonly profiles: Pick<Profiles, 'getMany'>;
  readonly timeline: Pick<Timeline, 'trouble'>;
  /** All scopes of the house. */
  readonly scopes: readonly string[];
  readonly now: () => Instant;
}

/** What is due and what was not sent. */
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
  ];
};
