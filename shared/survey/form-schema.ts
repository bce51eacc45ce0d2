import * as z from 'zod';

/**
 * The part of SurveyJS's JSON that a survey may use. It is a list of what is allowed: nothing of it is HTML, calls a
 * function that knows the time or the network, or can take for ever, so a saved form is safe to run on the server.
 */

/** Most questions of a survey, choices of a question, rows of a matrix. */
export const MAX_QUESTIONS = 40;
export const MAX_CHOICES = 50;
const MAX_PAGES = 20;
const MAX_TEXT = 500;
const MAX_EXPRESSION = 500;

const translations = z.strictObject({
  default: z.string().max(MAX_TEXT).optional(),
  en: z.string().max(MAX_TEXT).optional(),
  'zh-cn': z.string().max(MAX_TEXT).optional(),
  'zh-CN': z.string().max(MAX_TEXT).optional(),
});

/** A text in both languages; a bare one is what SurveyJS calls `default`, English. */
const text = z
  .union([z.string().max(MAX_TEXT), translations])
  .describe('Plain text in `default` (English) and `zh-cn`; no HTML');
export type FormText = z.output<typeof text>;

const expression = z
  .string()
  .min(1)
  .max(MAX_EXPRESSION)
  .describe('SurveyJS expression over earlier questions, such as `{score} <= 6`');

const elementName = z.string().regex(/^[A-Za-z][\w-]{0,60}$/);
/** What an answer is stored as: a short word or number. */
const value = z.union([z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,59}$/u), z.number()]);

const choice = z.union([value, z.strictObject({ value, text: text.optional(), visibleIf: expression.optional() })]);
const choices = z.array(choice).min(1).max(MAX_CHOICES);
export type FormChoice = z.output<typeof choice>;

/** A choice without conditions, as matrices and scales have them. */
const plain = z.union([value, z.strictObject({ value, text: text.optional() })]);
const mark = z.union([z.number(), z.strictObject({ value: z.number(), text: text.optional() })]);

const message = { text: text.optional().describe('Said instead of the usual words') };
const validator = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('numeric'),
    ...message,
    minValue: z.number().optional(),
    maxValue: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('text'),
    ...message,
    minLength: z.int().min(0).optional(),
    maxLength: z.int().min(1).optional(),
    allowDigits: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('answercount'),
    ...message,
    minCount: z.int().min(1).optional(),
    maxCount: z.int().min(1).optional(),
  }),
  z.strictObject({ type: z.literal('email'), ...message }),
  z.strictObject({ type: z.literal('expression'), ...message, expression }),
]);

const question = {
  name: elementName,
  title: text,
  description: text.optional(),
  isRequired: z.boolean().optional(),
  requiredErrorText: text.optional(),
  requiredIf: expression.optional(),
  visibleIf: expression.optional(),
  enableIf: expression.optional(),
  validators: z.array(validator).max(5).optional(),
};
const written = { placeholder: text.optional(), maxLength: z.int().min(1).max(1_000_000).optional() };
const other = {
  showOtherItem: z.boolean().optional(),
  hasOther: z.boolean().optional().describe('Older name of `showOtherItem`'),
  otherText: text.optional(),
};

const rating = z.strictObject({
  type: z.literal('rating'),
  ...question,
  rateMin: z.int().min(0).max(10).optional(),
  rateMax: z.int().min(1).max(10).optional(),
  rateCount: z.int().min(2).max(11).optional(),
  rateValues: z.array(mark).min(2).max(11).optional(),
  minRateDescription: text.optional(),
  maxRateDescription: text.optional(),
});
const radiogroup = z.strictObject({ type: z.literal('radiogroup'), ...question, choices, ...other });
const dropdown = z.strictObject({ type: z.literal('dropdown'), ...question, choices, ...other });
const boolean = z.strictObject({
  type: z.literal('boolean'),
  ...question,
  labelTrue: text.optional(),
  labelFalse: text.optional(),
});
const checkbox = z.strictObject({
  type: z.literal('checkbox'),
  ...question,
  choices,
  ...other,
  minSelectedChoices: z.int().min(1).max(MAX_CHOICES).optional(),
  maxSelectedChoices: z.int().min(1).max(MAX_CHOICES).optional(),
});
const singleLine = z.strictObject({
  type: z.literal('text'),
  ...question,
  ...written,
  inputType: z.enum(['text', 'number', 'email', 'tel', 'date']).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});
const comment = z.strictObject({
  type: z.literal('comment'),
  ...question,
  ...written,
  rows: z.int().min(1).max(20).optional(),
});
const matrix = z.strictObject({
  type: z.literal('matrix'),
  ...question,
  columns: z.array(plain).min(2).max(11),
  rows: z.array(plain).min(1).max(MAX_CHOICES),
  eachRowRequired: z.boolean().optional(),
  isAllRowRequired: z.boolean().optional().describe('Older name of `eachRowRequired`'),
});

const element = z.discriminatedUnion('type', [
  rating,
  radiogroup,
  dropdown,
  boolean,
  checkbox,
  singleLine,
  comment,
  matrix,
]);
/** A question as the file has it. */
export type FormElement = z.output<typeof element>;

/** The types of SurveyJS that become one of the six kinds. */
export const elementTypes = ['rating', 'radiogroup', 'dropdown', 'boolean', 'checkbox', 'text', 'comment', 'matrix'];

const page = z.strictObject({
  name: elementName,
  title: text.optional(),
  description: text.optional(),
  visibleIf: expression.optional(),
  elements: z.array(element).min(1).max(MAX_QUESTIONS),
});

export const formSchema = z.strictObject({
  title: text.optional().describe('What the customer reads above the questions; the title of the survey where absent'),
  description: text.optional(),
  completedHtml: text
    .optional()
    .describe('What the page says when all is answered. Plain text, whatever its name says'),
  pages: z.array(page).min(1).max(MAX_PAGES),
});

/** A form, its shape checked. */
export type Form = z.output<typeof formSchema>;
