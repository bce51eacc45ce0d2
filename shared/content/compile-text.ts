import { createHash } from 'node:crypto';
import { checkFields } from './check-fields.ts';
import { checkWords } from './check-words.ts';
import type { CompiledVariant } from './compile-mail.ts';
import { classesOf } from './compile-mail.ts';
import { type Finding, hasErrors, type Report } from './finding.ts';
import { MAX_TEXT } from './render-text.ts';
import { renderProblems } from './sample-data.ts';
import type { TextVariant } from './template.ts';
import { listOf, readSource, type SourceFile } from './template-source.ts';

/** Every way to say how to stop texts that a reader understands; one of them stands in each advertisement. */
const OPT_OUT = /退订|拒收|reply stop|to stop|opt out/i;

/** Compiles one language of a short text: plain Liquid, no HTML, at most `MAX_TEXT` characters before its values. */
export const compileText = (file: SourceFile): CompiledVariant<TextVariant> => {
  const { locale } = file;
  const findings: Finding[] = [];
  const report: Report = (finding) => findings.push(finding);
  const source = readSource(file, ['classes', 'needs'], report);
  if (source === undefined) return { kind: 'refused', findings };
  const classes = classesOf(source, locale, report);
  const text = source.body.trim();
  const place = { locale, part: 'source', line: source.bodyLine };
  const fail = (code: Finding['code'], message: string): void => report({ level: 'error', code, message, place });
  const { length } = [...text.replace(/\{%[^%]*%\}/g, '').replace(/\{\{[^{}]*\}\}/g, '')];
  if (length > MAX_TEXT)
    fail('too-large', `the text has ${length} characters without its values, at most ${MAX_TEXT} are sent`);
  if (/<\/?[a-z][^<>]*>/i.test(text)) fail('markup', 'a text has no HTML: write plain words');
  if (classes?.includes('marketing')) {
    if (classes.length > 1) fail('class', 'a marketing text can have no other class');
    if (!OPT_OUT.test(text))
      fail('no-unsubscribe', 'an advertisement by text says how to stop it, such as 拒收请回复R (C01)');
  }
  checkWords(text, () => place, report);
  if (checkFields(text, place, report) && classes !== undefined) {
    const { needs, problems } = renderProblems({ text }, listOf(source.head['needs']));
    for (const { code, message, line = 1 } of problems)
      report({ level: 'error', code, message, place: { ...place, line: place.line + line - 1 } });
    if (!hasErrors(findings)) {
      const hash = createHash('sha256')
        .update(JSON.stringify([locale, text]))
        .digest('hex');
      return { kind: 'compiled', variant: { locale, hash, text }, classes, needs, offer: false, findings };
    }
  }
  return { kind: 'refused', findings };
};
