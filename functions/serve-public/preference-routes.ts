import type { Context, Hono } from 'hono';
import { normaliseAddress } from '../../shared/customer/address-book.ts';
import type { Gates } from '../../shared/customer/gate-store.ts';
import { maskEmail } from '../../shared/customer/mask.ts';
import type { Profiles } from '../../shared/customer/profile-store.ts';
import { readEmail } from '../../shared/customer/read-email.ts';
import type { LinkClaims } from '../../shared/message/links.ts';
import { answer, contextOf, notFoundPage, type PageSite, readLink, refusedPage } from '../../shared/page/answer.ts';
import { languageLink, notice } from '../../shared/page/layout.ts';
import { isForeign, readForm } from '../../shared/page/requests.ts';
import { sourceOf } from '../../shared/page/source.ts';
import {
  addressToConfirm,
  confirmAddress,
  giveAddress,
  type NewAddressPorts,
} from '../../shared/survey/new-address.ts';
import { type AskLinkPorts, askForLink } from '../../shared/survey/preference-link.ts';
import {
  changePreferences,
  type PreferenceOwner,
  type PreferencePorts,
  pauseMessages,
  stopAllButContracts,
  viewPreferences,
} from '../../shared/survey/preferences.ts';
import { type TellPorts, tellNotMe, tellOfChange } from '../../shared/survey/told-on-page.ts';
import { type WhyPorts, whySent } from '../../shared/survey/why-sent.ts';
import {
  askPage,
  confirmPage,
  outdatedPage,
  type PreferenceDone,
  type PreferencePage,
  preferencePage,
} from './pages/preference-page.ts';
import { type PreferenceForm, readPreferenceForm } from './preference-form.ts';

/** What the preference pages are made from. Profiles are read strongly: a change shows on the page that follows it. */
export interface PreferenceSite extends Omit<PageSite, 'profiles'> {
  readonly preferences: PreferencePorts &
    TellPorts &
    NewAddressPorts &
    AskLinkPorts &
    WhyPorts & {
      readonly gates: Pick<Gates, 'getMany'>;
      readonly persons: { readonly profiles: Pick<Profiles, 'persons'> };
    };
}

interface Opened extends PreferenceOwner {
  readonly claims: LinkClaims;
}

/**
 * Preferences (`/p/{token}`), the way to them without a link (`/p`), and the confirmation of a new address
 * (`/a/{token}`). No login: the signed link is the authority. Only a POST changes anything (S24), and what it changes is
 * in force when it is answered.
 */
