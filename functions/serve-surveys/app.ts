import type { Hono } from 'hono';
import { createPagesApp } from '../../shared/page/app.ts';
import { script, scriptName } from './pages/script.ts';
import type { SurveySite } from './site.ts';
import { surveyRoutes } from './survey-routes.ts';

/** The pages of surveys: complete without script, eased by one. */
export const createSurveyApp = (site: SurveySite): Hono =>
  createPagesApp(site, { '/s/:token': 'GET, HEAD, POST' }, (app) => {
    app.get(`/s/${scriptName}`, (c) =>
      c.body(script, 200, {
        'Content-Type': 'text/javascript; charset=utf-8',
        'Cache-Control': 'public, max-age=31536000, immutable',
      }),
    );
    surveyRoutes(app, site);
  });
