import { Hono } from 'hono';
import { requestIdOf, securityHeaders } from '../platform/http.ts';
import { codeOf } from '../platform/logging.ts';
import { failedPage, notFoundPage, type PageSite, refusedPage } from './answer.ts';

/** The route of an address without its token: a token in a log opens a page to whoever reads the log (S31). */
const routeOf = (path: string): string => `/${path.split('/')[1] ?? ''}/…`;

/**
 * A site of customers' pages: server-rendered, the same for every phone and for WeChat's browser. A GET or HEAD changes
 * nothing; only a POST with a valid signed token does (S24).
 * @param addresses the addresses with the methods they take, as `Allow` says them; anything else is not found
 */
export const createPagesApp = (
  site: Pick<PageSite, 'log' | 'newId'>,
  addresses: Readonly<Record<string, string>>,
  routes: (app: Hono) => void,
): Hono => {
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    // redirects and answers without a body carry the headers of a page, too
    for (const [name, value] of Object.entries(securityHeaders()))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });

  routes(app);

  for (const [address, methods] of Object.entries(addresses))
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
