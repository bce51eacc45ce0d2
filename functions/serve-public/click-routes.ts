import type { Hono } from 'hono';
import { mayBeLinked } from '../../shared/content/link-domains.ts';
import { readMessageClaim } from '../../shared/message/click.ts';
import { agentClassOf } from '../../shared/message/click-agents.ts';
import type { ClickTargets } from '../../shared/message/click-targets.ts';
import type { LinkClaims } from '../../shared/message/links.ts';
import { type NoteClickPorts, noteClick } from '../../shared/message/note-click.ts';
import { notFoundPage, type PageSite, readLink } from '../../shared/page/answer.ts';
import { codeOf } from '../../shared/platform/logging.ts';

/** What click links need. */
export interface ClickSite extends PageSite {
  readonly clicks: NoteClickPorts & { readonly targets: Pick<ClickTargets, 'find'> };
}

interface Follower {
  readonly userAgent: string | undefined;
  readonly purpose: string | undefined;
}

/** Notes that a link was followed; of somebody who is no customer any more nothing is noted (F42). A note that fails costs
 *  an observation and never the way on. */
const note = async (site: ClickSite, { partyId, target, message = '' }: LinkClaims, by: Follower): Promise<void> => {
  const row = readMessageClaim(message);
  if (row === undefined || target === undefined) return;
  try {
    if ((await site.profiles.get(partyId)) === undefined) return;
    const now = site.now();
    const click = { target, at: now, agent: agentClassOf(by.userAgent, by.purpose) };
    await noteClick(site.clicks, { partyId, at: row.at, id: row.id }, click, now);
  } catch (error) {
    site.log.warn('click.lost', { code: codeOf(error) });
  }
};

/**
 * Click links (`/c/{token}`): on to the address that is stored under the token's target id. The address never comes from
 * the request (S23), and must still be one that mails may link to. Following it is observed, and changes nothing about the
 * customer: nobody knows yet whether it was a person (ADR 0113). A HEAD is answered alike and not even noted.
 */
export const clickRoutes = (app: Hono, site: ClickSite): void => {
  app.get('/c/:token', async (c) => {
    const claims = await readLink(c, site, 'click');
    if (claims instanceof Response) return claims;
    const url = claims.target === undefined ? undefined : await site.clicks.targets.find(claims.target);
    if (url === undefined || !mayBeLinked(url)) return notFoundPage(c);
    const purpose = c.req.header('sec-purpose') ?? c.req.header('purpose');
    if (c.req.method !== 'HEAD') await note(site, claims, { userAgent: c.req.header('user-agent'), purpose });
    return c.redirect(url, 302);
  });
};
