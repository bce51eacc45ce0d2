import { html } from 'hono/html';
import { showDate } from '../../../shared/content/formats.ts';
import { maskEmail } from '../../../shared/customer/mask.ts';
import { type Html, languageLink, type PageContext, page } from '../../../shared/page/layout.ts';
import type { PageText } from '../../../shared/page/text/en.ts';
import { chooseLocale, texts } from '../../../shared/page/texts.ts';
import { civilDateAt, type ZoneId } from '../../../shared/platform/time.ts';
import type { PreferenceView } from '../../../shared/survey/preferences.ts';
import { NOTE_CHARACTERS } from '../../../shared/survey/told-on-page.ts';
import type { WhySent } from '../../../shared/survey/why-sent.ts';
import type { PreferenceAct } from '../preference-form.ts';

/** What was done last, as the page says it. */
export type PreferenceDone = keyof PageText['preferences']['done'];

/** What the page is made from. */
export interface PreferencePage {
  readonly view: PreferenceView;
  readonly why?: WhySent;
  readonly zone: ZoneId;
  readonly email?: string;
  readonly done?: PreferenceDone;
  /** An entry that could not be read, with what had been written. */
  readonly wrong?: { readonly field: 'email' | 'text'; readonly written: string };
}

const form = (context: PageContext, act: PreferenceAct, fields: Html | '', button: string, main = false): Html =>
  html`<form method="post" action="${languageLink(context.locale)}" novalidate><input type="hidden" name="do" value="${act}">${fields}<button${main ? html` class="main"` : ''} type="submit">${button}</button></form>`;

const box = (name: string, label: string, checked: boolean): Html =>
  html`<label><input type="checkbox" name="${name}" value="yes"${checked ? html` checked` : ''}><span>${label}</span></label>`;

const radio = (name: string, value: string, label: string, checked: boolean, lang?: string): Html =>
  html`<label><input type="radio" name="${name}" value="${value}"${checked ? html` checked` : ''}><span${lang === undefined ? '' : html` lang="${lang}"`}>${label}</span></label>`;

const choices = (context: PageContext, { view, email }: PreferencePage): Html => {
  const words = context.text.preferences;
  const speaks = chooseLocale(view.locale);
  const fields = html`<fieldset class="rows"><legend>${words.topics}</legend>${view.topics.map(({ topic, wanted }) =>
    box(`topic-${topic}`, words.topicNames[topic], wanted),
  )}</fieldset>
<fieldset class="rows"><legend>${words.channels}</legend>${view.channels.map(({ channel, wanted, shown = '' }) =>
    box(`channel-${channel}`, words.channelNames[channel](shown), wanted),
  )}<p class="note">${words.channelsNote(context.brand.company)}</p></fieldset>
${view.contractMailStopped && email !== undefined ? html`<fieldset class="rows"><legend>${words.contractMail}</legend>${box('contract-mail', words.contractMailAgain, false)}</fieldset>` : ''}
<fieldset><legend>${words.pace}</legend><div class="chips">${(['any', 'weekly', 'monthly', 'quarterly'] as const).map(
    (pace) => radio('pace', pace, words.paces[pace], (view.pace ?? 'any') === pace),
  )}</div></fieldset>
<fieldset><legend>${words.language}</legend><div class="chips">${Object.entries(texts).map(([locale, text]) =>
    radio('language', locale, text.languageName, locale === speaks, locale),
  )}</div></fieldset>`;
  return html`<section class="card">${form(context, 'save', fields, words.save, true)}
${email === undefined ? '' : html`<p class="note">${words.shared}</p>`}</section>`;
};

const folded = (summary: string, open: boolean, body: Html): Html =>
  html`<details${open ? html` open` : ''}><summary>${summary}</summary><div>${body}</div></details>`;

const quiet = (context: PageContext, { view, zone }: PreferencePage): Html => {
  const words = context.text.preferences;
  const { pausedUntil } = view;
  if (pausedUntil === undefined)
    return folded(words.pause, false, html`<p>${words.pauseLead}</p>${form(context, 'pause', '', words.pauseButton)}`);
  const until = showDate(civilDateAt(pausedUntil, zone), context.locale);
  return folded(
    words.paused(until),
    true,
    html`<p>${words.pausedLead}</p>${form(context, 'resume', '', words.resume)}`,
  );
};

const changed = (context: PageContext, { wrong }: PreferencePage): Html => {
  const words = context.text.preferences;
  const written = (field: 'email' | 'text') => (wrong?.field === field ? wrong.written : '');
  const invalid = (field: 'email' | 'text') => (wrong?.field === field ? html` aria-invalid="true"` : '');
  const mail = html`<label class="over" for="email">${words.changedMail}</label><p id="email-note">${words.changedMailNote}</p>
<input id="email" type="email" name="email" maxlength="254" autocomplete="email" aria-describedby="email-note" value="${written('email')}"${invalid('email')}>`;
  const note = html`<label class="over" for="text">${words.changedText}</label><p id="text-note">${words.changedTextNote}</p>
<textarea id="text" name="text" maxlength="${NOTE_CHARACTERS}" aria-describedby="text-note"${invalid('text')}>${written('text')}</textarea>`;
  return folded(
    words.changed,
    wrong !== undefined,
    html`${form(context, 'address', mail, words.changedMailSend)}<div class="spaced">${form(context, 'tell', note, words.changedSend)}</div>`,
  );
};

