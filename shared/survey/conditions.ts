import { ConditionRunner, ConditionsParser } from 'survey-core';
import type { Form, FormElement } from './form-schema.ts';

/** A condition of a form. */
export interface Condition {
  /** Such as `form.pages[1].elements[0].visibleIf`. */
  readonly path: string;
  readonly text: string;
  /** Only questions before this place may be asked about: the customer sees them in their order. */
  readonly before: number;
}

/** What a condition asks about, as its parser finds it; undefined where it cannot be parsed. */
export interface ParsedCondition {
  readonly questions: readonly string[];
  readonly callsFunction: boolean;
}

/** Parses a condition. */
export const parseCondition = (text: string): ParsedCondition | undefined => {
  // undefined where it is wrong, though its type does not say so
  const parsed = new ConditionsParser().parseExpression(text) as
    | { hasFunction(): boolean; setVariables(into: string[]): void }
    | undefined
    | null;
  if (parsed === undefined || parsed === null) return undefined;
  const variables: string[] = [];
  parsed.setVariables(variables);
  // `{steps.speed}` asks for a row of a matrix
  return {
    questions: [...new Set(variables.map((name) => name.split('.', 1)[0] as string))],
    callsFunction: parsed.hasFunction(),
  };
};

/** Whether a condition holds with these answers; one that is absent does. */
export const holds = (text: string | undefined, values: Readonly<Record<string, unknown>>): boolean =>
  text === undefined || new ConditionRunner(text).runValues({ ...values }) === true;

/** A question with its place among all, its page's condition, and where it stands in the file. */
export interface PlacedQuestion {
  readonly element: FormElement;
  readonly place: number;
  readonly path: string;
  readonly pageVisibleIf: string | undefined;
}

/** The questions of a form in the order of the pages. */
export const questionsOf = ({ pages }: Form): readonly PlacedQuestion[] => {
  const found: PlacedQuestion[] = [];
  for (const [p, page] of pages.entries())
    for (const [e, element] of page.elements.entries())
      found.push({
        element,
        place: found.length,
        path: `form.pages[${p}].elements[${e}]`,
        pageVisibleIf: page.visibleIf,
      });
  return found;
};

const conditionsOfQuestion = ({ element, place, path }: PlacedQuestion): readonly Condition[] => {
  const found: Condition[] = [];
  const add = (name: string, text: string | undefined, before = place): void => {
    if (text !== undefined) found.push({ path: `${path}.${name}`, text, before });
  };
  add('visibleIf', element.visibleIf);
  add('requiredIf', element.requiredIf);
  add('enableIf', element.enableIf);
  if ('choices' in element)
    for (const [n, choice] of element.choices.entries())
      if (typeof choice === 'object') add(`choices[${n}].visibleIf`, choice.visibleIf);
  // a check of an answer looks at the answer itself
  for (const [n, validator] of (element.validators ?? []).entries())
    if (validator.type === 'expression') add(`validators[${n}].expression`, validator.expression, place + 1);
  return found;
};

/** Every condition of a form. */
export const conditionsOf = (form: Form): readonly Condition[] => {
  let first = 0;
  const ofPages = form.pages.flatMap(({ visibleIf, elements }, p): readonly Condition[] => {
    const before = first;
    first += elements.length;
    return visibleIf === undefined ? [] : [{ path: `form.pages[${p}].visibleIf`, text: visibleIf, before }];
  });
  return [...ofPages, ...questionsOf(form).flatMap(conditionsOfQuestion)];
};
