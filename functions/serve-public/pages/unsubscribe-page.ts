import { html } from 'hono/html';
import { type Html, languageLink, type PageContext, page, tick } from '../../../shared/page/layout.ts';

/** What a click stops: advertising only, or also what we write of our own accord about policies. */
export type Stops = 'marketing' | 'service';

/** The way to all settings, below what unsubscribe says. */
const settings = (context: PageContext, address: string): Html =>
  html`<p class="spaced"><a href="${address}${languageLink(context.locale)}">${context.text.preferences.manage}</a></p>`;

/**
 * What will stop, what goes on, and one button. The button sends what a mailbox provider's one click sends (RFC 8058).
 * @param preferences address of the same customer's preference page
 */
export const unsubscribePage = (
  context: PageContext,
  stops: Stops,
  maskedAddress: string,
  preferences: string,
): Html => {
  const words = context.text.unsubscribe[stops];
  return page(
    context,
    words.title,
    html`<div class="card"><h1>${words.title}</h1>
<p>${words.lead(maskedAddress)}</p><p class="note">${words.keeps}</p>
<form method="post" class="spaced" action="${languageLink(context.locale)}"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<button class="main" type="submit">${words.button}</button></form>${settings(context, preferences)}</div>`,
  );
};

/** What stopped, what goes on, and the way to all settings. */
export const unsubscribedPage = (context: PageContext, stops: Stops, preferences: string): Html => {
  const { unsubscribe } = context.text;
  return page(
    context,
    unsubscribe.done,
    html`<div class="card">${tick}<h1>${unsubscribe.done}</h1><p>${unsubscribe[stops].done}</p><p>${unsubscribe[stops].keeps}</p>${settings(context, preferences)}</div>`,
  );
};
