import { holds, type PlacedQuestion, parseCondition, questionsOf } from './conditions.ts';
import type { Form } from './form-schema.ts';
import type { QuestionShape, Scalar } from './read-answers.ts';

/** Ways to answer that are tried for one question; a form that needs more is taken to be fine. */
const MAX_TRIES = 20_000;
/** Choices of a multiple choice whose every combination is tried. */
const MAX_COMBINED = 6;

type Values = Readonly<Record<string, unknown>>;

interface Known extends PlacedQuestion {
  readonly shape: QuestionShape;
  /** Questions that decide whether this one is seen or what it offers. */
  readonly asks: readonly string[];
}

const asksOf = ({ element, pageVisibleIf }: PlacedQuestion): readonly string[] =>
  [
    pageVisibleIf,
    element.visibleIf,
    element.enableIf,
    ...('choices' in element
      ? element.choices.map((one) => (typeof one === 'object' ? one.visibleIf : undefined))
      : []),
  ].flatMap((text) => (text === undefined ? [] : (parseCondition(text)?.questions ?? [])));

const combinations = (values: readonly Scalar[]): readonly Scalar[][] =>
  Array.from({ length: 2 ** values.length }, (_, bits) => values.filter((_one, n) => (bits >> n) % 2 === 1));

/** Everything that can be answered; undefined where that is too much to try. */
const answersOf = ({ shape, element }: Known, values: Values): readonly unknown[] | undefined => {
  const hidden = new Set(
    'choices' in element
      ? element.choices.flatMap((one) =>
          typeof one === 'object' && !holds(one.visibleIf, values) ? [String(one.value)] : [],
        )
      : [],
  );
  const offered = [...shape.offered].flatMap(([text, value]) => (hidden.has(text) ? [] : [value]));
  const skipped = element.isRequired === true ? [] : [undefined];
  switch (shape.kind) {
    case 'scale':
    case 'single':
      return [...skipped, ...offered];
    case 'multiple':
      return offered.length > MAX_COMBINED
        ? undefined
        : [...skipped, ...combinations(offered).filter(({ length }) => length > 0)];
    case 'matrix':
    case 'text':
    case 'long-text':
      return undefined;
  }
};

const isSeen = ({ element, pageVisibleIf }: Known, values: Values): boolean =>
  holds(pageVisibleIf, values) && holds(element.visibleIf, values);

/** Everything that decides, directly or not, whether a question is seen, in the order it is asked. */
const decidersOf = (question: Known, byName: ReadonlyMap<string, Known>): readonly Known[] => {
  const found = new Set<Known>();
  const visit = ({ asks }: Known): void => {
    for (const name of asks) {
      const decider = byName.get(name);
      if (decider === undefined || found.has(decider)) continue;
      found.add(decider);
      visit(decider);
    }
  };
  visit(question);
  return [...found].sort((a, b) => a.place - b.place);
};

const canBeSeen = (question: Known, byName: ReadonlyMap<string, Known>): boolean => {
  const deciders = decidersOf(question, byName);
  let tries = 0;
  const walk = (n: number, values: Values): boolean => {
    tries += 1;
    if (tries > MAX_TRIES) return true;
    const decider = deciders[n];
    if (decider === undefined) return isSeen(question, values);
    if (!isSeen(decider, values) || !holds(decider.element.enableIf, values)) return walk(n + 1, values);
    const answers = answersOf(decider, values);
    if (answers === undefined) return true;
    return answers.some((answer) =>
      walk(n + 1, answer === undefined ? values : { ...values, [decider.element.name]: answer }),
    );
  };
  return walk(0, {});
};

/**
 * Questions that no way of answering ever leads to. Conditions must be sound, and ask for earlier questions only.
 * @param shapes of all questions of the form
 */
export const unreachable = (form: Form, shapes: readonly QuestionShape[]): readonly PlacedQuestion[] => {
  const shapeOf = new Map(shapes.map((shape) => [shape.name, shape]));
  const known = questionsOf(form).flatMap((question): readonly Known[] => {
    const shape = shapeOf.get(question.element.name);
    return shape === undefined ? [] : [{ ...question, shape, asks: asksOf(question) }];
  });
  const byName = new Map(known.map((question) => [question.element.name, question]));
  return known.filter((question) => !canBeSeen(question, byName));
};
