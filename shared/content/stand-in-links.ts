import type { SendClass } from '../customer/customer.ts';
import type { MessageData } from './message-data.ts';
import type { TemplateVersion } from './template.ts';

/** A link by the name that templates know it under. */
type LinkName = keyof MessageData['links'];

/**
 * Links for a message that only shows what it would be (a preview, a test send, a pre-flight): exactly those that a sent one
 * has, because templates say different things by which are there. A mail that confirms an address bears that link alone; a
 * survey's link stands only where the template asks. The renewal page comes with the policies (message-data.ts).
 * @param urlOf where a link of that name may lead; it must open nothing
 */
export const standInLinks = (
  { kind, needs }: Pick<TemplateVersion, 'kind' | 'needs'>,
  sendClass: SendClass,
  urlOf: (name: LinkName) => string,
): MessageData['links'] => {
  if (needs.includes('links.confirm')) return { confirm: urlOf('confirm') };
  const names: readonly LinkName[] = [
    ...(kind === 'letter' ? (['short'] as const) : (['preferences'] as const)),
    ...(needs.includes('links.survey') ? (['survey'] as const) : []),
    ...(sendClass === 'statutory' ? [] : (['unsubscribe'] as const)),
  ];
  return Object.fromEntries(names.map((name) => [name, urlOf(name)]));
};
