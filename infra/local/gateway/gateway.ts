import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { headersOf, readBody, TOO_LONG } from '../read-request.ts';
import { apiError, type HttpApi, MAX_BODY } from './http-api.ts';
import { failure, type LocalAnswer, type LocalRequest } from './local-http.ts';
import type { ApiResponse } from './payload.ts';

/** What the gateway leads to; set once the system has started. */
export interface GatewayTargets {
  readonly local: (request: LocalRequest) => Promise<LocalAnswer>;
  /** The hosted sign-in pages, under `/cognito`. */
  readonly cognito: (request: GatewayRequest) => Promise<ApiResponse>;
  /** The insurer's text gateway, under `/text-gateway`. */
  readonly texts: (request: GatewayRequest) => ApiResponse;
  readonly api: HttpApi;
}

/** One request, read whole. */
export interface GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How often a growing answer sends white space, so that no client or proxy takes it for dead. */
const PULSE_MS = 10_000;

/** The front door: `/local/*`, `/cognito/*`, `/text-gateway/*`, and everything else to the HTTP API of the template.
 *  @param targets undefined until the system has started: then 503, except where `early` answers */
export const createGateway = (
  targets: () => GatewayTargets | undefined,
  early: (request: LocalRequest) => LocalAnswer | undefined,
): Server => {
  const server = createServer((incoming, response) => {
    serve(targets(), early, incoming, response).catch(() => response.destroy());
  });
  // A long move of the clock is one request.
  server.requestTimeout = 0;
  server.timeout = 0;
  return server;
};

const serve = async (
  targets: GatewayTargets | undefined,
  early: (request: LocalRequest) => LocalAnswer | undefined,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readBody(incoming, MAX_BODY);
  if (body === TOO_LONG) return write(response, apiError(413, 'Request Entity Too Large'));
  const url = new URL(incoming.url ?? '/', 'http://local');
  const method = incoming.method ?? 'GET';
  const headers = headersOf(incoming);
  const request: GatewayRequest = { method, path: url.pathname, query: url.searchParams, headers, body };
  if (isUnder(url.pathname, '/local')) {
    if (!isSameOrigin(headers)) return write(response, apiError(403, 'Forbidden'));
    return writeLocal(response, early(request) ?? (await targets?.local(request)) ?? failure(new Error('starting')));
  }
  if (!targets) return write(response, apiError(503, 'Service Unavailable'));
  if (isUnder(url.pathname, '/cognito')) return write(response, await targets.cognito(request));
  if (isUnder(url.pathname, '/text-gateway')) return write(response, targets.texts(request));
  const answered = await targets.api({
    method,
    path: url.pathname,
    rawQuery: url.search.slice(1),
    headers,
    body,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
  });
  return write(response, answered);
};

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** A page of another site must not drive the clock of a developer's machine, nor a name that was bent to loopback. */
const isSameOrigin = ({ origin, host = '' }: Readonly<Record<string, string>>): boolean =>
  /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host) && (origin === undefined || origin === `http://${host}`);

const write = (response: ServerResponse, { status, headers, cookies, body }: ApiResponse): void => {
  response.writeHead(status, {
    ...headers,
    'content-length': body.length,
    ...(cookies.length > 0 ? { 'set-cookie': [...cookies] } : {}),
  });
  response.end(body);
};

const writeLocal = async (response: ServerResponse, answer: LocalAnswer): Promise<void> => {
  if (answer.kind === 'whole') {
    response.writeHead(answer.status, {
      'content-type': answer.type,
      'content-length': Buffer.byteLength(answer.body),
    });
    response.end(answer.body);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'x-accel-buffering': 'no' });
  response.flushHeaders();
  const pulse = setInterval(() => response.write(' \n'), PULSE_MS);
  try {
    response.end(`${await answer.text}\n`);
  } catch (error) {
    response.end(`${JSON.stringify({ error: { message: error instanceof Error ? error.message : String(error) } })}\n`);
  } finally {
    clearInterval(pulse);
  }
};
