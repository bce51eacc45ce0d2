import type { Hono } from 'hono';
import { createPagesApp } from '../../shared/page/app.ts';
import { clickRoutes } from './click-routes.ts';
import { codeRoutes } from './code-routes.ts';
import { hookRoutes } from './hook-routes.ts';
import { preferenceRoutes } from './preference-routes.ts';
import { renewalRoutes } from './renewal-routes.ts';
import type { Site } from './site.ts';
import { unsubscribeRoutes } from './unsubscribe-routes.ts';

/** The addresses of the pages, and of what gateways tell, with the methods they take; anything else is not found. */
const ADDRESSES = {
  '/r/:token': 'GET, HEAD, POST',
  '/u/:token': 'GET, HEAD, POST',
  '/p': 'GET, HEAD, POST',
  '/p/:token': 'GET, HEAD, POST',
  '/a/:token': 'GET, HEAD, POST',
  '/c/:token': 'GET, HEAD',
  '/k/:code': 'GET, HEAD',
  '/h/:gateway': 'POST',
} as const;

/** The customer's pages but surveys, without script, links to other sites, and what gateways tell. */
export const createPublicApp = (site: Site): Hono =>
  createPagesApp(site, ADDRESSES, (app) => {
    renewalRoutes(app, site);
    codeRoutes(app, site);
    unsubscribeRoutes(app, site);
    preferenceRoutes(app, site);
    clickRoutes(app, site);
    hookRoutes(app, site);
  });
