import { html } from 'hono/html';
import { type Html, languageLink, type PageContext, page } from '../../../shared/page/layout.ts';

/** The satisfaction page's form. `score` only preselects: nothing is stored before the form is sent. */
export const surveyPage = (
  context: PageContext,
  given: { readonly score?: number; readonly comment?: string; readonly wrong?: 'score' | 'comment' },
): Html => {
  const { locale, text, brand } = context;
  const words = text.survey;
  const keep = given.score === undefined ? '' : `&score=${given.score}`;
  const scores = Array.from({ length: 11 }, (_, score) => score);
  const mistake = given.wrong
    ? html`<section class="card wrong" role="alert" tabindex="-1" autofocus><strong>${text.errors.title}</strong><p>${text.errors[given.wrong]}</p></section>`
    : '';
  return page(
    context,
    words.title,
    html`${mistake}<h1>${words.title}</h1>
<form method="post" action="${languageLink(locale)}" class="card" novalidate>
<fieldset aria-describedby="ends"><legend>${words.question(brand.company)}</legend>
<div class="scale">${scores.map(
      (score) =>
        html`<label><input type="radio" name="score" value="${score}"${given.score === score ? html` checked` : ''}><span>${score}</span></label>`,
    )}</div>
<div class="ends" id="ends"><span>0 – ${words.lowest}</span><span>10 – ${words.highest}</span></div></fieldset>
<label class="over" for="comment">${words.comment}</label>
<textarea id="comment" name="comment" maxlength="1000">${given.comment ?? ''}</textarea>
<button class="main" type="submit">${words.send}</button>
</form>`,
    { extra: keep },
  );
};
