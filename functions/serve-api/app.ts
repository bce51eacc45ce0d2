import type { Hono } from 'hono';
import { type ApiOptions, createApiApp as createRoutesApp } from '../../shared/platform/api/app.ts';
import { type Site, serveSite } from './static-site.ts';

/** The API and the first page. */
export const createApiApp = (
  options: Omit<ApiOptions, 'descriptionPath'> & {
    /** The first page, as built. */
    readonly site: Site;
    /** Where staff sign in, and as which client. */
    readonly signIn: { readonly origin: string; readonly clientId: string };
  },
): Hono => {
  const app = createRoutesApp({ ...options, descriptionPath: '/api/openapi.json' });
  serveSite(app, options);
  return app;
};
