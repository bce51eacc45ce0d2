import { mayBeLinked } from './link-domains.ts';
import type { MailVariant } from './template.ts';

/** Where the mail's links lead, in the text of a compiled mail. Those whose address is a value never match: our own pages
 *  (`{{ links.renew }}`), and addresses that may say something about one customer (`{{ offer.payUrl }}`). */
const HREF = /href="(https:\/\/[^"{}]+)"/g;
const IN_TEXT = /https:\/\/[^\s<>"{}]+/g;

const decoded = (attribute: string): string => attribute.replaceAll('&amp;', '&');

const found = new WeakMap<MailVariant, readonly string[]>();

/** The addresses on other sites that a mail links to, each once, in their order: what click links stand for. They hold no
 *  value, so none says anything about a customer. Computed once for each variant. */
export const trackedTargets = (variant: MailVariant): readonly string[] => {
  const known = found.get(variant);
  if (known !== undefined) return known;
  const urls = Array.from(variant.html.matchAll(HREF), ([, href = '']) => decoded(href));
  const targets = [...new Set(urls)].filter(mayBeLinked);
  found.set(variant, targets);
  return targets;
};

/** What stands in the place of the `n`th target, for data with `clicks`: its click link, one for each target. */
const tagOf = (n: number): string => `{{ clicks[${n}] }}`;

/** The texts of a mail whose links to other sites are `clicks`, in the order of `trackedTargets`. What a link is called in
 *  the HTML stays as it is. */
export const withClickLinks = (variant: MailVariant): MailVariant => {
  const targets = trackedTargets(variant);
  const tagFor = (url: string): string | undefined => {
    const n = targets.indexOf(url);
    return n < 0 ? undefined : tagOf(n);
  };
  return {
    ...variant,
    html: variant.html.replace(HREF, (whole, href: string) => {
      const tag = tagFor(decoded(href));
      return tag === undefined ? whole : `href="${tag}"`;
    }),
    text: variant.text.replace(IN_TEXT, (url) => tagFor(url) ?? url),
  };
};
