import { type CalendarPorts, readCalendar } from '../../../shared/launch/read-calendar.ts';
import { calendarAnswer, calendarQuery } from '../../../shared/launch/views.ts';
import { roles } from '../../../shared/platform/api/reader.ts';
import { type Route, route } from '../../../shared/platform/api/route.ts';
import type { CivilDate, Instant } from '../../../shared/platform/time.ts';

/** All campaigns by day. */
export const calendarRoutes = (ports: CalendarPorts & { readonly now: () => Instant }): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/calendar',
    summary:
      'All campaigns by day, class and department: what went out, what is planned, holidays, overlapping audiences',
    roles,
    query: calendarQuery,
    answer: calendarAnswer,
    handle: async ({ query: { from, to } }) => ({
      kind: 'ok',
      body: await readCalendar({ from: from as CivilDate, to: to as CivilDate }, ports, ports.now()),
    }),
  }),
];
