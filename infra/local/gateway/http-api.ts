import { randomUUID } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import type { HttpApiResource } from '../template/resources.ts';
import type { InvokeResult, VirtualClock } from '../wire.ts';
import { authorize } from './authorize.ts';
import { matchRoute } from './match-route.ts';
import { type ApiRequest, type ApiResponse, eventOf, responseOf } from './payload.ts';
import { createThrottle } from './throttle.ts';

export interface HttpApiParts {
  readonly api: HttpApiResource;
  readonly clock: VirtualClock;
  readonly invoke: (functionId: string, event: unknown) => Promise<InvokeResult>;
  /** Public keys of the user pool. */
  readonly keys: JSONWebKeySet;
}

/** Answers one request as the API of the template would. */
export type HttpApi = (request: Omit<ApiRequest, 'at' | 'requestId' | 'apiId'>) => Promise<ApiResponse>;

/** Largest body an HTTP API takes, in bytes. */
export const MAX_BODY = 10 * 1024 * 1024;

/** An error as API Gateway itself answers it. */
export const apiError = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  cookies: [],
  body: Buffer.from(JSON.stringify({ message })),
});

export const createHttpApi = ({ api, clock, invoke, keys }: HttpApiParts): HttpApi => {
  const throttle = createThrottle(api.throttles);
  return async (incoming) => {
    const request: ApiRequest = { ...incoming, at: clock.now(), requestId: randomUUID(), apiId: api.id };
    const matched = matchRoute(api.routes, request.method, request.path);
    if (!matched) return apiError(404, 'Not Found');
    if (!throttle.admit(matched.route.key, performance.now())) return apiError(429, 'Too Many Requests');
    const authorizer = api.authorizers.find(({ logicalId }) => logicalId === matched.route.authorizerId);
    const granted = authorizer
      ? await authorize(request.headers['authorization'], authorizer, matched.route, keys, clock.now())
      : undefined;
    if (granted?.kind === 'unauthorized') return apiError(401, 'Unauthorized', { 'www-authenticate': 'Bearer' });
    if (granted?.kind === 'forbidden') {
      return apiError(403, 'Forbidden', { 'www-authenticate': 'Bearer error="insufficient_scope"' });
    }
    const result = await invoke(matched.route.functionId, eventOf(request, matched, granted?.jwt));
    if (result.kind === 'failed') {
      return result.timedOut ? apiError(503, 'Service Unavailable') : apiError(500, 'Internal Server Error');
    }
    return responseOf(result.value) ?? apiError(500, 'Internal Server Error');
  };
};
