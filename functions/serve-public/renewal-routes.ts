import type { Context, Hono } from 'hono';
import type { LinkClaims } from '../../shared/message/links.ts';
import {
  answer,
  contextOf,
  notFoundPage,
  type Opened,
  open,
  refusedPage,
  websiteOf,
} from '../../shared/page/answer.ts';
import { languageLink, notice } from '../../shared/page/layout.ts';
import { isForeign, readForm } from '../../shared/page/requests.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { answerRenewal } from '../../shared/survey/answer-renewal.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { callDays, readRenewalForm } from '../../shared/survey/renewal-answer.ts';
import { type RenewalView, viewRenewal } from '../../shared/survey/renewal-view.ts';
import { renewalPage, type WrongEntry } from './pages/renewal-page.ts';
import type { Site } from './site.ts';

/** The renewal page (`/r/{token}`). */
export const renewalRoutes = (app: Hono, site: Site): void => {
  const policyOf = async (claims: LinkClaims): Promise<Policy | undefined> =>
    claims.policyId === undefined ? undefined : site.policies.get(claims.policyId);

  const viewOf = async ({ claims, profile }: Opened, policy: Policy): Promise<RenewalView> =>
    viewRenewal({
      policy,
      profile,
      invitation: claims,
      answers: await site.renewal.answers.get(invitationIdOf(claims)),
      website: websiteOf(profile),
      now: site.now(),
    });

  const show = async (c: Context, opened: Opened, policy: Policy, wrong?: WrongEntry): Promise<Response> => {
    const view = await viewOf(opened, policy);
    const payUrl = view.offer?.payUrl;
    return answer(
      c,
      wrong === undefined ? 200 : 422,
      renewalPage(contextOf(c, opened.profile), view, wrong),
      // browsers ask the policy of the page about redirects of its forms, too
      payUrl === undefined ? {} : { 'form-action': ["'self'", new URL(payUrl).origin] },
    );
  };

  app.get('/r/:token', async (c) => {
    const opened = await open(c, site, 'renew');
    if (opened instanceof Response) return opened;
    const policy = await policyOf(opened.claims);
    return policy === undefined ? notFoundPage(c) : show(c, opened, policy);
  });

  app.post('/r/:token', async (c) => {
    if (isForeign(c)) return refusedPage(c, 403);
    const opened = await open(c, site, 'renew');
    if (opened instanceof Response) return opened;
    const policy = await policyOf(opened.claims);
    if (policy === undefined) return notFoundPage(c);
    const body = await readForm(c);
    if (body.kind === 'refused') return refusedPage(c, body.status);

    const now = site.now();
    const reading = readRenewalForm(body.form, callDays(now, policy.zone));
    if (reading.kind === 'wrong') return show(c, opened, policy, { ...reading, written: body.form });
    const payUrl = (await viewOf(opened, policy)).offer?.payUrl;
    const outcome = await answerRenewal(site.renewal, {
      invitation: opened.claims,
      policy,
      content: reading.content,
      payable: payUrl !== undefined,
      now,
    });
    const context = contextOf(c, opened.profile);
    if (outcome.kind === 'too-many')
      return answer(c, 200, notice(context, context.text.pages.refused, [context.text.renewal.tooMany]));
    site.log.info('page.answered', { page: 'renewal', choice: reading.content.choice });
    const there = reading.content.choice === 'renew' ? payUrl : undefined;
    // back to the page by GET: pressing reload shows the answer instead of sending it again
    return c.redirect(there ?? languageLink(context.locale), 303);
  });
};
