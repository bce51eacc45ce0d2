import { html } from 'hono/html';
import { showDate, showMoney } from '../../../shared/content/formats.ts';
import { type Html, languageLink, type PageContext, page, tick } from '../../../shared/page/layout.ts';
import { formatMoney, type Money } from '../../../shared/platform/money.ts';
import type { CivilDate } from '../../../shared/platform/time.ts';
import { callSlots, leavingReasons, MAX_TEXT, type RenewalChoice } from '../../../shared/survey/renewal-answer.ts';
import type { RenewalView } from '../../../shared/survey/renewal-view.ts';

/** An entry that could not be read: which form, which field, and what had been written. */
export interface WrongEntry {
  readonly choice?: RenewalChoice;
  readonly field: string;
  readonly written: Readonly<Record<string, string>>;
}

/** Weekday and day, short enough for a chip: `Mon 4 Feb`, `2月4日周一`. */
const shortDay = (date: CivilDate, locale: string): string =>
  new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  }).format(Date.parse(`${date}T00:00:00Z`));

const difference = ({ text, locale }: PageContext, now: Money, before: Money | undefined): string | undefined => {
  if (before === undefined || before.currency !== now.currency) return undefined;
  const change = now.minor - before.minor;
  if (change === 0) return text.renewal.same;
  const amount = formatMoney({ ...now, minor: Math.abs(change) }, locale);
  return change > 0 ? text.renewal.more(amount) : text.renewal.less(amount);
};

const facts = (context: PageContext, view: RenewalView): Html => {
  const { locale, text } = context;
  const words = text.renewal;
  const { offer, lastPremium } = view;
  const change = offer && difference(context, offer.premium, lastPremium);
  return html`<section class="card">
<dl>
<dt>${words.policy}</dt><dd>${view.policyNo}</dd>
${view.insured === undefined ? '' : html`<dt>${words.insured}</dt><dd>${view.insured}</dd>`}
<dt>${words.renewsOn}</dt><dd>${showDate(view.renewsOn, locale)}</dd>
</dl>
<div class="price">
${
  offer
    ? html`<div class="new"><span>${words.newPremium}</span><b>${showMoney(offer.premium, locale)}</b><small>${change ?? words.perYear}</small></div>`
    : html`<div><span>${words.newPremium}</span><b>${words.premiumFollows}</b></div>`
}
${lastPremium ? html`<div><span>${words.lastPremium}</span><b>${showMoney(lastPremium, locale)}</b></div>` : ''}
</div>
${offer ? (offer.validUntil ? html`<p class="note">${words.validUntil(showDate(offer.validUntil, locale))}</p>` : '') : html`<p class="note">${words.premiumFollowsLead}</p>`}
</section>`;
};

const said = ({ locale, text }: PageContext, view: RenewalView): Html => {
  const { latest, latestOn, offer } = view;
  if (latest === undefined || latestOn === undefined) return html``;
  const words = text.renewal.answered;
  const { content } = latest;
  const thanks =
    content.choice === 'call'
      ? words.call(shortDay(content.on, locale), text.renewal.slots[content.slot])
      : words[content.choice];
  const next = content.choice === 'renew' ? (offer?.payUrl ? words.renewPay : words.renewWait) : undefined;
  return html`<section class="card said" role="status">${tick}${content.choice === 'deceased' ? html`<h1>${thanks}</h1>` : html`<strong>${thanks}</strong>`}
${next ? html`<p>${next}</p>` : ''}<p class="note">${words.sent(showDate(latestOn, locale))}${content.choice === 'deceased' ? '' : html` · ${words.change}`}</p></section>`;
};

const mistake = ({ text }: PageContext, wrong: WrongEntry | undefined): Html | '' => {
  if (wrong === undefined) return '';
  const errors: Readonly<Record<string, string>> = text.errors;
  return html`<section class="card wrong" role="alert" tabindex="-1" autofocus><strong>${text.errors.title}</strong><p>${errors[wrong.field] ?? text.errors.choice}</p></section>`;
};

/** A form of one choice. The address is the page's own, with its language. */
const form = (context: PageContext, choice: RenewalChoice, fields: Html | '', button: Html): Html =>
  html`<form method="post" action="${languageLink(context.locale)}" novalidate><input type="hidden" name="choice" value="${choice}">${fields}${button}</form>`;

const folded = (summary: string, open: boolean, body: Html, quiet = false): Html =>
  html`<details${quiet ? html` class="quiet"` : ''}${open ? html` open` : ''}><summary>${summary}</summary><div>${body}</div></details>`;

const renewForm = (context: PageContext, view: RenewalView): Html => {
  const words = context.text.renewal;
  const payUrl = view.offer?.payUrl;
  return html`${form(context, 'renew', '', html`<button class="main" type="submit">${payUrl ? words.renew : words.renewWithoutPay}</button>`)}
<p class="note">${payUrl ? words.renewNote(new URL(payUrl).hostname) : words.renewWithoutPayNote}</p>`;
};

