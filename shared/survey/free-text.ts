import type { AnswerValues } from './answer-store.ts';
import { otherFieldOf } from './form-view.ts';
import type { SurveyFile } from './survey.ts';

/** What a customer wrote in own words, and to which question. */
export interface FreeText {
  readonly question: string;
  readonly text: string;
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where a form keeps what is written, and the question it belongs to, in the order of the form. */
const writtenIn = (node: unknown): { readonly field: string; readonly question: string }[] => {
  if (Array.isArray(node)) return node.flatMap(writtenIn);
  if (!isNode(node)) return [];
  const { type, name: question } = node;
  if (typeof question !== 'string' || typeof type !== 'string' || Array.isArray(node.elements))
    return [...writtenIn(node.pages), ...writtenIn(node.elements)];
  const isText = type === 'comment' || (type === 'text' && (node.inputType ?? 'text') === 'text');
  return [{ field: isText ? question : otherFieldOf(question), question }];
};

/** All that was written, in the order of the form; what was left empty is absent. */
export const freeTextsOf = (file: Pick<SurveyFile, 'form'>, values: AnswerValues): readonly FreeText[] =>
  writtenIn(file.form).flatMap(({ field, question }) => {
    const text = values[field];
    return typeof text === 'string' && text !== '' ? [{ question, text }] : [];
  });
