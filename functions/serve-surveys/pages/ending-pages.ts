import { html } from 'hono/html';
import { showDate } from '../../../shared/content/formats.ts';
import { type Html, notice, type PageContext, page, tick } from '../../../shared/page/layout.ts';
import type { CivilDate } from '../../../shared/platform/time.ts';
import type { FormView, QuestionView } from '../../../shared/survey/form-view.ts';

/** As much of a text as is shown again. */
const SHOWN = 400;

const shorten = (text: string): string => {
  const start = Array.from(text.slice(0, 2 * SHOWN));
  return start.length <= SHOWN && text.length <= 2 * SHOWN ? text : `${start.slice(0, SHOWN).join('')}…`;
};

/** What was answered to one question, in words; undefined where nothing was. */
const said = (question: QuestionView, { locale }: PageContext): string | undefined => {
  const { kind, value, choices = [], rows = [], columns = [] } = question;
  if (value === undefined) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) {
    const given = value as Readonly<Record<string, string>>;
    const lines = rows.flatMap((row) => {
      const column = columns.find((one) => one.value === given[row.name]);
      return column === undefined ? [] : [`${row.text}${locale === 'en' ? ': ' : '：'}${column.text}`];
    });
    return lines.length === 0 ? undefined : lines.join('\n');
  }
  if (kind === 'text' || kind === 'long-text')
    return typeof value === 'string' && value.trim() !== '' ? value : undefined;
  const chosen = choices.filter((choice) =>
    Array.isArray(value) ? value.includes(choice.value) : value === choice.value,
  );
  const texts = chosen.map((choice) => (choice.other && question.otherText ? question.otherText : choice.text));
  return texts.length === 0 ? undefined : texts.join(locale === 'en' ? ', ' : '、');
};

/** Thanks, with what was said, once: whoever opens the link later sees only that it was answered (S26). */
export const thanksPage = (
  context: PageContext,
  given: { readonly view: FormView; readonly low: boolean; readonly preferencesUrl: string },
): Html => {
  const words = context.text.survey;
  const answers = given.view.pages
    .flatMap(({ questions }) => questions)
    .flatMap((question) => {
      const text = said(question, context);
      return text === undefined ? [] : [{ title: question.title, text: shorten(text) }];
    });
  return page(
    context,
    words.thanks,
    html`<section class="card" role="status">${tick}<h1>${words.thanks}</h1><p>${given.view.thanks ?? (given.low ? words.sorry : words.thanksLead)}</p></section>
${
  answers.length === 0
    ? ''
    : html`<section class="card"><h2>${words.said}</h2><dl class="was">${answers.map(({ title, text }) => html`<dt>${title}</dt><dd>${text}</dd>`)}</dl></section>`
}
<p class="note"><a href="${given.preferencesUrl}">${words.preferences}</a></p>`,
    { sheet: 'survey' },
  );
};

/** That an answer came, and when; nothing of what it said. */
export const answeredPage = (context: PageContext, on: CivilDate): Html => {
  const words = context.text.survey;
  return notice(context, words.already, [words.alreadyLead(showDate(on, context.locale))], {
    personal: true,
    done: true,
  });
};

/** Everything that the survey asks is known already. */
export const nothingPage = (context: PageContext): Html => {
  const words = context.text.survey;
  return notice(context, words.nothing, [words.nothingLead], { personal: true, done: true });
};
