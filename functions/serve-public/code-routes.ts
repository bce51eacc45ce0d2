import type { Hono } from 'hono';
import type { Guesses } from '../../shared/message/guesses.ts';
import type { ShortCodes } from '../../shared/message/short-code.ts';
import { answer, contextOf, notFoundPage, type PageSite } from '../../shared/page/answer.ts';
import { notice } from '../../shared/page/layout.ts';
import { sourceOf } from '../../shared/page/source.ts';

/** What the short addresses of letters are made from. */
export interface CodeSite extends PageSite {
  readonly codes: () => Promise<ShortCodes>;
  readonly guesses: () => Promise<Guesses>;
}

/**
 * The short address on a letter (`/k/{code}`): one redirect to the page that the code stands for. Whoever guesses has to
 * wait; a right code is never slowed down before that.
 */
export const codeRoutes = (app: Hono, site: CodeSite): void => {
  app.get('/k/:code', async (c) => {
    const [codes, guesses] = await Promise.all([site.codes(), site.guesses()]);
    const [source, now] = [sourceOf(c), site.now()];
    const [wait, claims] = await Promise.all([guesses.waitOf(source, now), codes.find(c.req.param('code'))]);
    if (wait > 0) {
      site.log.warn('code.missed', { blocked: true });
      const context = contextOf(c);
      const { tooMany, tooManyLead } = context.text.pages;
      c.header('Retry-After', String(wait));
      return answer(c, 429, notice(context, tooMany, [tooManyLead]));
    }
    if (claims === undefined) {
      await guesses.miss(source, now);
      site.log.info('code.missed', { blocked: false });
      return notFoundPage(c);
    }
    return c.redirect(new URL((await site.links()).url(claims)).pathname, 303);
  });
};
