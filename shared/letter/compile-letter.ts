import { createHash } from 'node:crypto';
import { checkFields } from '../content/check-fields.ts';
import { checkWords } from '../content/check-words.ts';
import { type CompiledVariant, classesOf } from '../content/compile-mail.ts';
import { type Finding, hasErrors, type Report } from '../content/finding.ts';
import { renderProblems } from '../content/sample-data.ts';
import type { LetterVariant, LetterWords } from '../content/template.ts';
import { listOf, readSource, type SourceFile } from '../content/template-source.ts';
import { markBody } from './letter-body.ts';

/** Compiles one language of a letter and checks it. @param words around the body, by language */
export const compileLetter = (
  file: SourceFile,
  words: Readonly<Record<string, LetterWords | undefined>>,
): CompiledVariant<LetterVariant> => {
  const { locale } = file;
  const findings: Finding[] = [];
  const report: Report = (finding) => findings.push(finding);
  const source = readSource(file, ['subject', 'classes', 'needs'], report);
  if (source === undefined) return { kind: 'refused', findings };
  const { head, lineOf, bodyLine } = source;
  const place = { locale, part: 'source', line: bodyLine };
  const fail = (code: Finding['code'], message: string, line = bodyLine): void =>
    report({ level: 'error', code, message, place: { ...place, line } });
  const classes = classesOf(source, locale, report);
  if (classes?.includes('marketing'))
    fail('class', 'a letter can be service or statutory, not marketing', lineOf('classes'));
  const localWords = words[locale];
  if (localWords === undefined) fail('locale', `templates/letter/words.json has no "${locale}": add it`);
  const { subject = '' } = head;
  if (subject === '') fail('head', 'subject may not be empty', lineOf('subject') ?? 1);
  const body = markBody(source.body.trim());
  if (!body.includes('\u001dA')) fail('no-code', 'a letter needs its QR code: @answer words');
  if (/<\/?[a-z][^<>]*>/i.test(source.body))
    fail('markup', 'a letter has no HTML: see the rows and lists of the guide');
  checkWords(`${subject} ${source.body}`, () => place, report);
  const subjectPlace = { ...place, line: lineOf('subject') ?? 1 };
  const readable = [checkFields(subject, subjectPlace, report), checkFields(source.body, place, report)];
  if (!readable.includes(false) && classes !== undefined && localWords !== undefined) {
    const { needs, problems } = renderProblems({ subject, body: source.body }, listOf(head['needs']));
    for (const { code, message, part, line = 1 } of problems)
      report({
        level: 'error',
        code,
        message,
        place: part === 'body' ? { ...place, line: bodyLine + line - 1 } : subjectPlace,
      });
    if (!hasErrors(findings)) {
      const parts = { subject, body, words: localWords };
      const hash = createHash('sha256')
        .update(JSON.stringify([locale, parts]))
        .digest('hex');
      return { kind: 'compiled', variant: { locale, hash, ...parts }, classes, needs, offer: false, findings };
    }
  }
  return { kind: 'refused', findings };
};