const callForm = (context: PageContext, view: RenewalView, wrong: WrongEntry | undefined): Html => {
  const { locale } = context;
  const words = context.text.renewal;
  const written = wrong?.written ?? {};
  const [firstDay] = view.callDays;
  const fields = html`<p>${words.callLead} ${view.phone ? words.callOn(view.phone) : words.callNoPhone}</p>
<fieldset><legend>${words.callDay}</legend><div class="chips">${view.callDays.map(
    (day) =>
      html`<label><input type="radio" name="on" value="${day}"${(written.on ?? firstDay) === day ? html` checked` : ''}><span>${shortDay(day, locale)}</span></label>`,
  )}</div></fieldset>
<fieldset><legend>${words.callSlot}</legend><div class="chips">${callSlots.map(
    (slot) =>
      html`<label><input type="radio" name="slot" value="${slot}"${(written.slot ?? callSlots[0]) === slot ? html` checked` : ''}><span>${words.slots[slot]}</span></label>`,
  )}</div></fieldset>
<label class="over" for="phone">${view.phone ? words.otherPhone : words.phone}</label>
<input id="phone" type="tel" name="phone" maxlength="30" autocomplete="tel" value="${written.phone ?? ''}"${wrong?.field === 'phone' ? html` aria-invalid="true"` : ''}>`;
  return form(context, 'call', fields, html`<button type="submit">${words.callSend}</button>`);
};

const changedForm = (context: PageContext, wrong: WrongEntry | undefined): Html => {
  const words = context.text.renewal;
  const fields = html`<p>${words.changedLead}</p><label class="over" for="changed">${words.changedText}</label>
<textarea id="changed" name="text" maxlength="${MAX_TEXT}"${wrong ? html` aria-invalid="true"` : ''}>${wrong?.written.text ?? ''}</textarea>`;
  return form(context, 'changed', fields, html`<button type="submit">${words.changedSend}</button>`);
};

const leaveForm = (context: PageContext, wrong: WrongEntry | undefined): Html => {
  const words = context.text.renewal;
  const written = wrong?.written ?? {};
  const fields = html`<p>${words.leaveLead}</p>
<fieldset class="rows"><legend>${words.leaveReason}</legend>${leavingReasons.map(
    (reason) =>
      html`<label><input type="radio" name="reason" value="${reason}"${written.reason === reason ? html` checked` : ''}><span>${words.reasons[reason]}</span></label>`,
  )}</fieldset>
<label class="over" for="why">${words.leaveText}</label><textarea id="why" name="text" maxlength="${MAX_TEXT}">${written.text ?? ''}</textarea>`;
  return form(context, 'not-renewing', fields, html`<button type="submit">${words.leaveSend}</button>`);
};

const diedForm = (context: PageContext, wrong: WrongEntry | undefined): Html => {
  const words = context.text.renewal;
  const fields = html`<p>${words.diedLead}</p><label class="over" for="contact">${words.diedContact}</label>
<input id="contact" type="text" name="contact" maxlength="120" value="${wrong?.written.contact ?? ''}">`;
  return form(context, 'deceased', fields, html`<button type="submit">${words.diedSend}</button>`);
};

/**
 * The renewal page: what it is about, what was said before, and the choices. Each choice is a form of its own, folded by
 * the browser itself; the page needs no script.
 */
export const renewalPage = (context: PageContext, view: RenewalView, wrong?: WrongEntry): Html => {
  const { locale, text } = context;
  const words = text.renewal;
  // after a death nobody is asked to choose anything
  if (view.latest?.content.choice === 'deceased') return page(context, context.brand.company, said(context, view));
  const title = {
    open: words.title(text.lines[view.line]),
    renewed: words.renewed,
    ended: words.ended,
  }[view.status];
  const lead = {
    open: words.lead(showDate(view.renewsOn, locale)),
    renewed: words.renewedLead(showDate(view.renewsOn, locale)),
    ended: words.endedLead,
  }[view.status];
  const about = (choice: RenewalChoice): WrongEntry | undefined => (wrong?.choice === choice ? wrong : undefined);
  const open = view.status === 'open';
  const choices = html`${open ? html`<section class="choices">${renewForm(context, view)}</section>` : ''}
<section class="choices">${open ? html`<h2>${words.otherwise}</h2>` : ''}
${view.status === 'renewed' ? '' : folded(words.call, about('call') !== undefined || !open, callForm(context, view, about('call')))}
${folded(words.changed, about('changed') !== undefined, changedForm(context, about('changed')))}
${open ? folded(words.leave, about('not-renewing') !== undefined, leaveForm(context, about('not-renewing'))) : ''}
${folded(words.died, about('deceased') !== undefined, diedForm(context, about('deceased')), true)}
</section>`;
  const body = html`${mistake(context, wrong)}${said(context, view)}<h1>${title}</h1><p class="lead">${lead}</p>${open ? facts(context, view) : ''}${choices}`;
  return page(context, title, body);
};
