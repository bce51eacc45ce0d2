import * as z from 'zod';
import type { Profile } from '../../../shared/customer/customer.ts';
import { readWhy, type WhyPorts } from '../../../shared/history/why.ts';
import { why } from '../../../shared/history/why-contract.ts';
import { maySee } from '../../../shared/platform/api/reader.ts';
import { idParam, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';

export interface WhyRoutesPorts extends WhyPorts {
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
}

/** Why a campaign wrote to a customer, or did not. */
export const whyRoutes = (ports: WhyRoutesPorts): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/why',
    summary: 'Why a campaign wrote to a customer, or did not: journeys, steps with reasons, decisions asked again',
    roles: ['marketing', 'compliance', 'manager', 'head', 'engineer'],
    query: z.strictObject({ customer: idParam, campaign: z.string().min(1).max(60) }),
    answer: why,
    handle: async ({ query, reader }) => {
      const profile = await ports.profiles.get(query.customer as PartyId);
      if (profile === undefined || !maySee(reader, profile.scope)) return { kind: 'not-found' };
      return { kind: 'ok', body: await readWhy(ports, profile.partyId, query.campaign) };
    },
  }),
];
