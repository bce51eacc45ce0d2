import { rowOfTags, type TaggedRow } from '../message/mail-tags.ts';
import type { MailTags } from '../message/mailer.ts';

const NAMES = ['party', 'row', 'campaign', 'step', 'class', 'policies', 'proof'] as const;

/** A text's tags as one word, which the gateway sends back with each receipt and reply: no lookup, no personal data. */
export const writeReference = (tags: MailTags): string => NAMES.map((name) => tags[name] ?? '').join('.');

/** The timeline row that a reference names. @returns undefined where it is none of ours */
export const readReference = (reference: string): TaggedRow | undefined => {
  const values = reference.split('.');
  if (values.length !== NAMES.length || !values.every((value) => /^[\w-]*$/.test(value))) return undefined;
  return rowOfTags(
    Object.fromEntries(NAMES.map((name, n) => [name, values[n] === '' ? undefined : [values[n] ?? '']])),
  );
};
