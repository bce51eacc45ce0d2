import { createHash } from 'node:crypto';
import mjml2html from 'mjml';
import type { CompiledTemplate } from '../../shared/content/mail-template.ts';
import type { SendClass } from '../../shared/customer/customer.ts';
import { mailProblems } from './check-mail.ts';
import { listOf, readSource } from './front-matter.ts';
import { renderProblems } from './sample-data.ts';
import { textPart } from './text-part.ts';

const sendClasses: readonly string[] = ['marketing', 'service', 'statutory'];

/** Gives the text of a block in a language, or undefined. */
export type Blocks = (name: string, locale: string) => string | undefined;

const withBlocks = (source: string, locale: string, blocks: Blocks): string =>
  source.replace(/\[block ([a-z-]+)\]/g, (_, name: string) => {
    const block = blocks(name, locale);
    if (block === undefined)
      throw new Error(`there is no block "${name}" in ${locale}: add templates/mail/blocks/${name}/${locale}.mjml`);
    return block;
  });

/** Indentation is a third of what MJML writes, and every byte is sent to every customer. */
const compact = (html: string): string =>
  html
    .replace(/^[ \t]+/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();

/**
 * Compiles one mail: head, blocks and layout into MJML, MJML into HTML, HTML into the text part, then checks all of it.
 * @throws Error listing every problem, one a line
 */
export const compileMail = async (
  source: { readonly name: string; readonly locale: string; readonly text: string },
  blocks: Blocks,
): Promise<CompiledTemplate> => {
  const { name, locale } = source;
  const { head, body } = readSource(source.text, ['subject', 'preheader', 'classes', 'needs']);
  const classes = listOf(head['classes']);
  const wrong = classes.filter((one) => !sendClasses.includes(one));
  if (classes.length === 0 || wrong.length > 0) throw new Error(`classes must be some of ${sendClasses.join(', ')}`);
  const { subject = '', preheader = '' } = head;
  if (subject === '' || preheader === '') throw new Error('subject and preheader may not be empty');

  const footer = classes.includes('marketing') ? '[block footer-marketing]' : '[block footer-service]';
  const parts: Readonly<Record<string, string>> = {
    locale,
    preheader,
    content: body,
    closing: '[block closing]',
    footer,
  };
  const layout = blocks('layout', '') ?? '';
  const mjml = withBlocks(
    layout.replace(/\[(locale|preheader|content|closing|footer)\]/g, (_, part: string) => parts[part] ?? ''),
    locale,
    blocks,
  );
  if (/<mj-include/.test(mjml)) throw new Error('mj-include is not allowed: use [block name]');
  const compiled = await mjml2html(mjml, {
    validationLevel: 'strict',
    fonts: {},
    ignoreIncludes: true,
    keepComments: false,
  });
  const html = compact(compiled.html);
  const template = { name, locale, sendClasses: classes as SendClass[], subject, html, text: textPart(html) };

  const problems = [...mailProblems(template), ...renderProblems(template, listOf(head['needs']))];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { ...template, hash: createHash('sha256').update(JSON.stringify(template)).digest('hex') };
};
