import { lintSurvey } from 'survey-core/linter';
import type * as z from 'zod';
import { EngagementError } from '../platform/errors.ts';
import { checkReferences } from './check-references.ts';
import { checkTexts } from './check-texts.ts';
import { conditionsOf, parseCondition, questionsOf } from './conditions.ts';
import { asCoreJson, makeCoreModel } from './core-form.ts';
import { elementTypes, type Form, MAX_QUESTIONS } from './form-schema.ts';
import { shapeOf } from './question-view.ts';
import type { QuestionShape } from './read-answers.ts';
import { type SurveyFile, surveyFileSchema } from './survey.ts';
import type { SurveyProblem } from './survey-problem.ts';
import { unreachable } from './unreachable.ts';

export type SurveyChecking =
  | { readonly kind: 'valid'; readonly file: SurveyFile }
  | { readonly kind: 'refused'; readonly problems: readonly SurveyProblem[] };

/** Characters of a whole survey; DynamoDB takes 400 KB. */
const MAX_SIZE = 100_000;

/** `form.pages[0].elements[1].type`. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

/** What to do where SurveyJS has something that is not used here. */
const REMEDIES: Readonly<Record<string, string>> = {
  triggers: 'use visibleIf on pages and questions',
  calculatedValues: 'use visibleIf on pages and questions',
  completedHtmlOnCondition: 'write one "completedHtml"',
  navigateToUrl: 'the page ends with "completedHtml"',
  showCommentArea: 'add a question of type "comment"',
  hasComment: 'add a question of type "comment"',
  showNoneItem: 'write "none of these" as a choice',
  hasNone: 'write "none of these" as a choice',
  choicesByUrl: 'list the choices',
  defaultValue: 'nothing is answered for the customer: remove it',
  setValueExpression: 'nothing is answered for the customer: remove it',
  locale: 'the page follows the language of the customer: remove it',
  elements: 'put the questions into "pages"',
  questions: 'put the questions into "pages"',
  visible: 'use visibleIf, or remove the question',
  rateStep: 'use "rateValues"',
};

const typeProblem = (path: string): SurveyProblem => ({
  path,
  message: path.includes('.validators[')
    ? 'is no check that is used here: use numeric, text, answercount, email or expression; a regex may take for ever'
    : `is no question that a page shows: use ${elementTypes.join(', ')}`,
});

const shapeProblems = (issue: z.core.$ZodIssue): readonly SurveyProblem[] => {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: `is not used here: ${(Object.hasOwn(REMEDIES, key) ? REMEDIES[key] : undefined) ?? 'remove it'}`,
    }));
  if (issue.code === 'invalid_union')
    return issue.path.at(-1) === 'type'
      ? [typeProblem(path)]
      : [{ path, message: 'is missing or of a wrong shape: see surveys/schema.json' }];
  return [{ path, message: `${issue.message}: see surveys/schema.json` }];
};

const sizeProblems = (file: SurveyFile): SurveyProblem[] => {
  const found: SurveyProblem[] = [];
  const count = questionsOf(file.form).length;
  if (count > MAX_QUESTIONS)
    found.push({ path: 'form.pages', message: `holds ${count} questions: ask ${MAX_QUESTIONS} at most` });
  const size = JSON.stringify(file).length;
  if (size > MAX_SIZE)
    found.push({ path: 'form', message: `the survey has ${size} characters: shorten it to ${MAX_SIZE}` });
  return found;
};

const conditionProblems = (form: Form): SurveyProblem[] => {
  const places = new Map(questionsOf(form).map(({ element, place }) => [element.name, place]));
  return conditionsOf(form).flatMap(({ path, text, before }): SurveyProblem[] => {
    const parsed = parseCondition(text);
    if (parsed === undefined)
      return [{ path, message: `"${text}" cannot be read: write it as in {score} <= 6 and {reason} = 'price'` }];
    if (parsed.callsFunction)
      return [{ path, message: 'calls a function: compare answers with =, <>, <, >, anyof, contains, empty, and, or' }];
    if (parsed.questions.length === 0)
      return [{ path, message: 'asks about no question: name one in braces, as in {score} <= 6' }];
    return parsed.questions.flatMap((name): SurveyProblem[] => {
      const place = places.get(name);
      if (place === undefined)
        return [{ path, message: `there is no question "${name}": names are case-sensitive, check it` }];
      return place < before
        ? []
        : [{ path, message: `"${name}" is asked later: a condition can ask about earlier questions only, move it up` }];
    });
  });
};

/** What our own checks say better. */
const OURS = { 'name/duplicate': 'off', 'name/reserved': 'off', 'choices/duplicate': 'off' } as const;

/** The findings of survey-core's linter: what never holds, compares with what cannot be answered, contradicts itself. */
const lintProblems = (form: Form): readonly SurveyProblem[] =>
  lintSurvey(asCoreJson(form), { rules: OURS }).findings.flatMap(({ severity, path, message }) =>
    severity === 'info' ? [] : [{ path: `form.${path}`, message: `${message} Change or remove it.` }],
  );

const shapesOf = (form: Form): readonly QuestionShape[] | SurveyProblem => {
  try {
    return makeCoreModel(form).getAllQuestions().map(shapeOf);
  } catch (error) {
    if (error instanceof EngagementError) return { path: 'form', message: error.message };
    throw error;
  }
};

/**
 * Checks a survey file as a whole: its shape, its form, its languages, what refers to what, and whether each question can
 * be reached. What passes can be asked and answered on the server without surprises.
 */
export const checkSurvey = (raw: unknown): SurveyChecking => {
  const parsed = surveyFileSchema.safeParse(raw);
  if (!parsed.success) return { kind: 'refused', problems: parsed.error.issues.flatMap(shapeProblems) };
  const file = parsed.data;
  const sizes = sizeProblems(file);
  if (sizes.length > 0) return { kind: 'refused', problems: sizes };
  const written = [...checkTexts(file), ...conditionProblems(file.form)];
  // survey-core would only complain about these to the log
  if (conditionsOf(file.form).some(({ text }) => parseCondition(text) === undefined))
    return { kind: 'refused', problems: written };
  const shapes = shapesOf(file.form);
  if ('message' in shapes) return { kind: 'refused', problems: [shapes] };

  const own = [...written, ...checkReferences(file, shapes)];
  const paths = new Set(own.map(({ path }) => path));
  // said once: our words name the remedy
  const problems = [...own, ...lintProblems(file.form).filter(({ path }) => !paths.has(path))];
  if (problems.length > 0) return { kind: 'refused', problems };

  const lost = unreachable(file.form, shapes);
  if (lost.length === 0) return { kind: 'valid', file };
  return {
    kind: 'refused',
    problems: lost.map(({ path, element }) => ({
      path,
      message: `no way of answering leads to "${element.name}": change its condition, or remove it`,
    })),
  };
};
