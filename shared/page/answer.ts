import type { Context } from 'hono';
import { senderFor } from '../content/sender.ts';
import type { Profile } from '../customer/customer.ts';
import type { Profiles } from '../customer/profile-store.ts';
import type { LinkClaims, LinkPurpose, Links } from '../message/links.ts';
import { type ContentPolicy, securityHeaders } from '../platform/http.ts';
import type { EventLog } from '../platform/logging.ts';
import type { Instant } from '../platform/time.ts';
import { type Html, notice, type PageContext } from './layout.ts';
import { styleSources } from './style.ts';
import { chooseLocale, textOf } from './texts.ts';

/** What every site of customers' pages is made from. */
export interface PageSite {
  /** Read when the first page is asked for: the secret behind them is not touched at import. */
  readonly links: () => Promise<Links>;
  readonly profiles: Pick<Profiles, 'get'>;
  readonly log: EventLog;
  readonly now: () => Instant;
  /** An id for a request to which the gateway gave none. */
  readonly newId: () => string;
}

/** The statuses our pages answer with. */
export type PageStatus = 200 | 400 | 403 | 404 | 405 | 410 | 413 | 415 | 422 | 429 | 500;

/** The page's language and brand: the switch's wish, then the customer's own, then the browser's. */
export const contextOf = (c: Context, profile?: Pick<Profile, 'locale' | 'scope'>): PageContext => {
  const locale = chooseLocale(c.req.query('lang'), profile?.locale, c.req.header('accept-language'));
  const sender = senderFor({ scope: profile?.scope ?? '', sendClass: 'service', locale, domain: '' });
  return { locale, text: textOf(locale), brand: sender };
};

/** The insurer's own web site, below which its payment page must lie. */
export const websiteOf = (profile: Pick<Profile, 'locale' | 'scope'>): string =>
  senderFor({ scope: profile.scope, sendClass: 'service', locale: profile.locale, domain: '' }).website;

/** Answers with a page. @param allow what its policy allows beside its styles, and forms to this site */
export const answer = async (
  c: Context,
  status: PageStatus,
  page: Html,
  allow: ContentPolicy = {},
): Promise<Response> => {
  const headers = securityHeaders({ 'style-src': styleSources, 'form-action': ["'self'"], ...allow });
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.html(await page, status);
};

/** One answer for every link that is none of ours, however wrong (S25, S27). */
export const notFoundPage = (c: Context): Promise<Response> => {
  const context = contextOf(c);
  return answer(c, 404, notice(context, context.text.pages.notFound, [context.text.pages.notFoundLead]));
};

const expiredPage = (c: Context): Promise<Response> => {
  const context = contextOf(c);
  return answer(c, 410, notice(context, context.text.pages.expired, [context.text.pages.expiredLead]));
};

/** A request that no form of ours makes. */
export const refusedPage = (c: Context, status: 400 | 403 | 405 | 413 | 415): Promise<Response> => {
  const context = contextOf(c);
  return answer(c, status, notice(context, context.text.pages.refused, [context.text.pages.refusedLead]));
};

/** What a customer sees when we failed: an apology and a number to quote, nothing of how it happened (S35). */
export const failedPage = (c: Context, requestId: string): Promise<Response> => {
  const context = contextOf(c);
  const { pages } = context.text;
  return answer(c, 500, notice(context, pages.failed, [pages.failedLead, pages.reference(requestId)]));
};

/** A link that may be used, and whose page it is. */
export interface Opened {
  readonly claims: LinkClaims;
  readonly profile: Profile;
}

/** What the link of the request says; a link that does not open has its page already. */
export const readLink = async (
  c: Context,
  site: Pick<PageSite, 'links' | 'now'>,
  purpose: LinkPurpose,
): Promise<LinkClaims | Response> => {
  const links = await site.links();
  const reading = links.read(purpose, c.req.param('token') ?? '', site.now());
  if (reading.kind === 'expired') return expiredPage(c);
  return reading.kind === 'invalid' ? notFoundPage(c) : reading.claims;
};

/** Opens the link of the request for one purpose, and reads whose page it is. */
export const open = async (
  c: Context,
  site: Pick<PageSite, 'links' | 'profiles' | 'now'>,
  purpose: LinkPurpose,
): Promise<Opened | Response> => {
  const claims = await readLink(c, site, purpose);
  if (claims instanceof Response) return claims;
  const profile = await site.profiles.get(claims.partyId);
  return profile === undefined ? notFoundPage(c) : { claims, profile };
};
