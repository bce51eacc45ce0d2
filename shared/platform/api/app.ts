import { type Context, Hono } from 'hono';
import type * as z from 'zod';
import { EngagementError } from '../errors.ts';
import { mediaType, requestIdOf, securityHeaders } from '../http.ts';
import { codeOf, type EventLog } from '../logging.ts';
import { describe } from './description.ts';
import { readerOf } from './reader.ts';
import type { Reply, Request, Route } from './route.ts';

/** Larger bodies are refused before they are read as JSON. */
const MAX_BODY = 65_536;

export interface ApiOptions {
  readonly routes: readonly Route[];
  /** Where the routes are described. */
  readonly descriptionPath: string;
  readonly origin: string;
  /** Bytes of a body at most; 64 KB where absent. */
  readonly maxBody?: number;
  readonly log: EventLog;
  /** An id for a request to which the gateway gave none. */
  readonly newId: () => string;
}

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500;

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path?: string;
  readonly problems?: readonly { readonly message: string }[];
}

const NOT_FOUND: Refusal = { code: 'not-found', message: 'there is nothing here that you may see: check the id' };

/** What the gateway hands on; `requestContext` is its own, no part of it can be sent by a caller. */
const gatewayContext = (c: Context): { requestId?: unknown } | undefined =>
  (c.env as { requestContext?: { requestId?: unknown } } | undefined)?.requestContext;

/** `query.limit: Too big: expected number to be <=100`. */
const wrongValue = (place: string, error: z.ZodError): Refusal => {
  const [issue] = error.issues;
  const path = [place, ...(issue?.path ?? [])].join('.');
  return { code: 'bad-input', message: `${path}: ${issue?.message ?? 'is not valid'}`, path };
};

/** Each name once: which of two values counts is nobody's guess (S34). */
const queryOf = (c: Context): Record<string, string> | undefined => {
  const entries = Object.entries(c.req.queries());
  return entries.some(([, values]) => values.length > 1)
    ? undefined
    : Object.fromEntries(entries.map(([name, [value]]) => [name, value as string]));
};

/** The app of some routes: who asks, what is sent and what is answered are checked against each route's own words. */
export const createApiApp = (options: ApiOptions): Hono => {
  const { routes, log, newId, maxBody = MAX_BODY } = options;
  const app = new Hono();
  const requestId = (c: Context): string => requestIdOf(gatewayContext(c)?.requestId, newId);

  const refuse = (c: Context, status: Status, refusal: Refusal, route: string): Response => {
    const id = requestId(c);
    if (status !== 404) log.info('request.refused', { requestId: id, route, status });
    return c.json({ error: { ...refusal, requestId: id } }, status);
  };

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders()))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });

  const bodyOf = async (c: Context): Promise<{ json: unknown } | { status: Status; refusal: Refusal }> => {
    if (mediaType(c.req.header('content-type')) !== 'application/json')
      return { status: 415, refusal: { code: 'bad-input', message: 'send JSON as content-type application/json' } };
    const bytes = await c.req.arrayBuffer();
    if (bytes.byteLength > maxBody)
      return { status: 413, refusal: { code: 'too-large', message: `body exceeds ${maxBody} bytes: send less` } };
    try {
      return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
    } catch {
      return { status: 400, refusal: { code: 'bad-input', message: 'body is not JSON in UTF-8', path: 'body' } };
    }
  };

  const serve = async (c: Context, route: Route): Promise<Response> => {
    const name = `${route.method} ${route.path}`;
    const reader = readerOf(gatewayContext(c));
    if (reader === undefined)
      return refuse(c, 401, { code: 'unauthorized', message: 'sign in and send the access token' }, name);
    if (!route.roles.some((role) => reader.roles.includes(role)))
      return refuse(c, 403, { code: 'forbidden', message: `needs one of the roles ${route.roles.join(', ')}` }, name);

    const params = route.params.safeParse(c.req.param());
    if (!params.success) return c.json({ error: { ...NOT_FOUND, requestId: requestId(c) } }, 404);
    const given = queryOf(c);
    if (given === undefined)
      return refuse(c, 400, { code: 'bad-input', message: 'a query parameter is given twice', path: 'query' }, name);
    const query = route.query.safeParse(given);
    if (!query.success) return refuse(c, 400, wrongValue('query', query.error), name);
    let body: unknown;
    if (route.body !== undefined) {
      const read = await bodyOf(c);
      if ('status' in read) return refuse(c, read.status, read.refusal, name);
      const parsed = route.body.safeParse(read.json);
      if (!parsed.success) return refuse(c, 400, wrongValue('body', parsed.error), name);
      body = parsed.data;
    }

    const request = { params: params.data, query: query.data, body, reader } as Request<never, never, never>;
    const reply: Reply<unknown> = await route.handle(request);
    switch (reply.kind) {
      case 'not-found':
        return refuse(c, 404, NOT_FOUND, name);
      case 'refused':
        return refuse(
          c,
          reply.status,
          {
            code: reply.code,
            message: reply.message,
            ...(reply.problems === undefined ? {} : { problems: reply.problems }),
          },
          name,
        );
      case 'file': {
        c.header('Content-Type', route.produces ?? 'text/plain; charset=utf-8');
        c.header('Content-Disposition', `attachment; filename="${reply.name}"`);
        if (reply.next !== undefined)
          c.header('Link', `<${c.req.path}?${new URLSearchParams(reply.next)}>; rel="next"`);
        return c.body(reply.text, 200);
      }
      case 'ok':
        // cut to the schema: nothing leaves that it does not name (S11)
        return c.json(route.answer.parse(reply.body) as object, 200);
    }
  };

  const description = describe(routes, options.origin);
  app.get(options.descriptionPath, (c) => c.json(description));
  for (const route of routes) app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => serve(c, route));
  for (const path of new Set(routes.map((route) => route.path)))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => {
      const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
      c.header('Allow', methods.join(', '));
      return refuse(c, 405, { code: 'bad-input', message: `use ${methods.join(' or ')}` }, path);
    });

  app.notFound((c) => refuse(c, 404, NOT_FOUND, 'none'));
  app.onError((error, c) => {
    const id = requestId(c);
    const wrong = error instanceof EngagementError && error.code === 'bad-input';
    log.error('request.failed', { requestId: id, route: c.req.routePath, code: codeOf(error) });
    return wrong
      ? c.json({ error: { code: 'bad-input', message: error.message, requestId: id } }, 400)
      : c.json({ error: { code: 'failed', message: 'something went wrong on our side', requestId: id } }, 500);
  });
  return app;
};
