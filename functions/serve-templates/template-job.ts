import type { CompiledTemplate, TemplateSources } from '../../shared/content/compiled-template.ts';
import type { MessageData } from '../../shared/content/message-data.ts';
import type { MailInput, RenderedMail } from '../../shared/content/render-mail.ts';
import type { RenderedText } from '../../shared/content/render-text.ts';
import type { LetterTemplate, TextTemplate } from '../../shared/content/template.ts';

/** A mail as it is shown: what a mail program would make of it, and the bytes as they would be sent. */
export type ShownMail =
  | (Extract<RenderedMail, { kind: 'rendered' }> & {
      readonly html: string;
      readonly text: string;
      readonly locale: string;
    })
  | Extract<RenderedMail, { kind: 'failed' }>;

/** What is done with a template that nobody has approved: in a thread that can be killed (F29, ADR 0090). */
export type TemplateJob =
  | { readonly kind: 'compile'; readonly sources: TemplateSources }
  | { readonly kind: 'mail'; readonly input: MailInput }
  | { readonly kind: 'letter'; readonly template: LetterTemplate; readonly locale: string; readonly data: MessageData }
  | { readonly kind: 'text'; readonly template: TextTemplate; readonly locale: string; readonly data: MessageData };

/** The body of a letter in words: what the page would say, without its layout. */
export type ShownText = RenderedText & { readonly subject?: string };

export type TemplateJobResult =
  | { readonly kind: 'compile'; readonly compiled: CompiledTemplate }
  | { readonly kind: 'mail'; readonly mail: ShownMail }
  | { readonly kind: 'letter' | 'text'; readonly text: ShownText }
  /** The job threw; its message names no value. */
  | { readonly kind: 'failed'; readonly message: string };
