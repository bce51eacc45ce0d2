import type { FormText } from './form-schema.ts';
import type { SurveyFile } from './survey.ts';
import type { SurveyProblem } from './survey-problem.ts';

/** Properties whose text is read by customers; each may be a bare text or one a language. */
const TEXTS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'completedHtml',
  'text',
  'requiredErrorText',
  'placeholder',
  'otherText',
  'minRateDescription',
  'maxRateDescription',
  'labelTrue',
  'labelFalse',
]);

const MARKUP = /<[a-z/!?]|&(?:#\d+|#x[\da-f]+|[a-z]+\d*);/i;
/** A text without letters, such as `5` or `–`, is the same in every language. */
const HAS_LETTERS = /\p{L}/u;

const englishOf = (text: FormText): string | undefined => (typeof text === 'string' ? text : (text.en ?? text.default));
const chineseOf = (text: FormText): string | undefined =>
  typeof text === 'string' ? undefined : (text['zh-cn'] ?? text['zh-CN']);

const isBlank = (text: string | undefined): boolean => text === undefined || text.trim() === '';

const problemsOfText = (path: string, text: FormText): SurveyProblem[] => {
  const [en, zh] = [englishOf(text), chineseOf(text)];
  const all = typeof text === 'string' ? [text] : Object.values(text);
  const found: SurveyProblem[] = [];
  const neutral = typeof text === 'string' && text !== '' && !HAS_LETTERS.test(text);
  if (!neutral && isBlank(en))
    found.push({ path, message: 'has no English text: add it as "default", or remove the whole property' });
  if (!neutral && isBlank(zh))
    found.push({ path, message: 'has no Chinese text: write { "default": "…", "zh-cn": "…" }' });
  if (all.some((one) => MARKUP.test(one)))
    found.push({ path, message: 'holds HTML: write plain text, the page formats it' });
  if (all.some((one) => /[{}]/.test(one)))
    found.push({ path, message: 'holds braces: a text cannot repeat an answer, write it without' });
  if (typeof text === 'object' && text['zh-cn'] !== undefined && text['zh-CN'] !== undefined)
    found.push({ path, message: 'has Chinese twice: keep "zh-cn"' });
  if (typeof text === 'object' && text.en !== undefined && text.default !== undefined)
    found.push({ path, message: 'has English twice: keep "default"' });
  return found;
};

const walk = (path: string, node: unknown, found: SurveyProblem[]): void => {
  if (Array.isArray(node)) {
    for (const [n, one] of node.entries()) walk(`${path}[${n}]`, one, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    const at = `${path}.${name}`;
    if (TEXTS.has(name)) found.push(...problemsOfText(at, value as FormText));
    else walk(at, value, found);
  }
};

const isNamed = (one: unknown): boolean => typeof one === 'object' && one !== null && 'text' in one;

/** What a choice shows where it has no text of its own is its value. */
const problemsOfItems = ({ form }: SurveyFile): SurveyProblem[] =>
  form.pages.flatMap(({ elements }, p) =>
    elements.flatMap((element, e) =>
      (['choices', 'rows', 'columns', 'rateValues'] as const).flatMap((name) => {
        const items: unknown = name in element ? element[name as keyof typeof element] : undefined;
        if (!Array.isArray(items)) return [];
        return items.flatMap((one: unknown, n) => {
          const value = typeof one === 'object' && one !== null && 'value' in one ? one.value : one;
          return isNamed(one) || !HAS_LETTERS.test(String(value))
            ? []
            : [
                {
                  path: `form.pages[${p}].elements[${e}].${name}[${n}]`,
                  message: `has no text: write { "value": "${String(value)}", "text": { "default": "…", "zh-cn": "…" } }`,
                },
              ];
        });
      }),
    ),
  );

/** What is wrong with the texts of a survey: a language that is missing, HTML, answers put into texts. */
export const checkTexts = (file: SurveyFile): readonly SurveyProblem[] => {
  const found: SurveyProblem[] = [];
  for (const [language, title] of Object.entries(file.title))
    if (MARKUP.test(title)) found.push({ path: `title.${language}`, message: 'holds HTML: write plain text' });
  walk('form', file.form, found);
  return [...found, ...problemsOfItems(file)];
};
