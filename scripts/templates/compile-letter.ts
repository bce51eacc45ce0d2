import { createHash } from 'node:crypto';
import type { SendClass } from '../../shared/customer/customer.ts';
import { markBody } from '../../shared/letter/letter-body.ts';
import type { LetterTemplate, LetterWords } from '../../shared/letter/letter-template.ts';
import { unknownFields } from './check-mail.ts';
import { listOf, readSource } from './front-matter.ts';
import { renderProblems } from './sample-data.ts';

/**
 * Compiles one letter's body and checks its fields.
 * @param layout Typst source of the page; part of the letter's version
 * @throws Error listing every problem, one a line
 */
export const compileLetter = (
  source: { readonly name: string; readonly locale: string; readonly text: string },
  words: Readonly<Record<string, LetterWords | undefined>>,
  layout: string,
): LetterTemplate => {
  const { name, locale } = source;
  const { head, body } = readSource(source.text, ['subject', 'classes', 'needs']);
  const localWords = words[locale];
  if (localWords === undefined) throw new Error(`templates/letter/words.json has no "${locale}": add it`);
  const sendClasses = listOf(head['classes']) as SendClass[];
  if (sendClasses.length === 0 || sendClasses.includes('marketing'))
    throw new Error('classes must be some of service, statutory');
  const { subject = '' } = head;
  const template = { name, locale, sendClasses, subject, body: markBody(body.trim()), words: localWords };
  const problems = [
    ...unknownFields(`${subject}${template.body}`),
    ...renderProblems({ subject, html: template.body, text: template.body }, listOf(head['needs'])),
    ...(template.body.includes('\u001dA') ? [] : ['a letter needs its QR code: @answer words']),
  ];
  if (problems.length > 0) throw new Error([...new Set(problems)].join('\n'));
  return {
    ...template,
    hash: createHash('sha256')
      .update(JSON.stringify([template, layout]))
      .digest('hex'),
  };
};