const whyTable = (context: PageContext, why: WhySent, zone: ZoneId): Html => {
  const { locale, text } = context;
  const words = text.preferences;
  const { policy, consent, at } = why;
  const data = [
    words.whyNameAndAddress,
    ...(policy ? [words.whyPolicy(text.lines[policy.line], policy.number, showDate(policy.renewsOn, locale))] : []),
    ...(consent?.given ? [words.whyConsent(showDate(civilDateAt(consent.at, zone), locale))] : []),
  ];
  return html`<dl><dt>${words.whyMessage}</dt><dd>${why.title[locale as 'en' | 'zh-CN'] ?? why.title.en}</dd>
<dt>${words.whyKind}</dt><dd>${words.whyKinds[why.sendClass]}</dd>
<dt>${words.whyBecause}</dt><dd>${words.whyTriggers[why.trigger]}</dd>
${at === undefined ? '' : html`<dt>${words.whyWhen}</dt><dd>${showDate(civilDateAt(at, zone), locale)}</dd>`}
<dt>${words.whyData}</dt><dd>${data.map((line, n) => html`${n > 0 ? html`<br>` : ''}${line}`)}</dd></dl>`;
};

/**
 * The preference page: what was done last, the choices in one form, and folded below what is wanted more rarely. Each is a
 * form of its own; the page needs no script.
 */
export const preferencePage = (context: PageContext, given: PreferencePage): Html => {
  const { text } = context;
  const words = text.preferences;
  const { done, wrong, why, email, zone } = given;
  const body = html`${
    done === undefined
      ? ''
      : html`<section class="card said" role="status"><strong>${words.done[done]}</strong><p>${words.doneLead[done]}</p></section>`
  }${
    wrong === undefined
      ? ''
      : html`<section class="card wrong" role="alert" tabindex="-1" autofocus><strong>${text.errors.title}</strong><p>${text.errors[wrong.field]}</p></section>`
  }<h1>${words.title}</h1><p class="lead">${words.lead}</p>
${choices(context, given)}
${quiet(context, given)}
${folded(words.stop, false, html`<p>${words.stopLead}</p>${form(context, 'stop', '', words.stopButton)}`)}
${changed(context, given)}
${email === undefined ? '' : folded(words.notMe, false, html`<p>${words.notMeLead(maskEmail(email))}</p>${form(context, 'not-me', '', words.notMeButton)}`)}
${folded(words.why, false, why === undefined ? html`<p>${words.whyUnknown}</p>` : whyTable(context, why, zone))}`;
  return page(context, words.title, body);
};

/** Where somebody without a link asks for one. */
export const askPage = (context: PageContext, wrong?: string): Html => {
  const { text } = context;
  const words = text.preferences;
  return page(
    context,
    words.ask,
    html`${wrong === undefined ? '' : html`<section class="card wrong" role="alert" tabindex="-1" autofocus><strong>${text.errors.title}</strong><p>${text.errors.email}</p></section>`}<div class="card"><h1>${words.ask}</h1><p>${words.askLead}</p>
<form method="post" action="${languageLink(context.locale)}" novalidate><label class="over" for="email">${words.askMail}</label>
<input id="email" type="email" name="email" maxlength="254" autocomplete="email" value="${wrong ?? ''}"${wrong === undefined ? '' : html` aria-invalid="true"`}>
<button class="main" type="submit">${words.askSend}</button></form></div>`,
    { personal: false },
  );
};

/** What a new address is asked for: one button. */
export const confirmPage = (context: PageContext, address: string): Html => {
  const words = context.text.preferences;
  return page(
    context,
    words.confirm,
    html`<div class="card"><h1>${words.confirm}</h1><p>${words.confirmLead(maskEmail(address))}</p>
<form method="post" class="spaced" action="${languageLink(context.locale)}"><input type="hidden" name="do" value="confirm">
<button class="main" type="submit">${words.confirmButton}</button></form><p class="note">${words.confirmNote}</p></div>`,
  );
};

/** A link of a mail to an address that is not the customer's any more. */
export const outdatedPage = (context: PageContext): Html => {
  const words = context.text.preferences;
  return page(
    context,
    words.outdated,
    html`<div class="card"><h1>${words.outdated}</h1><p>${words.outdatedLead}</p><p><a href="/p${languageLink(context.locale)}">${words.askForNew}</a></p></div>`,
    { personal: false },
  );
};
