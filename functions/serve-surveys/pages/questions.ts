import { html } from 'hono/html';
import type { Html, PageContext } from '../../../shared/page/layout.ts';
import {
  type ChoiceView,
  otherFieldOf,
  type QuestionKind,
  type QuestionView,
} from '../../../shared/survey/form-view.ts';
import { fieldOfRow } from '../fields.ts';

/** A question on the page, and what is wrong with what was entered. */
interface Asked {
  readonly context: PageContext;
  readonly question: QuestionView;
  readonly error: string | undefined;
}

/** Where the page's summary of errors leads to. */
export const idOf = (question: string): string => `q-${question}`;

const checked = (on: boolean): Html | '' => (on ? html` checked` : '');

/** The ids that say more about a field: its hint, its error, `more`. */
const describedBy = ({ question, error }: Asked, more?: string): Html | '' => {
  const id = idOf(question.name);
  const ids = [
    ...(question.description === undefined ? [] : [`${id}-hint`]),
    ...(error === undefined ? [] : [`${id}-error`]),
    ...(more === undefined ? [] : [more]),
  ];
  return ids.length === 0 ? '' : html` aria-describedby="${ids.join(' ')}"`;
};

const heading = ({ context, question }: Asked): Html =>
  html`${question.title}${question.required ? html`<span class="need"> *<span class="sr"> (${context.text.survey.required})</span></span>` : ''}`;

const remarks = ({ question, error }: Asked): Html => {
  const id = idOf(question.name);
  return html`${question.description === undefined ? '' : html`<p class="hint" id="${id}-hint">${question.description}</p>`}${
    error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`
  }`;
};

/** A question that is answered by choosing: the browser reads its title before each choice. */
const group = (asked: Asked, body: Html, more?: string): Html =>
  html`<fieldset${describedBy(asked, more)}${asked.question.enabled ? '' : html` disabled`}><legend>${heading(asked)}</legend>${remarks(asked)}${body}</fieldset>`;

const isChosen = ({ value }: QuestionView, choice: ChoiceView): boolean =>
  Array.isArray(value) ? value.includes(choice.value) : value === choice.value;

/** Numbers in a row; a scale of words is a list. */
const scale = (asked: Asked): Html => {
  const { question } = asked;
  const { name, choices = [], lowest, highest } = question;
  if (choices.some(({ text }) => text.length > 3)) return listOf(asked, 'radio');
  const [first, last] = [choices[0], choices.at(-1)];
  const ends = lowest !== undefined || highest !== undefined;
  const id = `${idOf(name)}-ends`;
  const columns = choices.length <= 5 ? 'n5' : choices.length <= 7 ? 'n7' : 'n11';
  return group(
    asked,
    html`<div class="scale ${columns}">${choices.map(
      (choice) =>
        html`<label><input type="radio" name="${name}" value="${choice.value}"${checked(isChosen(question, choice))}><span>${choice.text}</span></label>`,
    )}</div>${
      ends
        ? html`<div class="ends" id="${id}"><span>${lowest === undefined ? '' : `${first?.text ?? ''} – ${lowest}`}</span><span>${highest === undefined ? '' : `${last?.text ?? ''} – ${highest}`}</span></div>`
        : ''
    }`,
    ends ? id : undefined,
  );
};

const listOf = (asked: Asked, type: 'radio' | 'checkbox'): Html => {
  const { context, question } = asked;
  const { name, choices = [] } = question;
  const say = otherFieldOf(name);
  return group(
    asked,
    html`<div class="rows">${choices.map(
      (choice) =>
        html`<label><input type="${type}" name="${name}" value="${choice.value}"${checked(isChosen(question, choice))}${choice.other ? html` data-other="${idOf(say)}"` : ''}><span>${choice.text}</span></label>`,
    )}${
      choices.some(({ other }) => other)
        ? html`<div class="say"><label for="${idOf(say)}">${context.text.survey.other}</label><input type="text" id="${idOf(say)}" name="${say}" value="${question.otherText ?? ''}"></div>`
        : ''
    }</div>`,
  );
};

/** A question that is answered by writing. @param field the field itself, with the attributes it is given */
const written = (asked: Asked, field: (attributes: Html) => Html): Html => {
  const { question, error } = asked;
  const { placeholder, maxLength } = question;
  const id = `${idOf(question.name)}-in`;
  const attributes = html` id="${id}" name="${question.name}"${describedBy(asked)}${question.required ? html` aria-required="true"` : ''}${
    error === undefined ? '' : html` aria-invalid="true"`
  }${placeholder === undefined ? '' : html` placeholder="${placeholder}"`}${maxLength === undefined ? '' : html` maxlength="${maxLength}"`}${question.enabled ? '' : html` disabled`}`;
  return html`<div><label class="over" for="${id}">${heading(asked)}</label>${remarks(asked)}${field(attributes)}</div>`;
};

const textOf = ({ value }: QuestionView): string => (typeof value === 'string' ? value : '');

const matrix = (asked: Asked): Html => {
  const { question } = asked;
  const { name, rows = [], columns = [] } = question;
  const given = typeof question.value === 'object' && !Array.isArray(question.value) ? question.value : {};
  const id = idOf(name);
  return group(
    asked,
    html`<table class="m"><thead><tr><td></td>${columns.map(
      (column, n) => html`<th scope="col" id="${id}-c${n}">${column.text}</th>`,
    )}</tr></thead><tbody>${rows.map(
      (row, r) =>
        html`<tr><th scope="row" id="${id}-r${r}">${row.text}</th>${columns.map(
          (column, n) =>
            html`<td class="chips"><label><input type="radio" name="${fieldOfRow(name, row.name)}" value="${column.value}" aria-labelledby="${id}-r${r} ${id}-c${n}"${checked((given as Readonly<Record<string, string>>)[row.name] === column.value)}><span>${column.text}</span></label></td>`,
        )}</tr>`,
    )}</tbody></table>`,
  );
};

const bodies: Readonly<Record<QuestionKind, (asked: Asked) => Html>> = {
  scale,
  single: (asked) => listOf(asked, 'radio'),
  multiple: (asked) => listOf(asked, 'checkbox'),
  text: (asked) =>
    written(
      asked,
      (attributes) =>
        html`<input type="${asked.question.inputType ?? 'text'}"${attributes} value="${textOf(asked.question)}">`,
    ),
  // a browser drops one line break after the tag, so that one is there to be dropped
  'long-text': (asked) =>
    written(
      asked,
      (attributes) => html`<textarea${attributes} rows="4">
${textOf(asked.question)}</textarea>`,
    ),
  matrix,
};

/** One question in its box. */
export const questionBox = (context: PageContext, question: QuestionView, error: string | undefined): Html =>
  html`<section class="card q${error === undefined ? '' : ' bad'}" id="${idOf(question.name)}" tabindex="-1">${bodies[question.kind]({ context, question, error })}</section>`;
