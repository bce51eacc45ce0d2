import { createLiquid } from '../../shared/content/liquid.ts';
import { fieldCatalogue } from '../../shared/content/message-data.ts';
import { elementsOf, type HtmlElement, textContent } from './html-tree.ts';

/** Gmail cuts a mail's HTML at 102 KB; what lies behind, such as the unsubscribe link, is then hidden. */
const MAX_HTML_BYTES = 100 * 1024;

const liquid = createLiquid((value) => value);

/** How many single-letter edits apart two names are. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
};

/** Fields of `source` that no customer has, each with the name that was probably meant. */
export const unknownFields = (source: string): readonly string[] =>
  liquid
    .fields(source)
    .filter((field) => !(field in fieldCatalogue))
    .map((field) => {
      const near = Object.keys(fieldCatalogue)
        .map((name) => ({ name, far: distance(name, field) }))
        .sort((a, b) => a.far - b.far)[0];
      return `unknown field "${field}"${near !== undefined && near.far <= 4 ? `, did you mean "${near.name}"?` : ''}`;
    });

const isSafeLink = (url: string): boolean =>
  /^(https?:\/\/[^\s]+|mailto:[^\s]+|tel:[+\d-]+)$/.test(url) ||
  /^\{\{ (links\.\w+|offer\.payUrl|sender\.website) \}\}(\?[\w=&]*)?$/.test(url);

const linkProblems = (elements: readonly HtmlElement[]): string[] =>
  elements
    .flatMap((element) => [element.attribs['href'], element.attribs['background'], element.attribs['action']])
    .filter((url): url is string => url !== undefined)
    .filter((url) => !isSafeLink(url))
    .map((url) => `link "${url}" is neither http(s), mailto, tel nor a link of the field catalogue`);

const imageProblems = (elements: readonly HtmlElement[]): string[] =>
  elements
    .filter((element) => element.name === 'img')
    .flatMap(({ attribs }) => [
      ...((attribs['alt'] ?? '').trim() === '' ? [`image "${attribs['src']}" has no alt text`] : []),
      ...(/^https:\/\/[a-z0-9.-]*[a-z]\//.test(attribs['src'] ?? '')
        ? []
        : [`image "${attribs['src']}" must be https from a named host (S19)`]),
    ]);

/** What a mail may not do whatever its class: fetch, run, or show values where they would not be text. */
const contentProblems = (html: string, elements: readonly HtmlElement[]): string[] => [
  ...elements
    .filter((element) => ['script', 'link', 'iframe', 'object', 'embed', 'form', 'base'].includes(element.name))
    .map((element) => `element <${element.name}> is not allowed in a mail`),
  ...(/@import|url\(/i.test(html) ? ['styles may not fetch: remove @import and url(…) (S19)'] : []),
  ...elements
    .filter((element) =>
      Object.entries(element.attribs).some(([name, value]) => /^on|^style$/.test(name) && value.includes('{{')),
    )
    .map((element) => `<${element.name}> has a value in a style or event attribute`),
  ...elements
    .filter((element) => element.name === 'style' && textContent(element).includes('{{'))
    .map(() => 'a style sheet holds a value'),
];

/** What the law or the reader expects of a class of mail. */
const classProblems = (
  elements: readonly HtmlElement[],
  mail: {
    subject: string;
    html: string;
    text: string;
    sendClasses: readonly string[];
  },
): string[] => {
  const problems: string[] = [];
  for (const [name, part] of [
    ['HTML', mail.html],
    ['text part', mail.text],
  ] as const) {
    if (!part.includes('{{ sender.address }}'))
      problems.push(`the ${name} has no postal address: {{ sender.address }} (C03)`);
    const unsubscribe = part.indexOf('{{ links.unsubscribe }}');
    if (unsubscribe === -1) problems.push(`the ${name} has no unsubscribe link: {{ links.unsubscribe }} (C01)`);
  }
  if (mail.sendClasses.includes('marketing')) {
    if (mail.sendClasses.length > 1) problems.push('a marketing mail can have no other class');
    if (/\{%-? *if links\.unsubscribe/.test(mail.html))
      problems.push('in a marketing mail the unsubscribe link may not depend on anything (C01)');
    if (!mail.subject.startsWith('{% if adMark %}{{ adMark }}{% endif %}')) {
      problems.push('a marketing subject begins with {% if adMark %}{{ adMark }}{% endif %} (C14)');
    }
  } else if (elements.some((element) => (element.attribs['class'] ?? '').split(' ').includes('offer-block'))) {
    problems.push('a mail with an offer block is marketing (M1)');
  }
  return problems;
};

/** Everything that is wrong with a compiled mail, in words; empty where nothing is. */
export const mailProblems = (mail: {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly sendClasses: readonly string[];
}): readonly string[] => {
  const elements = elementsOf(mail.html);
  const size = Buffer.byteLength(mail.html);
  return [
    ...unknownFields(`${mail.subject}${mail.html}`),
    ...(size > MAX_HTML_BYTES ? [`the HTML has ${size} bytes, at most ${MAX_HTML_BYTES} are shown whole`] : []),
    ...linkProblems(elements),
    ...imageProblems(elements),
    ...contentProblems(mail.html, elements),
    ...classProblems(elements, mail),
  ];
};
