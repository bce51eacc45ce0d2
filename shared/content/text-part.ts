import { type HtmlElement, type HtmlNode, isTag, isText, parseHtml } from './html-tree.ts';

/** Elements after which a plain text leaves one empty line. */
const paragraphs = new Set(['p', 'div', 'table', 'ul', 'ol', 'h1', 'h2', 'h3', 'h4']);
const invisible = new Set(['head', 'style', 'script', 'title']);

const isHidden = (element: HtmlElement): boolean =>
  invisible.has(element.name) ||
  /display:\s*none/.test(element.attribs['style'] ?? '') ||
  (element.attribs['class'] ?? '').split(' ').includes('no-text');

/** A table of facts, as opposed to the tables that mail programs need for layout. */
const isFacts = (element: HtmlElement): boolean =>
  element.name === 'table' && element.attribs['role'] !== 'presentation' && element.children.length > 0;

const write = (node: HtmlNode, inFacts: boolean): string => {
  if (isText(node)) {
    const text = node.data.replace(/\s+/g, ' ');
    // Between the rows of a table stands nothing but Liquid: its tags get lines of their own.
    return inFacts && text.trim().startsWith('{%') ? `\n${text.trim()}\n` : text;
  }
  if (!isTag(node) || isHidden(node)) return '';
  const inner = node.children.map((child) => write(child, inFacts || isFacts(node))).join('');
  switch (node.name) {
    case 'br':
      return '\n';
    case 'a': {
      const href = node.attribs['href'] ?? '';
      return inner.trim() === '' || inner.trim() === href ? href : `${inner.trim()} <${href}>`;
    }
    case 'td':
    case 'th':
      return inFacts ? `${inner.trim()}  ` : `\n\n${inner.trim()}\n\n`;
    case 'tr':
      return inFacts ? `${inner.trim()}\n` : inner;
    case 'li':
      return `\n- ${inner.trim()}\n`;
    default:
      return paragraphs.has(node.name) ? `\n\n${inner.trim()}\n\n` : inner;
  }
};

/**
 * The plain text part of a mail, from its HTML with the Liquid still in it: paragraphs apart by one empty line, facts
 * one a line, links in angle brackets behind their words. Elements of class `no-text` are left out.
 */
export const textPart = (html: string): string => {
  const text = parseHtml(html)
    .map((node) => write(node, false))
    .join('');
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n((?:\{%[^%]*%\}[ \t]*)+)(?=\n)/g, (line) => line.replaceAll('{%', '{%-'))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
};
