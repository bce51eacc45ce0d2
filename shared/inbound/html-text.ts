import { type HtmlNode, isTag, isText, parseHtml } from '../content/html-tree.ts';

const BLOCKS: ReadonlySet<string> = new Set(
  'address article aside blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section table tr ul'.split(
    ' ',
  ),
);
const INVISIBLE: ReadonlySet<string> = new Set(['head', 'style', 'script', 'title', 'template', 'noscript', 'object']);
/** What mail programs wrap an answered mail in where that is no `blockquote`. */
const QUOTES = /(^|\s)(yahoo_quoted|isReplyContent|ntes_not_fresh_quote|protonmail_quote|zmail_extra)(\s|$)/;
/** The line that mail programs draw above an answered mail. */
const RULE = '_'.repeat(32);

type Step = { readonly node: HtmlNode; readonly quote: number; readonly pre: boolean } | 'break' | 'space';

/**
 * What a reader sees of an HTML mail, as plain text: blocks on lines of their own, quotations marked by `>` as in a text
 * mail, no markup and no addresses of links. Walks without recursion: a mail may nest as deep as it is long.
 */
export const textOfHtml = (html: string): string => {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  const flush = (): void => {
    const text = line.replace(/[\t ]+/g, ' ').trim();
    lines.push(`${'>'.repeat(depth)}${depth > 0 && text !== '' ? ' ' : ''}${text}`);
    line = '';
  };
  const end = (): void => {
    if (line.trim() !== '') flush();
  };
  const todo: Step[] = [];
  const push = (nodes: readonly HtmlNode[], quote: number, pre: boolean): void => {
    for (let n = nodes.length - 1; n >= 0; n -= 1) todo.push({ node: nodes[n] as HtmlNode, quote, pre });
  };
  push(parseHtml(html), 0, false);
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    if (step === 'break') {
      end();
      continue;
    }
    if (step === 'space') {
      line += ' ';
      continue;
    }
    const { node, quote, pre } = step;
    if (quote !== depth) {
      end();
      depth = quote;
    }
    if (isText(node)) {
      const [first = '', ...more] = pre ? node.data.split(/\r?\n/) : [node.data.replace(/\s+/g, ' ')];
      line += first;
      for (const next of more) {
        flush();
        line = next;
      }
      continue;
    }
    if (!isTag(node)) continue;
    const { name, attribs, children } = node;
    if (INVISIBLE.has(name) || /display:\s*none/i.test(attribs['style'] ?? '')) continue;
    if (name === 'br') {
      flush();
      continue;
    }
    const quotes = name === 'blockquote' || QUOTES.test(`${attribs['class'] ?? ''} ${attribs['id'] ?? ''}`);
    const block = BLOCKS.has(name);
    if (block) {
      end();
      todo.push('break');
    }
    if (name === 'hr') {
      line = RULE;
      flush();
    }
    // paragraphs stand apart
    if (name === 'p' && lines.length > 0 && lines.at(-1) !== '') flush();
    if (name === 'td' || name === 'th') todo.push('space');
    if (name === 'li') line = '- ';
    push(children, quotes ? Math.min(quote + 1, 9) : quote, pre || name === 'pre');
  }
  end();
  return lines.join('\n').replaceAll('\u00a0', ' ');
};
