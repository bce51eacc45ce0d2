import { Hono } from 'hono';
import { failedPage, notFoundPage, refusedPage } from '../../shared/page/answer.ts';
import { requestIdOf, securityHeaders } from '../../shared/platform/http.ts';
import { codeOf } from '../../shared/platform/logging.ts';
import { hookRoutes } from './hook-routes.ts';
import { renewalRoutes } from './renewal-routes.ts';
import type { Site } from './site.ts';
import { unsubscribeRoutes } from './unsubscribe-routes.ts';

/** The addresses of the pages, and of what gateways tell, with the methods they take; anything else is not found. */
const ADDRESSES = {
  '/r/:token': 'GET, HEAD, POST',
  '/u/:token': 'GET, HEAD, POST',
  '/k/:code': 'GET, HEAD',
  '/h/:gateway': 'POST',
} as const;

/** The route of an address without its token: a token in a log opens a page to whoever reads the log (S31). */
const routeOf = (path: string): string => `/${path.split('/')[1] ?? ''}/…`;

/**
 * The customer's pages: server-rendered, without script, the same for every phone and for WeChat's browser. A GET or HEAD
 * changes nothing; only a POST with a valid signed token does (S24).
 */
export const createPublicApp = (site: Site): Hono => {
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    // redirects and answers without a body carry the headers of a page, too
    for (const [name, value] of Object.entries(securityHeaders()))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });

  renewalRoutes(app, site);
  unsubscribeRoutes(app, site);
  hookRoutes(app, site);

  for (const [address, methods] of Object.entries(ADDRESSES))
    app.all(address, (c) => {
      c.header('Allow', methods);
      return refusedPage(c, 405);
    });
  app.notFound(notFoundPage);

  app.onError((error, c) => {
    const env = c.env as { requestContext?: { requestId?: unknown } } | undefined;
    const requestId = requestIdOf(env?.requestContext?.requestId, site.newId);
    site.log.error('request.failed', { requestId, route: routeOf(c.req.path), code: codeOf(error) });
    return failedPage(c, requestId);
  });
  return app;
};
