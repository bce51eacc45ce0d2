import { html } from 'hono/html';
import { type Html, languageLink, type PageContext, page } from '../layout.ts';

/** What will stop, what goes on, and one button. The button sends what a mailbox provider's one click sends (RFC 8058). */
export const unsubscribePage = (context: PageContext, maskedAddress: string | undefined): Html => {
  const words = context.text.unsubscribe;
  return page(
    context,
    words.title,
    html`<div class="card"><h1>${words.title}</h1>
<p>${maskedAddress === undefined ? words.leadNoAddress : words.lead(maskedAddress)}</p><p class="note">${words.keeps}</p>
<form method="post" action="${languageLink(context.locale)}"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<p></p><button class="main" type="submit">${words.button}</button></form></div>`,
  );
};
