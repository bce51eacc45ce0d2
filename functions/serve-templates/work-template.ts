import { createLiquid, describeFailure } from '../../shared/content/liquid.ts';
import { variantOf } from '../../shared/content/locales.ts';
import type { MessageData } from '../../shared/content/message-data.ts';
import { createMailRenderer, escapeHtml, type MailInput } from '../../shared/content/render-mail.ts';
import { renderText } from '../../shared/content/render-text.ts';
import type { LetterTemplate } from '../../shared/content/template.ts';
import { type LetterPart, plainValue, readBody } from '../../shared/letter/letter-body.ts';
import { compileTemplate } from './compile-template.ts';
import type { ShownMail, ShownText, TemplateJob, TemplateJobResult } from './template-job.ts';

const plain = createLiquid((value) => value);
const html = createLiquid(escapeHtml);
const letter = createLiquid(plainValue);

const showMail = (input: MailInput): ShownMail => {
  const mail = createMailRenderer().render(input);
  if (mail.kind === 'failed') return mail;
  const variant = variantOf(input.template, input.locale);
  return {
    ...mail,
    locale: variant.locale,
    html: html.compile(variant.html)(input.data),
    text: plain.compile(variant.text)(input.data),
  };
};

const partText = (part: LetterPart): string => {
  switch (part.kind) {
    case 'paragraph':
      return part.lines.join('\n');
    case 'facts':
      return part.rows.map(({ cells }) => cells.join('  ')).join('\n');
    case 'list':
      return part.items.map((item) => `- ${item}`).join('\n');
    case 'answer':
      return `[QR] ${part.caption}`;
  }
};

/** The words of a letter. Its page is typeset where letters are made, which needs another processor (ADR 0013). */
const showLetter = (template: LetterTemplate, locale: string, data: MessageData): ShownText => {
  const variant = variantOf(template, locale);
  try {
    const subject = letter.compile(variant.subject)(data);
    const text = readBody(letter.compile(variant.body)(data)).map(partText).join('\n\n');
    return { kind: 'rendered', subject, text, template: template.version, variant: variant.hash };
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    return failure.kind === 'missing-value'
      ? { kind: 'failed', reason: 'missing-value', detail: failure.variable }
      : { kind: 'failed', reason: 'rendering-failure', detail: failure.detail };
  }
};

/** Does one job. It answers whatever the template does, unless its thread is killed. */
export const workTemplate = async (job: TemplateJob): Promise<TemplateJobResult> => {
  try {
    switch (job.kind) {
      case 'compile':
        return { kind: 'compile', compiled: await compileTemplate(job.sources) };
      case 'mail':
        return { kind: 'mail', mail: showMail(job.input) };
      case 'letter':
        return { kind: 'letter', text: showLetter(job.template, job.locale, job.data) };
      case 'text':
        return { kind: 'text', text: renderText(job.template, job.locale, job.data) };
    }
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message.slice(0, 300) : 'it broke' };
  }
};
