import * as z from 'zod';
import { metrics, surveyFileSchema } from './survey.ts';

/** What the API of surveys takes and answers; the console is written against it. */

const instant = z.iso.datetime();
const name = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/);
const version = z.string().regex(/^[a-z0-9]{1,64}$/);
const ref = z.string().min(1).max(200);
const locale = z.enum(['zh-CN', 'en']);

export const idParams = z.object({ id: name });
export const versionParams = z.object({ id: name, version });

const surveyListed = z.object({
  id: z.string(),
  title: z.object({ 'zh-CN': z.string(), en: z.string() }),
  version: z.string(),
  metric: z.enum(metrics).optional(),
  questions: z.number(),
  repeatAfterDays: z.number(),
  shipped: z.boolean().describe('from the library, never saved here'),
  savedAt: instant.optional(),
  savedBy: z.string().optional(),
});
export type SurveyListed = z.infer<typeof surveyListed>;
export const surveysAnswer = z.object({ items: z.array(surveyListed) });
export const surveyAnswer = surveyListed.extend({ file: surveyFileSchema });

/** A file is checked by `checkSurvey`, which names everything that is wrong with it and the remedies. */
const file = z.looseObject({}).describe('the survey file; see surveys/schema.json');

const problem = z.object({ path: z.string(), message: z.string() });
export const checkRequest = z.strictObject({ file });
export const checkAnswer = z.object({
  good: z.boolean(),
  version: z.string().optional().describe('which it would be saved as'),
  problems: z.array(problem),
});

export const saveRequest = z.strictObject({
  file,
  version: z.union([version, z.literal('')]).describe('the version that was changed; empty for a new survey'),
});
export const savedAnswer = z.object({ version: z.string() });

const data = z.record(z.string().max(100), z.unknown()).describe('SurveyJS data: question name → value');

export const previewRequest = z.strictObject({
  file: file.optional().describe('a survey that is not saved; absent: the saved one'),
  version: version.optional(),
  locale: locale.default('zh-CN'),
  data: data.default({}),
  knownFacts: z.array(ref).max(20).default([]),
});

const choice = z.object({ value: z.string(), text: z.string(), other: z.literal(true).optional() });
const question = z.object({
  name: z.string(),
  kind: z.enum(['scale', 'single', 'multiple', 'text', 'long-text', 'matrix']),
  title: z.string(),
  description: z.string().optional(),
  required: z.boolean(),
  enabled: z.boolean(),
  value: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())]).optional(),
  choices: z.array(choice).optional(),
  rows: z.array(z.object({ name: z.string(), text: z.string() })).optional(),
  columns: z.array(choice).optional(),
  lowest: z.string().optional(),
  highest: z.string().optional(),
  otherText: z.string().optional(),
  inputType: z.enum(['text', 'number', 'email', 'tel', 'date']).optional(),
  placeholder: z.string().optional(),
  maxLength: z.number().optional(),
});
export type QuestionShown = z.infer<typeof question>;
const formView = z.object({
  title: z.string(),
  description: z.string().optional(),
  pages: z.array(
    z.object({
      name: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
      questions: z.array(question),
    }),
  ),
  thanks: z.string().optional(),
});
export type FormShown = z.infer<typeof formView>;
const questionError = z.object({ question: z.string(), message: z.string() });
export const previewAnswer = z.object({
  form: formView.describe('plain texts: never show as markup'),
  complete: z.boolean(),
  errors: z.array(questionError).describe('what sending it now would be told'),
  score: z.number().optional(),
  low: z.boolean().optional(),
});
export type Preview = z.infer<typeof previewAnswer>;

export const enterRequest = z.strictObject({
  customerId: ref,
  policyId: ref.optional(),
  campaign: ref.optional().describe('with `occurrence`, as the task to call names them'),
  occurrence: ref.optional(),
  version: version.optional().describe('that the slip was printed from; else the one asked, else the current one'),
  given: z.enum(['phone', 'reply-slip']),
  taskId: ref.optional().describe('of the call list: it is closed with the answer'),
  at: z.iso.datetime({ offset: true }).optional().describe('when it was said or the slip came; now unless said'),
  values: data,
});
export const enterAnswer = z.object({
  answerId: z.string(),
  version: z.string(),
  score: z.number().optional(),
  low: z.boolean(),
});
export type EnteredAnswer = z.infer<typeof enterAnswer>;

const callListed = z.object({
  taskId: z.string(),
  customerId: z.string().optional(),
  customerName: z.string().optional(),
  phone: z.string().optional().describe('of the customer; for account managers and heads only'),
  locale: z.string().optional(),
  policyId: z.string().optional(),
  campaign: z.string().optional(),
  occurrence: z.string().optional(),
  version: z.string().optional(),
  reason: z.string(),
  dueOn: z.iso.date(),
  assignee: z.string().optional(),
  answeredAt: instant.optional().describe('the customer answered meanwhile: there is nothing to ask'),
});
export const callListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export type CallListed = z.infer<typeof callListed>;
export const callListAnswer = z.object({
  items: z.array(callListed).describe('the most urgent first'),
  more: z.boolean().describe('there are more than these'),
});
export type CallList = z.infer<typeof callListAnswer>;
