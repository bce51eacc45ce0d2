import type { Campaigns } from '../../../shared/campaign/campaign-store.ts';
import type { Controls } from '../../../shared/campaign/control.ts';
import type { LaunchEffects } from '../../../shared/campaign/launch-effects.ts';
import { stopRequest, stopsAnswer } from '../../../shared/launch/views.ts';
import { maySee, type Role, roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';

export interface StopRoutesPorts {
  readonly controls: Pick<Controls, 'stop' | 'release' | 'stops'>;
  readonly campaigns: Pick<Campaigns, 'all'>;
  readonly effects: Pick<LaunchEffects, 'onResume'>;
  readonly now: () => Instant;
}

/** Whoever may see harm coming. */
const MAY: readonly Role[] = ['head', 'compliance', 'engineer', 'approver'];

/** The global stop (G6): nothing of any campaign goes out, in the whole house or a part of it, until it is released. */
export const stopRoutes = (ports: StopRoutesPorts): readonly Route[] => {
  const stops = async (): Promise<Reply<ReturnType<typeof stopsAnswer.parse>>> => ({
    kind: 'ok',
    body: { items: (await ports.controls.stops()).map(({ scope, by, at }) => ({ scope, by, at: formatInstant(at) })) },
  });

  return [
    route({
      method: 'get',
      path: '/api/stop',
      summary: 'Stops in force; the empty scope is the whole house',
      roles,
      answer: stopsAnswer,
      handle: stops,
    }),

    route({
      method: 'post',
      path: '/api/stop',
      summary: 'Stop all sending of the house or of a part of it, within a minute',
      roles: MAY,
      body: stopRequest,
      answer: stopsAnswer,
      handle: async ({ body: { scope }, reader }) => {
        if (!maySee(reader, scope)) return { kind: 'not-found' };
        await ports.controls.stop(scope, reader.id, ports.now());
        return stops();
      },
    }),

    route({
      method: 'post',
      path: '/api/stop/release',
      summary: 'Release a stop: what lies on the shelf becomes due again, and goes if it is still in time',
      roles: MAY,
      body: stopRequest,
      answer: stopsAnswer,
      handle: async ({ body: { scope }, reader }) => {
        if (!maySee(reader, scope)) return { kind: 'not-found' };
        await ports.controls.release(scope, reader.id, ports.now());
        // what another stop or a pause still holds, goes back onto its shelf
        for (const { id, live } of await ports.campaigns.all())
          if (live !== undefined) await ports.effects.onResume(id);
        return stops();
      },
    }),
  ];
};
