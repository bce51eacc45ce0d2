import { html } from 'hono/html';
import { type Html, languageLink, type PageContext, page } from '../../../shared/page/layout.ts';

/** What a click stops: advertising only, or also what we write of our own accord about policies. */
export type Stops = 'marketing' | 'service';

/** What will stop, what goes on, and one button. The button sends what a mailbox provider's one click sends (RFC 8058). */
export const unsubscribePage = (context: PageContext, stops: Stops, maskedAddress: string): Html => {
  const words = context.text.unsubscribe[stops];
  return page(
    context,
    words.title,
    html`<div class="card"><h1>${words.title}</h1>
<p>${words.lead(maskedAddress)}</p><p class="note">${words.keeps}</p>
<form method="post" class="spaced" action="${languageLink(context.locale)}"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<button class="main" type="submit">${words.button}</button></form></div>`,
  );
};
