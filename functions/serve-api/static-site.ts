import type { Hono } from 'hono';
import { securityHeaders } from '../../shared/platform/http.ts';

/** One built file. */
interface SiteFile {
  readonly type: string;
  /** Base64. */
  readonly body: string;
  /** Of the content; part of the path of every file but the page itself. */
  readonly hash: string;
}

/** The first page as `scripts/build-console.ts` wrote it: files by path. */
export type Site = Readonly<Record<string, SiteFile>>;

/** A year, the most that caches honour; the path holds the content's hash. */
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Serves the first page: `/` is looked up anew each time, `/console/*` is kept for ever by its hash.
 * The page may run our scripts and show our pictures, talk to this origin and the sign-in, and frame what it makes itself.
 * Styles may stand in the markup, because mails are shown as they were sent, in a frame that inherits this policy.
 */
export const serveSite = (
  app: Hono,
  { site, signIn }: { readonly site: Site; readonly signIn: { readonly origin: string; readonly clientId: string } },
): void => {
  const pagePolicy = securityHeaders({
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", new URL(signIn.origin).origin],
    'frame-src': ["'self'"],
  });

  app.get('/console/config.json', (c) => c.json({ signInOrigin: signIn.origin, clientId: signIn.clientId }));

  for (const [path, file] of Object.entries(site))
    app.get(path, (c) => {
      const etag = `"${file.hash}"`;
      const headers: Record<string, string> = {
        ...(path === '/' ? pagePolicy : securityHeaders()),
        'Cache-Control': path === '/' ? 'no-cache' : FOREVER,
        ETag: etag,
        'Content-Type': file.type,
      };
      if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
      return c.body(Buffer.from(file.body, 'base64'), 200, headers);
    });
};
