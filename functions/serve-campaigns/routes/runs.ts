import * as z from 'zod';
import type { Campaigns } from '../../../shared/campaign/campaign-store.ts';
import { campaignId } from '../../../shared/campaign/contract.ts';
import type { PinnedDefinition } from '../../../shared/campaign/definition.ts';
import type { Definitions } from '../../../shared/campaign/definition-store.ts';
import { FIRST_SEND_WAITS } from '../../../shared/campaign/lifecycle.ts';
import type { Profile } from '../../../shared/customer/customer.ts';
import { nameOf } from '../../../shared/history/listed.ts';
import { beginPreFlight } from '../../../shared/launch/begin-pre-flight.ts';
import type { AudiencesMessage } from '../../../shared/launch/contract.ts';
import type { PreFlights } from '../../../shared/launch/pre-flight-store.ts';
import { preFlightReport } from '../../../shared/launch/read-pre-flight.ts';
import { readProgress, troubleOf, viewOf } from '../../../shared/launch/read-runs.ts';
import type { Runs } from '../../../shared/launch/run-store.ts';
import {
  failedAnswer,
  failedQuery,
  occurrenceParam,
  preFlightView,
  resendAnswer,
  resendRequest,
  runProgress,
  runsAnswer,
} from '../../../shared/launch/views.ts';
import type { Timeline } from '../../../shared/message/timeline-store.ts';
import { maySee, roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';
import type { Queue } from '../../../shared/platform/queue.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';

export interface RunRoutesPorts {
  readonly campaigns: Pick<Campaigns, 'get'>;
  readonly runs: Runs;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly timeline: Pick<Timeline, 'getMany'>;
  readonly preFlights: PreFlights;
  readonly audiences: Pick<Queue<AudiencesMessage>, 'send'>;
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly clock: () => Instant;
}

const params = z.object({ id: campaignId });
const runParams = z.object({ id: campaignId, occurrence: occurrenceParam });

/** What became of launched campaigns, and what a launch would come to. */
export const runRoutes = (ports: RunRoutesPorts): readonly Route[] => {
  const pinnedDraft = async (id: string): Promise<PinnedDefinition | undefined> => {
    const record = await ports.campaigns.get(id);
    return record && ports.definitions.get(id, record.draft);
  };

  const preFlight = async (id: string, anew: boolean): Promise<Reply<z.input<typeof preFlightView>>> => {
    const pinned = await pinnedDraft(id);
    if (pinned === undefined) return { kind: 'not-found' };
    const notBefore = (ports.clock() + FIRST_SEND_WAITS) as Instant;
    const found = await beginPreFlight(pinned, notBefore, ports, anew);
    return { kind: 'ok', body: preFlightReport(found, pinned) };
  };

  return [
    route({
      method: 'get',
      path: '/api/campaigns/{id}/pre-flight',
      summary:
        'What launching the draft would come to: size, exclusions, cost, hours; begun where there is none, so ask again',
      roles,
      params,
      answer: preFlightView,
      handle: async ({ params: { id } }) => preFlight(id, false),
    }),

    route({
      method: 'post',
      path: '/api/campaigns/{id}/pre-flight',
      summary: 'Begin the pre-flight of the draft anew; ask for it by GET',
      roles: ['marketing', 'approver', 'head'],
      params,
      answer: preFlightView,
      handle: async ({ params: { id } }) => preFlight(id, true),
    }),

    route({
      method: 'get',
      path: '/api/campaigns/{id}/runs',
      summary: 'The runs of a campaign, latest first',
      roles,
      params,
      answer: runsAnswer,
      handle: async ({ params: { id } }) => {
        if ((await ports.campaigns.get(id)) === undefined) return { kind: 'not-found' };
        return { kind: 'ok', body: { items: (await ports.runs.of(id)).map(viewOf) } };
      },
    }),

    route({
      method: 'get',
      path: '/api/campaigns/{id}/runs/{occurrence}',
      summary: 'How far a run is: sent, held, skipped by reason, failed',
      roles,
      params: runParams,
      answer: runProgress,
      handle: async ({ params: { id, occurrence } }) => {
        const progress = await readProgress(ports.runs, { campaign: id, occurrence });
        return progress === undefined ? { kind: 'not-found' } : { kind: 'ok', body: progress };
      },
    }),

    route({
      method: 'get',
      path: '/api/campaigns/{id}/runs/{occurrence}/failed',
      summary: 'Messages of a run that failed, or whose outcome is unknown',
      roles,
      params: runParams,
      query: failedQuery,
      answer: failedAnswer,
      handle: async ({ params: { id, occurrence }, query, reader }) => {
        const run = await ports.runs.get({ campaign: id, occurrence });
        if (run === undefined) return { kind: 'not-found' };
        const { entries, next } = await troubleOf(ports, run, query.outcome, query.after);
        const people = await ports.profiles.getMany([...new Set(entries.map(({ partyId }) => partyId))]);
        const items = entries.flatMap(({ partyId, id: sendId, at, reason }) => {
          const person = people.get(partyId);
          if (person === undefined || !maySee(reader, person.scope)) return [];
          const customerName = nameOf(person);
          return [{ customerId: partyId, customerName, sendId, at: formatInstant(at), ...(reason ? { reason } : {}) }];
        });
        return { kind: 'ok', body: { items, ...(next === undefined ? {} : { next }) } };
      },
    }),

    route({
      method: 'post',
      path: '/api/campaigns/{id}/runs/{occurrence}/failed/resend',
      summary: 'Send what failed once more; what is of unknown outcome only if you accept that it may arrive twice',
      roles: ['marketing', 'engineer'],
      params: runParams,
      body: resendRequest,
      answer: resendAnswer,
      handle: async ({ params: { id, occurrence }, body }) => {
        const run = await ports.runs.get({ campaign: id, occurrence });
        if (run === undefined) return { kind: 'not-found' };
        const { outcome } = body;
        const progress = await readProgress(ports.runs, run);
        await ports.audiences.send([{ kind: 'resend', campaign: id, occurrence, outcome, at: ports.clock() }]);
        const failed = Object.values(progress?.failed ?? {}).reduce((sum, count) => sum + count, 0);
        return { kind: 'ok', body: { messages: outcome === 'failed' ? failed : (progress?.unknown ?? 0) } };
      },
    }),
  ];
};
