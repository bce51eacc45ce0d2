import type { SendClass } from '../customer/customer.ts';
import type { Composed } from './composed.ts';
import type { Finding, FindingCode, Place, Report } from './finding.ts';
import { elementsOf, type HtmlElement, textContent } from './html-tree.ts';
import { isOwnDomain } from './link-domains.ts';

/** Gmail cuts a mail's HTML at 102 KB; what lies behind, such as the unsubscribe link, is then hidden. */
const MAX_HTML_BYTES = 100 * 1024;
/** From here on a long name or a table of policies may reach it. */
const LARGE_HTML_BYTES = 80 * 1024;

/** A mail in one language, compiled, and the source that it came from. */
export interface CheckedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly classes: readonly SendClass[];
  readonly composed: Composed;
  readonly locale: string;
}

type Problem = Pick<Finding, 'code' | 'message'> & { readonly near?: string; readonly level?: Finding['level'] };

const problem = (code: FindingCode, message: string, near?: string): Problem => ({
  code,
  message,
  ...(near === undefined ? {} : { near }),
});

/** Links whose target is a value: signed pages of ours, and addresses that were checked when they were read. */
const FIELD_LINK =
  /^\{\{ ?(links\.\w+|offer\.payUrl|\w+\.offer\.payUrl|\w+\.renewUrl|sender\.website) ?\}\}(\?[\w=&]*)?$/;

/** What is wrong with a link, or undefined. */
const linkProblem = (url: string): string | undefined => {
  if (FIELD_LINK.test(url) || /^mailto:[^\s]+$/.test(url) || /^tel:[+\d-]+$/.test(url)) return undefined;
  const parsed = URL.parse(url.replaceAll('&amp;', '&'));
  if (parsed === null || url.includes('{') || !['http:', 'https:'].includes(parsed.protocol) || /[\s\\]/.test(url))
    return 'is neither https, mailto, tel nor a link of the field catalogue';
  if (parsed.protocol !== 'https:') return 'must be https';
  if (parsed.username !== '' || parsed.password !== '')
    return 'hides its domain behind a name: take out what stands before @';
  return isOwnDomain(parsed.hostname)
    ? undefined
    : `leads to ${parsed.hostname}: only pages of the insurer may be linked (templates/link-domains.json, C18)`;
};

const linkProblems = (elements: readonly HtmlElement[]): Problem[] =>
  elements
    .flatMap(({ attribs }) => [attribs['href'], attribs['background'], attribs['action']])
    .filter((url): url is string => url !== undefined)
    .flatMap((url) => {
      const wrong = linkProblem(url);
      return wrong === undefined ? [] : [problem('link', `link "${url}" ${wrong}`, url)];
    });

const imageProblems = (elements: readonly HtmlElement[]): Problem[] =>
  elements
    .filter((element) => element.name === 'img')
    .flatMap(({ attribs: { src = '', alt = '' } }) => [
      ...(alt.trim() === '' ? [problem('image', `image "${src}" has no alt text: say what it shows`, src)] : []),
      ...(/^https:\/\/[a-z0-9.-]*[a-z]\//.test(src) && isOwnDomain(URL.parse(src)?.hostname ?? '')
        ? []
        : [problem('image', `image "${src}" must be https from a page of the insurer (S19, C18)`, src)]),
    ]);

