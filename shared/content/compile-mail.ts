import { createHash } from 'node:crypto';
import mjml2html from 'mjml';
import type { SendClass } from '../customer/customer.ts';
import { checkFields } from './check-fields.ts';
import { checkMail } from './check-mail.ts';
import { checkMarkup } from './check-markup.ts';
import { checkWords } from './check-words.ts';
import { type Composed, composeText, type Insert } from './composed.ts';
import { type Finding, hasErrors, type Report } from './finding.ts';
import { parseHtml, textContent } from './html-tree.ts';
import { renderProblems } from './sample-data.ts';
import type { MailVariant } from './template.ts';
import { listOf, type ReadSource, readSource, type SourceFile } from './template-source.ts';
import { textPart } from './text-part.ts';

/** Gives the text of a block in a language, or undefined; the layout has the language `''`. */
export type Blocks = (name: string, locale: string) => string | undefined;

/** What one language of a template comes to. */
export type CompiledVariant<Variant> =
  | {
      readonly kind: 'compiled';
      readonly variant: Variant;
      readonly classes: readonly SendClass[];
      readonly needs: readonly string[];
      readonly offer: boolean;
      /** Warnings only. */
      readonly findings: readonly Finding[];
    }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

const AD_MARK = '{% if adMark %}{{ adMark }}{% endif %}';

const sendClasses: readonly SendClass[] = ['marketing', 'service', 'statutory'];

/** The classes of a head, or undefined where they are none. */
export const classesOf = (source: ReadSource, locale: string, report: Report): readonly SendClass[] | undefined => {
  const classes = listOf(source.head['classes']);
  if (classes.length > 0 && classes.every((one) => (sendClasses as readonly string[]).includes(one)))
    return classes as readonly SendClass[];
  const line = source.lineOf('classes');
  const message = `classes must be some of ${sendClasses.join(', ')}`;
  report({
    level: 'error',
    code: 'class',
    message,
    place: { locale, part: 'source', ...(line === undefined ? {} : { line }) },
  });
  return undefined;
};

/** Indentation is a third of what MJML writes, and every byte is sent to every customer. */
const compact = (html: string): string =>
  html
    .replace(/^[ \t]+/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();

interface MjmlProblem {
  readonly line: number;
  readonly message: string;
}

const toHtml = async (composed: Composed, report: Report): Promise<string | undefined> => {
  if (/<mj-include/i.test(composed.text)) {
    report({
      level: 'error',
      code: 'fetch',
      message: 'mj-include is not allowed: use [block name]',
      place: composed.find('<mj-include'),
    });
    return undefined;
  }
  try {
    const options = { validationLevel: 'strict', fonts: {}, ignoreIncludes: true, keepComments: false } as const;
    return compact((await mjml2html(composed.text, options)).html);
  } catch (error) {
    const problems = (error as { errors?: readonly MjmlProblem[] }).errors;
    if (!(error instanceof Error)) throw error;
    for (const { line, message } of problems ?? [{ line: 1, message: error.message.split('\n')[0] ?? 'is no MJML' }])
      report({ level: 'error', code: 'mjml', message, place: composed.originOf(line) });
    return undefined;
  }
};

/** What a reader sees of an HTML text with its Liquid: the words, one blank where an element ends. */
const wordsOf = (html: string): string =>
  parseHtml(html.replace(/<style[\s\S]*?<\/style>/g, ''))
    .map((node) => textContent(node))
    .join(' ');

/**
 * Compiles one language of a mail: head, blocks and layout into MJML, MJML into HTML, HTML into the text part, and checks
 * all of it. The subject of an advertisement gets its mark where it has none (C14).
 */
export const compileMail = async (file: SourceFile, blocks: Blocks): Promise<CompiledVariant<MailVariant>> => {
  const { locale } = file;
  const findings: Finding[] = [];
  const report: Report = (finding) => findings.push(finding);
  const refused = (): CompiledVariant<MailVariant> => ({ kind: 'refused', findings });
  const source = readSource(file, ['subject', 'preheader', 'classes', 'needs'], report);
  if (source === undefined) return refused();
  const { head, body, bodyLine, lineOf } = source;
  const classes = classesOf(source, locale, report);
  for (const key of ['subject', 'preheader'] as const)
    if ((head[key] ?? '') === '')
      report({
        level: 'error',
        code: 'head',
        message: `${key} may not be empty`,
        place: { locale, part: 'source', line: lineOf(key) ?? 1 },
      });
  if (classes === undefined || hasErrors(findings)) return refused();

  const { subject: written = '', preheader = '' } = head;
  const isMarketing = classes.includes('marketing');
  const subject = isMarketing && !written.startsWith('{% if adMark %}') ? `${AD_MARK}${written}` : written;
  const insert = (text: string, part: string, line = 1): Insert => ({ text, part, line });
  const composed = composeText(
    insert(blocks('layout', '') ?? '', 'layout'),
    {
      locale: insert(locale, 'layout'),
      preheader: insert(preheader, 'source', lineOf('preheader')),
      content: insert(body.trimEnd(), 'source', bodyLine),
      closing: insert('[block closing]', 'layout'),
      footer: insert(isMarketing ? '[block footer-marketing]' : '[block footer-service]', 'layout'),
    },
    (name) => {
      const text = blocks(name, locale);
      return text === undefined ? undefined : insert(text.trimEnd(), `block ${name}`);
    },
    locale,
    report,
  );
  const subjectPlace = { locale, part: 'source', line: lineOf('subject') ?? 1 };
  const readable = [checkFields(subject, subjectPlace, report), checkFields(composed.text, composed, report)];
  checkMarkup(composed, report);
  if (readable.includes(false) || hasErrors(findings)) return refused();
  const html = await toHtml(composed, report);
  if (html === undefined) return refused();

  const parts = { subject, html, text: textPart(html) };
  const offer = checkMail({ ...parts, classes, composed, locale }, report);
  checkWords(`${subject} ${wordsOf(html)}`, (phrase) => composed.find(phrase), report);
  const { needs, problems } = renderProblems(parts, listOf(head['needs']));
  for (const { part, line: _line, ...problem } of problems) {
    const field = /^"([\w.]+)/.exec(problem.message)?.[1];
    const place = part === 'subject' || part === 'head' ? subjectPlace : composed.find(field ?? '\0');
    report({
      level: 'error',
      ...problem,
      message: part === 'head' ? problem.message : `${part}: ${problem.message}`,
      place,
    });
  }
  if (hasErrors(findings)) return refused();
  const hash = createHash('sha256')
    .update(JSON.stringify([locale, parts]))
    .digest('hex');
  return { kind: 'compiled', variant: { locale, hash, ...parts }, classes, needs, offer, findings };
};
