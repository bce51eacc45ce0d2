import * as z from 'zod';
import { type Route, route } from '../../../shared/platform/api/route.ts';
import type { OutboundNetwork } from '../../../shared/platform/outbound-http.ts';
import { urlRefusal } from '../../../shared/platform/outbound-http.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';
import { type Endpoint, endpointDetails, endpointName } from '../../../shared/relay/endpoint.ts';
import type { Endpoints } from '../../../shared/relay/endpoint-store.ts';
import { endpointKey, writtenKey } from '../../../shared/relay/signature.ts';

const listed = z.object({
  name: z.string(),
  kind: endpointDetails.shape.kind,
  url: z.string(),
  perMinute: z.int().optional(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
  version: z.int(),
});
const withKey = listed.extend({
  signingKey: z.string().describe('Signs calls both ways, by Standard Webhooks: whsec_ and base64'),
});

const told = ({ changed, ...endpoint }: Endpoint): z.input<typeof listed> => ({
  ...endpoint,
  changedBy: changed.by,
  changedAt: formatInstant(changed.at),
});

/** Other systems that are called by name, and the insurer's gateways: engineers register them. */
export const endpointRoutes = (ports: {
  readonly endpoints: Endpoints;
  readonly network: OutboundNetwork;
  /** The stage's secret that endpoint keys are derived from. */
  readonly outboundSecret: () => Promise<Uint8Array>;
  readonly now: () => Instant;
}): readonly Route[] => {
  const keyOf = async (name: string): Promise<string> => writtenKey(endpointKey(await ports.outboundSecret(), name));
  return [
    route({
      method: 'get',
      path: '/api/endpoints',
      summary: 'The registered endpoints: webhooks and gateways',
      roles: ['engineer', 'marketing'],
      answer: z.object({ items: z.array(listed) }),
      handle: async () => ({ kind: 'ok', body: { items: (await ports.endpoints.all()).map(told) } }),
    }),

    route({
      method: 'get',
      path: '/api/endpoints/{name}',
      summary: 'One endpoint with the key that signs its calls',
      roles: ['engineer'],
      params: z.object({ name: endpointName }),
      answer: withKey,
      handle: async ({ params: { name } }) => {
        const endpoint = await ports.endpoints.get(name);
        return endpoint === undefined
          ? { kind: 'not-found' }
          : { kind: 'ok', body: { ...told(endpoint), signingKey: await keyOf(name) } };
      },
    }),

    route({
      method: 'put',
      path: '/api/endpoints/{name}',
      summary: 'Register an endpoint, or change it',
      roles: ['engineer'],
      params: z.object({ name: endpointName }),
      body: endpointDetails.extend({
        version: z.int().min(0).describe('That of the endpoint as read; 0 for a new one'),
      }),
      answer: withKey,
      handle: async ({ params: { name }, body: { version, ...details }, reader }) => {
        const refusal = urlRefusal(details.url, ports.network);
        if (refusal !== undefined)
          return { kind: 'refused', status: 400, code: 'bad-input', message: `body.url: ${refusal}` };
        const endpoint = { name, ...details, changed: { by: reader.id, at: ports.now() } };
        if ((await ports.endpoints.put(endpoint, version)) === 'refused') {
          const message = `${name} is not at version ${version} any more: read it and change that`;
          return { kind: 'refused', status: 409, code: 'conflict', message };
        }
        const stored: Endpoint = { ...endpoint, version: version + 1 };
        return { kind: 'ok', body: { ...told(stored), signingKey: await keyOf(name) } };
      },
    }),
  ];
};
