import type { Hono } from 'hono';
import { maskEmail } from '../../shared/customer/mask.ts';
import type { LinkClaims } from '../../shared/message/links.ts';
import { answer, contextOf, type Opened, open, refusedPage } from '../../shared/page/answer.ts';
import { readForm } from '../../shared/page/requests.ts';
import { unsubscribe } from '../../shared/survey/unsubscribe.ts';
import { type Stops, unsubscribedPage, unsubscribePage } from './pages/unsubscribe-page.ts';
import type { Site } from './site.ts';

/** A link of an older mail names no class; then only advertising ends. */
const stopsOf = ({ sendClass }: LinkClaims): Stops =>
  sendClass === undefined || sendClass === 'marketing' ? 'marketing' : 'service';

/**
 * Unsubscribe (`/u/{token}`, RFC 8058). A GET is a page and nothing else, because mail scanners fetch every link; the
 * POST of a mailbox provider comes from another site, without cookie and script, and is done when it is answered.
 */
export const unsubscribeRoutes = (app: Hono, site: Site): void => {
  /** Whoever may stop everything may choose, too: the preference page of the same message, relative to this site. */
  const settingsOf = async ({ claims }: Opened): Promise<string> =>
    new URL((await site.links()).url({ ...claims, purpose: 'preferences' })).pathname;

  app.get('/u/:token', async (c) => {
    const opened = await open(c, site, 'unsubscribe');
    if (opened instanceof Response) return opened;
    const address = maskEmail(opened.profile.email ?? '');
    const page = unsubscribePage(
      contextOf(c, opened.profile),
      stopsOf(opened.claims),
      address,
      await settingsOf(opened),
    );
    return answer(c, 200, page);
  });

  app.post('/u/:token', async (c) => {
    const opened = await open(c, site, 'unsubscribe');
    if (opened instanceof Response) return opened;
    const body = await readForm(c);
    if (body.kind === 'refused') return refusedPage(c, body.status);
    if (body.form['List-Unsubscribe'] !== 'One-Click') return refusedPage(c, 400);
    await unsubscribe(site.unsubscribe, opened.claims, site.now());
    site.log.info('page.answered', { page: 'unsubscribe', choice: 'stop' });
    const page = unsubscribedPage(contextOf(c, opened.profile), stopsOf(opened.claims), await settingsOf(opened));
    return answer(c, 200, page);
  });
};
