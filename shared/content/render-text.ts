import type { FailReason } from '../message/message.ts';
import { createLiquid, describeFailure, type Rendering } from './liquid.ts';
import { variantOf } from './locales.ts';
import type { MessageData } from './message-data.ts';
import type { TextTemplate, TextVariant } from './template.ts';

/** Characters of a text as sent: what gateways take in one call and pay as a handful of parts. */
export const MAX_TEXT = 500;

/** A value in a text: one line. */
const oneLine = (value: string): string => value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

const liquid = createLiquid(oneLine);
const prepared = new WeakMap<TextVariant, Rendering>();

/** A text, or why there is none. */
export type RenderedText =
  | { readonly kind: 'rendered'; readonly text: string; readonly template: string; readonly variant: string }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

/** Writes a short text for the insurer's gateway: plain, values in one line each, at most `MAX_TEXT` characters. */
export const renderText = (template: TextTemplate, locale: string, data: MessageData): RenderedText => {
  const variant = variantOf(template, locale);
  try {
    const rendering = prepared.get(variant) ?? liquid.compile(variant.text);
    prepared.set(variant, rendering);
    const text = rendering(data).trim();
    const { length } = [...text];
    return length > MAX_TEXT
      ? { kind: 'failed', reason: 'too-large', detail: `${length} characters, at most ${MAX_TEXT} are sent` }
      : { kind: 'rendered', text, template: template.version, variant: variant.hash };
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    return failure.kind === 'missing-value'
      ? { kind: 'failed', reason: 'missing-value', detail: failure.variable }
      : { kind: 'failed', reason: 'rendering-failure', detail: failure.detail };
  }
};
