import { html } from 'hono/html';
import { type Html, languageLink, type PageContext, page } from '../../../shared/page/layout.ts';
import { derivedId } from '../../../shared/platform/ids.ts';
import type { FormView, PageView } from '../../../shared/survey/form-view.ts';
import type { QuestionError } from '../../../shared/survey/survey-model.ts';
import { FIELDS } from '../fields.ts';
import { idOf, questionBox } from './questions.ts';
import { scriptPath } from './script.ts';

const FORM = 'survey';
/** Up to so many steps are shown as a bar; more of them would be dust. */
const BAR_STEPS = 12;

/** What one page of a survey is made from. */
export interface SurveyPage {
  readonly view: FormView;
  /** Which of the view's pages is shown; there is at least one. */
  readonly index: number;
  /** False on the last page. */
  readonly goesOn: boolean;
  /** How often the draft was saved. */
  readonly version: number;
  /** Score of the mail's one click, where the page was opened by it. */
  readonly preselected?: string | undefined;
  readonly errors?: readonly QuestionError[];
  /** Something to know before answering. */
  readonly remark?: 'confirm' | 'resumed' | 'more' | undefined;
}

/** The page that is shown. */
export const pageOf = ({ view, index }: Pick<SurveyPage, 'view' | 'index'>): PageView => view.pages[index] as PageView;

/** Names what is asked on a page and how, without the answers: equal while nothing of the form has changed. */
export const nameOfForm = (shown: Pick<SurveyPage, 'view' | 'index' | 'goesOn'>, locale: string): string => {
  const { view, index, goesOn } = shown;
  const { title = '', description = '', questions } = pageOf(shown);
  const asked = questions.map(({ value: _value, otherText: _text, ...question }) => question);
  return derivedId('form', JSON.stringify([locale, index, view.pages.length, goesOn, title, description, asked]));
};

const steps = ({ text }: PageContext, { view, index }: SurveyPage): Html | '' => {
  const count = view.pages.length;
  if (count < 2) return '';
  const bar =
    count > BAR_STEPS
      ? ''
      : html`<b aria-hidden="true">${view.pages.map((_page, n) => (n <= index ? html`<i class="on"></i>` : html`<i></i>`))}</b>`;
  return html`<p class="steps" id="steps"><span>${text.survey.step(index + 1, count)}</span>${bar}</p>`;
};

/** The errors, above everything: the browser goes there first, and each leads to its question. */
const summary = ({ text }: PageContext, shown: SurveyPage): Html | '' => {
  const { errors = [] } = shown;
  if (errors.length === 0) return '';
  const titles = new Map(pageOf(shown).questions.map(({ name, title }) => [name, title]));
  return html`<section class="card wrong summary" role="alert" tabindex="-1" autofocus><strong>${text.errors.title}</strong><ul>${errors.map(
    ({ question, message }) => html`<li><a href="#${idOf(question)}">${titles.get(question) ?? message}</a></li>`,
  )}</ul></section>`;
};

const hidden = (name: string, value: string | number): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** The form alone: what a script takes in where an answer has changed what is asked. */
export const surveyForm = (context: PageContext, shown: SurveyPage): Html => {
  const { locale, text } = context;
  const { index, goesOn, version, preselected, errors = [] } = shown;
  const { name, title, description, questions } = pageOf(shown);
  const wrong = new Map(errors.map(({ question, message }) => [question, message]));
  const asked = questions.filter(({ enabled }) => enabled).map((question) => question.name);
  const words = text.survey;
  return html`<form id="${FORM}" method="post" action="${languageLink(locale)}" enctype="multipart/form-data" novalidate>
${steps(context, shown)}
<div id="state">${hidden(FIELDS.page, name)}${hidden(FIELDS.version, version)}${hidden(FIELDS.asked, asked.join(' '))}${hidden(FIELDS.form, nameOfForm(shown, locale))}${
    preselected === undefined ? '' : hidden(FIELDS.preselected, preselected)
  }</div>
${title === undefined ? '' : html`<h2>${title}</h2>`}${description === undefined ? '' : html`<p>${description}</p>`}
${questions.some(({ required }) => required) ? html`<p class="note">${words.requiredNote}</p>` : ''}
<div id="questions">${questions.map((question) => questionBox(context, question, wrong.get(question.name)))}</div>
<div id="go"><button class="main" type="submit" name="${FIELDS.act}" value="next">${goesOn ? words.next : words.send}</button>${
    index === 0
      ? ''
      : html`<button class="quiet" type="submit" name="${FIELDS.act}" value="back">${words.back}</button>`
  }</div>
</form>`;
};

/** One page of a survey. Nothing is stored before it is posted. */
export const surveyPage = (context: PageContext, shown: SurveyPage): Html => {
  const { text } = context;
  const { view, remark, index } = shown;
  const words = text.survey;
  const count = view.pages.length;
  const title = count < 2 ? view.title : `${words.step(index + 1, count)} · ${view.title}`;
  const lead = index === 0 ? view.description : undefined;
  return page(
    context,
    title,
    html`${summary(context, shown)}<h1>${view.title}</h1>${lead === undefined ? '' : html`<p class="lead">${lead}</p>`}
${remark === undefined ? '' : html`<p class="card remark" role="status">${words[remark]}</p>`}
${surveyForm(context, shown)}`,
    { sheet: 'survey', form: { id: FORM, act: FIELDS.act, enter: 'next' }, script: scriptPath },
  );
};
