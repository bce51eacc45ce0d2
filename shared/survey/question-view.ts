import {
  type ItemValue,
  type Question,
  QuestionBooleanModel,
  QuestionMatrixModel,
  QuestionRatingModel,
  QuestionSelectBase,
  QuestionTextBase,
  QuestionTextModel,
} from 'survey-core';
import { EngagementError } from '../platform/errors.ts';
import type { ChoiceView, QuestionKind, QuestionView } from './form-view.ts';
import { OTHER, type QuestionShape, type ReadAnswer, type Scalar, shownAnswer } from './read-answers.ts';

const KINDS: Readonly<Record<string, QuestionKind>> = {
  rating: 'scale',
  radiogroup: 'single',
  dropdown: 'single',
  boolean: 'single',
  checkbox: 'multiple',
  text: 'text',
  comment: 'long-text',
  matrix: 'matrix',
};

const hasOther = (question: Question): question is QuestionSelectBase =>
  question instanceof QuestionSelectBase && question.showOtherItem;

/** All that may ever be chosen, but for the other choice. */
const itemsOf = (question: Question): readonly ItemValue[] => {
  if (question instanceof QuestionRatingModel) return question.visibleRateValues;
  if (question instanceof QuestionMatrixModel) return question.columns;
  return question instanceof QuestionSelectBase ? question.choices : [];
};

/** What a question takes. @throws EngagementError `bad-input` for a type that is not one of the six kinds */
export const shapeOf = (question: Question): QuestionShape => {
  const kind = KINDS[question.getType()];
  if (kind === undefined)
    throw new EngagementError('bad-input', `no page shows questions of type "${question.getType()}": check the survey`);
  const values: Scalar[] =
    question instanceof QuestionBooleanModel ? [true, false] : itemsOf(question).map(({ value }) => value as Scalar);
  return {
    name: question.name,
    kind,
    offered: new Map([...values, ...(hasOther(question) ? [OTHER] : [])].map((value) => [String(value), value])),
    rows: question instanceof QuestionMatrixModel ? question.rows.map(({ value }: ItemValue) => String(value)) : [],
    hasOther: hasOther(question),
    inputType: question instanceof QuestionTextModel ? (question.inputType as QuestionShape['inputType']) : 'text',
  };
};

/** Whether conditions let a value be chosen now. */
export const offersNow = (question: Question, value: Scalar): boolean =>
  !(question instanceof QuestionSelectBase) || question.visibleChoices.some((item: ItemValue) => item.value === value);

const choice = ({ value, text }: ItemValue): ChoiceView => ({ value: String(value), text });

const choicesOf = (question: Question, all: boolean): readonly ChoiceView[] => {
  if (question instanceof QuestionBooleanModel)
    return [
      { value: 'true', text: question.labelTrue },
      { value: 'false', text: question.labelFalse },
    ];
  const items = itemsOf(question).filter(({ value }) => all || offersNow(question, value));
  return [
    ...items.map(choice),
    ...(hasOther(question) ? [{ ...choice(question.otherItem), other: true as const }] : []),
  ];
};

/** The text under its name, where there is one. */
const filled = <Name extends string>(name: Name, text: string): { readonly [one in Name]?: string } =>
  text === '' ? {} : ({ [name]: text } as Record<Name, string>);

const partsOf = (question: Question, { kind, inputType }: QuestionShape, all: boolean): Partial<QuestionView> => {
  if (question instanceof QuestionMatrixModel)
    return {
      rows: question.rows.map(({ value, text }: ItemValue) => ({ name: String(value), text })),
      columns: question.columns.map(choice),
    };
  if (question instanceof QuestionTextBase)
    return {
      ...(kind === 'text' ? { inputType } : {}),
      ...filled('placeholder', question.placeholder),
      ...(question.maxLength > 0 ? { maxLength: question.maxLength } : {}),
    };
  const choices = { choices: choicesOf(question, all) };
  return question instanceof QuestionRatingModel
    ? {
        ...choices,
        ...filled('lowest', question.minRateDescription),
        ...filled('highest', question.maxRateDescription),
      }
    : choices;
};

/** A question as plain data, in the language its model is set to. @param all with choices that are not offered now */
export const questionView = (
  question: Question,
  shape: QuestionShape,
  answer: ReadAnswer | undefined,
  all = false,
): QuestionView => {
  const value = answer && shownAnswer(shape, answer);
  return {
    name: shape.name,
    kind: shape.kind,
    title: question.title,
    ...filled('description', question.description),
    required: question.isRequired || (question instanceof QuestionMatrixModel && question.eachRowRequired),
    enabled: !question.isReadOnly,
    ...(value === undefined ? {} : { value }),
    ...partsOf(question, shape, all),
    ...(shape.hasOther && answer?.written !== undefined ? { otherText: answer.written } : {}),
  };
};