/** What a mail may not do whatever its class: fetch, run, or show values where they would not be text. */
const contentProblems = (html: string, elements: readonly HtmlElement[]): Problem[] => [
  ...elements
    .filter(({ name }) =>
      ['script', 'link', 'iframe', 'object', 'embed', 'form', 'base', 'video', 'audio'].includes(name),
    )
    .map(({ name }) => problem('unsafe', `element <${name}> is not allowed in a mail`, `<${name}`)),
  ...(/@import|url\(/i.test(html)
    ? [
        problem(
          'fetch',
          'styles may not fetch: remove @import and url(…) (S19)',
          /@import/i.test(html) ? '@import' : 'url(',
        ),
      ]
    : []),
  ...elements
    .filter(({ attribs }) => Object.keys(attribs).some((name) => name.startsWith('on')))
    .map(({ name }) => problem('unsafe', `<${name}> has an event attribute`)),
  ...elements
    .filter(({ attribs }) => (attribs['style'] ?? '').includes('{{'))
    .map(({ name }) => problem('unsafe', `<${name}> has a value in a style or event attribute`)),
  ...elements
    .filter((element) => element.name === 'style' && textContent(element).includes('{{'))
    .map(() => problem('unsafe', 'a style sheet holds a value')),
];

/** What the law or the reader expects of a class of mail. */
const classProblems = (elements: readonly HtmlElement[], mail: CheckedMail): Problem[] => {
  const problems: Problem[] = [];
  for (const [name, part] of [
    ['HTML', mail.html],
    ['text part', mail.text],
  ] as const) {
    if (!part.includes('{{ sender.address }}'))
      problems.push(problem('no-address', `the ${name} has no postal address: {{ sender.address }} (C03)`));
    if (!part.includes('{{ links.unsubscribe }}'))
      problems.push(problem('no-unsubscribe', `the ${name} has no unsubscribe link: {{ links.unsubscribe }} (C01)`));
  }
  if (mail.classes.includes('marketing')) {
    if (mail.classes.length > 1) problems.push(problem('class', 'a marketing mail can have no other class'));
    if (/\{%-? *if links\.unsubscribe/.test(mail.html))
      problems.push(
        problem(
          'no-unsubscribe',
          'in a marketing mail the unsubscribe link may not depend on anything (C01)',
          'links.unsubscribe',
        ),
      );
  } else {
    if (hasOffer(elements))
      problems.push(
        problem(
          'offer',
          'a mail with an offer block is marketing (M1): change its class or remove the block',
          'offer-block',
        ),
      );
    if (/^\s*(广告|\[?AD\b)/.test(mail.subject) || mail.subject.includes('adMark'))
      problems.push(
        problem('ad-mark', 'a service or statutory mail is no advertisement: take the mark out of its subject (C14)'),
      );
  }
  return problems;
};

/** True where a mail holds an offer block: what promotes a product, as opposed to the offer of a renewal. */
const hasOffer = (elements: readonly HtmlElement[]): boolean =>
  elements.some(({ attribs }) => (attribs['class'] ?? '').split(' ').includes('offer-block'));

/** Colours that a reader in the dark gets as they are, because no class of the layout's dark sheet stands beside them. */
const darkProblems = (composed: Composed): Problem[] =>
  [...composed.text.matchAll(/<mj-(section|column|wrapper|text|table|hero)\b([^<>]*)>/g)].flatMap(
    ([whole, name, attributes = '']): Problem[] =>
      /(^|\s)(background-)?color="#/.test(attributes) &&
      !attributes.includes('css-class') &&
      !attributes.includes('mj-class')
        ? [
            {
              ...problem(
                'dark-mode',
                `<mj-${name}> sets a colour without a css-class of the dark sheet: it may be unreadable in dark mode`,
                whole,
              ),
              level: 'warning',
            },
          ]
        : [],
  );

const sizeProblems = (html: string): Problem[] => {
  const size = Buffer.byteLength(html);
  if (size > MAX_HTML_BYTES)
    return [
      problem('clipped', `the HTML has ${size} bytes, at most ${MAX_HTML_BYTES} are shown whole: Gmail cuts at 102 KB`),
    ];
  return size > LARGE_HTML_BYTES
    ? [
        {
          ...problem('clipped', `the HTML has ${size} bytes; with long values Gmail may cut it at 102 KB`),
          level: 'warning',
        },
      ]
    : [];
};

/**
 * Reports everything that is wrong with a compiled mail.
 * @returns whether it holds an offer block
 */
export const checkMail = (mail: CheckedMail, report: Report): boolean => {
  const elements = elementsOf(mail.html);
  const placeOf = (near: string | undefined): Place =>
    near === undefined ? { locale: mail.locale, part: 'source' } : mail.composed.find(near);
  const problems = [
    ...sizeProblems(mail.html),
    ...linkProblems(elements),
    ...imageProblems(elements),
    ...contentProblems(mail.html, elements),
    ...classProblems(elements, mail),
    ...darkProblems(mail.composed),
  ];
  for (const { near, level, ...its } of problems) report({ level: level ?? 'error', ...its, place: placeOf(near) });
  return hasOffer(elements);
};
