import { html, raw } from 'hono/html';
import { type Sheet, sheets } from './style.ts';
import type { PageText } from './text/en.ts';
import { texts } from './texts.ts';

const styleTags: Readonly<Record<Sheet, Html>> = {
  base: html`<style>${raw(sheets.base)}</style>`,
  pages: html`<style>${raw(sheets.pages)}</style>`,
  survey: html`<style>${raw(sheets.survey)}</style>`,
};

/** A piece of escaped HTML. */
export type Html = ReturnType<typeof html>;

/** Who stands behind the page, in the page's language. */
interface Brand {
  readonly company: string;
  readonly legalName: string;
  readonly hotline: string;
  readonly hours: string;
}

/** What every page needs to know. */
export interface PageContext {
  readonly locale: string;
  readonly text: PageText;
  readonly brand: Brand;
}

/** A form of the page that its bar takes part in: the language button posts it, so that what was typed is kept. */
export interface PageForm {
  readonly id: string;
  /** Name of the field that says what to do; `lang:<locale>` from the switch. */
  readonly act: string;
  /** What Enter does. */
  readonly enter: string;
}

const mark = raw(
  '<svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 2 28 6.5v9C28 23 22.8 27.8 16 30 9.2 27.8 4 23 4 15.5v-9z" fill="#0b5f59"/><path d="M9.5 17c3-4.5 6-5.5 13-5.5-.8 6-4.3 9.5-9.7 9.5-1.7 0-2.8-.7-3.3-1.8m.3 4.3c1-4 3.7-7 7.7-8.5" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>',
);

/** A tick in a circle, above words of thanks. */
export const tick = raw(
  '<svg class="tick" width="48" height="48" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="23" fill="#eaf3f1" stroke="#0b5f59" stroke-width="1.5"/><path d="m15 24.5 6.2 6.2L33.5 18" fill="none" stroke="#0b5f59" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>',
);

/** The address of this page in another language. Relative, so that the token is not written out again. */
export const languageLink = (locale: string, extra = ''): string => `?lang=${encodeURIComponent(locale)}${extra}`;

const otherLanguages = (context: PageContext) => Object.entries(texts).filter(([locale]) => locale !== context.locale);

/** Links by default; buttons where the page has a form whose entries must not be lost. */
const languageSwitch = (context: PageContext, extra: string, form: PageForm | undefined): Html =>
  html`<nav class="switch" aria-label="${context.text.otherLanguage}">${otherLanguages(context).map(([locale, text]) =>
    form === undefined
      ? html`<a href="${languageLink(locale, extra)}" lang="${locale}" hreflang="${locale}">${text.languageName}</a>`
      : html`<button form="${form.id}" name="${form.act}" value="lang:${locale}" lang="${locale}">${text.languageName}</button>`,
  )}</nav>`;

/** What pressing Enter does: a browser takes the first button of a form, and that would be the language. */
const defaultButton = (form: PageForm | undefined): Html | '' =>
  form === undefined
    ? ''
    : html`<button class="sr" form="${form.id}" name="${form.act}" value="${form.enter}" tabindex="-1" aria-hidden="true"></button>`;

/**
 * A whole page: the insurer's bar with the language switch, `body`, and how to reach a person.
 * @param options.extra what else of the query the language switch must keep, beginning with `&`
 * @param options.personal false on pages that were not opened by a valid link
 * @param options.sheet the rules that the page needs beside the base
 * @param options.script address of a script of this site, run when the page is there
 */
export const page = (
  context: PageContext,
  title: string,
  body: Html,
  options: {
    readonly extra?: string;
    readonly personal?: boolean;
    readonly sheet?: Exclude<Sheet, 'base'>;
    readonly form?: PageForm;
    readonly script?: string;
  } = {},
): Html => {
  const { locale, text, brand } = context;
  const { extra = '', form, script } = options;
  return html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex,nofollow">
<meta name="format-detection" content="telephone=no">
<meta name="color-scheme" content="light">
<title>${title} · ${brand.company}</title>
${styleTags.base}${styleTags[options.sheet ?? 'pages']}${script === undefined ? '' : html`<script src="${script}" defer></script>`}
</head>
<body>
${defaultButton(form)}<header class="bar"><div><span class="brand">${mark}<span>${brand.company}</span></span>${languageSwitch(context, extra, form)}</div></header>
<main>
${body}
</main>
<footer><div class="rule">
<p>${text.hotline} <a class="phone" href="tel:${brand.hotline.replaceAll(/[^\d+]/g, '')}">${brand.hotline}</a></p>
<p>${brand.hours}</p>
<p>${brand.legalName}</p>
${options.personal === false ? '' : html`<p>${text.secure}</p>`}
</div></footer>
</body>
</html>`;
};

/** A page that says one thing. */
export const notice = (
  context: PageContext,
  title: string,
  lines: readonly string[],
  options: { readonly personal?: boolean; readonly done?: boolean } = {},
): Html =>
  page(
    context,
    title,
    html`<div class="card">${options.done ? tick : ''}<h1>${title}</h1>${lines.map((line) => html`<p>${line}</p>`)}</div>`,
    { personal: options.personal ?? false },
  );
