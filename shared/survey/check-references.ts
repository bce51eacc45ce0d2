import { type PlacedQuestion, questionsOf } from './conditions.ts';
import type { Form, FormChoice, FormElement } from './form-schema.ts';
import { OTHER, type QuestionShape } from './read-answers.ts';
import { SCALES, type SurveyFact, type SurveyFile } from './survey.ts';
import type { SurveyProblem } from './survey-problem.ts';

type Shapes = ReadonlyMap<string, QuestionShape>;

const checkScore = ({ score, low, facts, form }: SurveyFile, shapes: Shapes): SurveyProblem[] => {
  if (score === undefined)
    return low === undefined
      ? []
      : [{ path: 'low', message: 'there is no score to be low: add "score", or remove "low"' }];
  const { metric, question } = score;
  const [lowest, highest] = SCALES[metric];
  const shape = shapes.get(question);
  if (shape === undefined)
    return [{ path: 'score.question', message: `there is no question "${question}": name the question of the score` }];
  if (shape.kind !== 'scale')
    return [{ path: 'score.question', message: `"${question}" is no scale: name a question of type "rating"` }];
  const found: SurveyProblem[] = [];
  const marks = [...shape.offered.values()];
  const wanted = Array.from({ length: highest - lowest + 1 }, (_, n) => lowest + n);
  if (marks.length !== wanted.length || marks.some((mark, n) => mark !== wanted[n]))
    found.push({
      path: 'score.question',
      message: `"${question}" goes from ${marks.at(0)} to ${marks.at(-1)}, ${metric} from ${lowest} to ${highest}: set rateMin ${lowest} and rateMax ${highest}`,
    });
  const first = form.pages[0]?.elements[0];
  if (first?.name !== question || first.visibleIf !== undefined || form.pages[0]?.visibleIf !== undefined)
    found.push({
      path: 'score.question',
      message: `"${question}" is not what everybody is asked first: put it at the beginning, without conditions; mails ask it by themselves`,
    });
  if (facts.some((fact) => fact.question === question))
    found.push({
      path: 'score.question',
      message: `"${question}" tells a fact and would be hidden: ask for the fact in another question`,
    });
  if (low !== undefined && (low.atMost < lowest || low.atMost >= highest))
    found.push({
      path: 'low.atMost',
      message: `${low.atMost} does not part low scores from others: use ${lowest} to ${highest - 1}`,
    });
  return found;
};

const checkStyles = ({ fact, question, styles }: SurveyFact, path: string, shape: QuestionShape): SurveyProblem[] => {
  if (fact !== 'decision-style')
    return styles === undefined
      ? []
      : [{ path: `${path}.styles`, message: 'belongs to the fact "decision-style" only: remove it' }];
  if (styles === undefined)
    return [{ path: `${path}.styles`, message: 'is missing: say which style each choice speaks for' }];
  if (shape.kind !== 'single')
    return [{ path: `${path}.question`, message: `"${question}" is no single choice: use type "radiogroup"` }];
  return Object.keys(styles)
    .filter((choice) => !shape.offered.has(choice))
    .map((choice) => ({
      path: `${path}.styles.${choice}`,
      message: `"${question}" has no choice "${choice}": use ${[...shape.offered.keys()].join(', ')}`,
    }));
};

const checkFacts = ({ facts }: SurveyFile, shapes: Shapes): SurveyProblem[] =>
  facts.flatMap((fact, n) => {
    const path = `facts[${n}]`;
    const shape = shapes.get(fact.question);
    if (shape === undefined)
      return [{ path: `${path}.question`, message: `there is no question "${fact.question}": name one of the form` }];
    const found = checkStyles(fact, path, shape);
    if (shape.kind === 'matrix' || shape.kind === 'long-text')
      found.push({
        path: `${path}.question`,
        message: `"${fact.question}" is a ${shape.kind === 'matrix' ? 'matrix' : 'long text'}: a fact is one choice, figure or short text`,
      });
    if (facts.findIndex((one) => one.question === fact.question) !== n)
      found.push({
        path: `${path}.question`,
        message: `"${fact.question}" tells a fact already: one question, one fact`,
      });
    if (fact.fact === 'satisfaction')
      found.push({
        path: `${path}.fact`,
        message: '"satisfaction" is learned from the score: remove it, or use another name',
      });
    return found;
  });

/** Names that JavaScript's own objects answer to, and those that hold the words of other choices. */
const isReserved = (name: string): boolean => name in Object.prototype || /-comment$/i.test(name);

const valueOf = (item: FormChoice): string => String(typeof item === 'object' ? item.value : item);

const listsOf = (element: FormElement): readonly (readonly [name: string, items: readonly FormChoice[]])[] => {
  if (element.type === 'matrix') return [['columns', element.columns] as const, ['rows', element.rows] as const];
  if (element.type === 'rating') return [['rateValues', element.rateValues ?? []] as const];
  return 'choices' in element ? [['choices', element.choices] as const] : [];
};

const checkItems = ({ element, path }: PlacedQuestion): SurveyProblem[] => {
  const hasOther = ('showOtherItem' in element && element.showOtherItem) || ('hasOther' in element && element.hasOther);
  return listsOf(element).flatMap(([name, items]) => {
    const values = items.map(valueOf);
    return values.flatMap((value, n) => {
      const at = `${path}.${name}[${n}]`;
      if (values.indexOf(value) !== n)
        return [{ path: at, message: `"${value}" is there twice: give each its own value` }];
      if (isReserved(value) || (hasOther === true && value === OTHER))
        return [{ path: at, message: `"${value}" is reserved: choose another value` }];
      return [];
    });
  });
};

const checkPages = ({ pages }: Form): SurveyProblem[] =>
  pages.flatMap(({ name }, n) => {
    const taken = (one: string): boolean => one.toLowerCase() === name.toLowerCase();
    const isTwice =
      pages.findIndex((page) => taken(page.name)) !== n ||
      pages.some(({ elements }) => elements.some((e) => taken(e.name)));
    return isTwice
      ? [
          {
            path: `form.pages[${n}].name`,
            message: `"${name}" is used twice: give pages and questions their own names`,
          },
        ]
      : [];
  });

const checkNames = (questions: readonly PlacedQuestion[]): SurveyProblem[] => {
  const names = questions.map(({ element }) => element.name.toLowerCase());
  return questions.flatMap((question, n) => {
    const { element, path } = question;
    const found = checkItems(question);
    if (names.indexOf(element.name.toLowerCase()) !== n)
      found.push({ path: `${path}.name`, message: `"${element.name}" is used twice: give each question its own name` });
    if (isReserved(element.name))
      found.push({ path: `${path}.name`, message: `"${element.name}" is reserved: choose another name` });
    return found;
  });
};

/** What is wrong with names and with what refers to them: the score, low scores, facts and styles. */
export const checkReferences = (file: SurveyFile, shapes: readonly QuestionShape[]): readonly SurveyProblem[] => {
  const byName: Shapes = new Map(shapes.map((shape) => [shape.name, shape]));
  return [
    ...checkPages(file.form),
    ...checkNames(questionsOf(file.form)),
    ...checkScore(file, byName),
    ...checkFacts(file, byName),
  ];
};