export const preferenceRoutes = (app: Hono, site: PreferenceSite): void => {
  const { preferences: ports } = site;

  const owner = async ({ partyId }: Pick<LinkClaims, 'partyId'>): Promise<PreferenceOwner | undefined> => {
    const [persons, gates] = await Promise.all([
      ports.persons.profiles.persons([partyId]),
      ports.gates.getMany([partyId]),
    ]);
    const [person, gate] = [persons.get(partyId), gates.get(partyId)];
    return person && gate && { profile: person.profile, gate };
  };

  /** The link of a mail to an address that is not the customer's any more opens nothing: somebody else may read there. */
  const open = async (c: Context): Promise<Opened | Response> => {
    const claims = await readLink(c, site, 'preferences');
    if (claims instanceof Response) return claims;
    const found = await owner(claims);
    if (found === undefined) return notFoundPage(c);
    const { email } = found.profile;
    const current = email && (await site.links()).mark(normaliseAddress(email));
    if (claims.target !== undefined && claims.target !== current)
      return answer(c, 410, outdatedPage(contextOf(c, found.profile)));
    return { ...found, claims };
  };

  const show = async (
    c: Context,
    { claims, profile, gate }: Opened,
    more: Pick<PreferencePage, 'done' | 'wrong'>,
  ): Promise<Response> => {
    const why = await whySent(ports, claims, gate);
    const { email, zone } = profile;
    const view = viewPreferences({ profile, gate }, site.now());
    return answer(
      c,
      more.wrong === undefined ? 200 : 422,
      preferencePage(contextOf(c, profile), {
        view,
        zone,
        ...(email === undefined ? {} : { email }),
        ...(why === undefined ? {} : { why }),
        ...more,
      }),
    );
  };

  const done = (c: Context): PreferenceDone | undefined => {
    const said = c.req.query('done');
    const words = contextOf(c).text.preferences.done;
    return said !== undefined && Object.hasOwn(words, said) ? (said as PreferenceDone) : undefined;
  };

  app.get('/p/:token', async (c) => {
    const opened = await open(c);
    if (opened instanceof Response) return opened;
    const said = done(c);
    return show(c, opened, said === undefined ? {} : { done: said });
  });

  /** Does what a form asks for. @returns what to say about it */
  const perform = async (
    opened: Opened,
    form: Exclude<PreferenceForm, { act: 'wrong' | 'foreign' }>,
  ): Promise<PreferenceDone> => {
    const now = site.now();
    const act = { owner: opened, now };
    const { profile } = opened;
    switch (form.act) {
      case 'save':
        await changePreferences(ports, act, form.wish);
        return 'saved';
      case 'pause':
      case 'resume':
        await pauseMessages(ports, act, form.act === 'pause');
        return form.act === 'pause' ? 'paused' : 'resumed';
      case 'stop':
        await stopAllButContracts(ports, act);
        return 'stopped';
      case 'tell':
        return tellOfChange(ports, profile, form.text, now);
      case 'not-me':
        await tellNotMe(ports, profile, now);
        return 'not-me';
      case 'address': {
        const mark = (await site.links()).mark(normaliseAddress(form.email));
        const outcome = await giveAddress(ports, { profile, email: form.email, mark }, now);
        return outcome === 'given' ? 'address' : outcome;
      }
    }
  };

  app.post('/p/:token', async (c) => {
    if (isForeign(c)) return refusedPage(c, 403);
    const opened = await open(c);
    if (opened instanceof Response) return opened;
    const body = await readForm(c);
    if (body.kind === 'refused') return refusedPage(c, body.status);
    const form = readPreferenceForm(body.form);
    if (form.act === 'foreign') return refusedPage(c, 400);
    if (form.act === 'wrong') return show(c, opened, { wrong: form });
    const said = await perform(opened, form);
    site.log.info('page.answered', { page: 'preferences', choice: form.act });
    // to the page in the language that was just chosen; reload shows it instead of sending again
    const locale = form.act === 'save' ? form.wish.locale : contextOf(c, opened.profile).locale;
    return c.redirect(languageLink(locale, `&done=${said}`), 303);
  });

  app.get('/p', (c) => answer(c, 200, askPage(contextOf(c))));

  app.post('/p', async (c) => {
    if (isForeign(c)) return refusedPage(c, 403);
    const body = await readForm(c);
    if (body.kind === 'refused') return refusedPage(c, body.status);
    const context = contextOf(c);
    const written = (body.form.email ?? '').trim();
    const email = readEmail(written);
    if (email === undefined) return answer(c, 422, askPage(context, written.slice(0, 254)));
    const links = await site.links();
    const [mark, from] = [links.mark(normaliseAddress(email)), links.mark(sourceOf(c))];
    await askForLink(ports, { email, mark, from }, site.now());
    const words = context.text.preferences;
    return answer(c, 200, notice(context, words.asked, [words.askedLead]));
  });

  const openConfirm = async (c: Context) => {
    const claims = await readLink(c, site, 'confirm');
    if (claims instanceof Response) return claims;
    const found = await owner(claims);
    if (found === undefined) return notFoundPage(c);
    return { ...found, named: await addressToConfirm(ports, claims.partyId, claims.target) };
  };

  const outdated = (c: Context, profile: PreferenceOwner['profile']): Promise<Response> => {
    const context = contextOf(c, profile);
    const words = context.text.preferences;
    return answer(c, 410, notice(context, words.confirmOutdated, [words.confirmOutdatedLead]));
  };

  const confirmed = (c: Context, profile: PreferenceOwner['profile'], address: string): Promise<Response> => {
    const context = contextOf(c, profile);
    const words = context.text.preferences;
    const lines = [words.confirmedLead(maskEmail(address))];
    return answer(c, 200, notice(context, words.confirmed, lines, { personal: true, done: true }));
  };

  app.get('/a/:token', async (c) => {
    const opened = await openConfirm(c);
    if (opened instanceof Response) return opened;
    const { named, profile } = opened;
    if (named.kind === 'outdated') return outdated(c, profile);
    if (named.kind === 'confirmed') return confirmed(c, profile, named.address.email);
    return answer(c, 200, confirmPage(contextOf(c, profile), named.address.email));
  });

  app.post('/a/:token', async (c) => {
    if (isForeign(c)) return refusedPage(c, 403);
    const opened = await openConfirm(c);
    if (opened instanceof Response) return opened;
    const body = await readForm(c);
    if (body.kind === 'refused') return refusedPage(c, body.status);
    if (body.form.do !== 'confirm') return refusedPage(c, 400);
    const { named, profile } = opened;
    if (named.kind === 'outdated') return outdated(c, profile);
    if (named.kind === 'open') await confirmAddress(ports, named.address, site.now());
    site.log.info('page.answered', { page: 'confirm', choice: 'confirm' });
    return confirmed(c, profile, named.address.email);
  });
};
