import { Tokenizer } from 'htmlparser2';
import type { Composed } from './composed.ts';
import type { Report } from './finding.ts';
import { parseHtml, textContent } from './html-tree.ts';

/** Elements that have no end. */
const VOID = new Set(['area', 'br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr']);

/** Liquid, so that `{% if a < b %}` is no element and `{{ x | default: "a" }}` ends no attribute; lines stay. */
const withoutLiquid = (text: string): string =>
  text.replace(/\{\{[^{}]*\}\}|\{%[^{}%]*%\}/g, (tag) => tag.replace(/[^\n]/g, ' '));

const isKnownEntity = (entity: string): boolean => {
  const [, hex, decimal] = /^&#(?:[xX]([0-9a-fA-F]+)|(\d+));$/.exec(entity) ?? [];
  if (hex !== undefined || decimal !== undefined) {
    const code = Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16);
    return code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  }
  const [node] = parseHtml(entity);
  return node !== undefined && textContent(node) !== entity;
};

/** Entities that are none, or that nothing ends. `R&D` and `a=1&b=2` are text. */
const entityProblems = (text: string): readonly { at: number; message: string }[] =>
  [...text.matchAll(/&(#\d{1,10}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31})(;?)/g)].flatMap((match) => {
    const [whole, name = '', end] = match;
    if (end === ';') return isKnownEntity(whole) ? [] : [{ at: match.index, message: `"${whole}" is no entity` }];
    return name.startsWith('#') || isKnownEntity(`&${name};`)
      ? [
          {
            at: match.index,
            message: `the entity "${whole}" has no end: write "${whole};", or "&amp;" for the mark itself`,
          },
        ]
      : [];
  });

/**
 * Finds what a mail program would guess at: elements that are not closed or closed twice, entities that are none (F27).
 * Reads every character once, whatever the text.
 */
export const checkMarkup = (composed: Composed, report: Report): void => {
  const text = withoutLiquid(composed.text);
  // where each line begins, so that a place costs a search, not a walk
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const fail = (at: number, message: string): void => {
    let line = starts.findIndex((start) => start > at);
    if (line === -1) line = starts.length;
    report({ level: 'error', code: 'markup', message, place: composed.originOf(line) });
  };
  const open: { name: string; at: number }[] = [];
  let name = '';
  let at = 0;
  const ignore = (): void => {};
  const tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: false },
    {
      onattribdata: ignore,
      onattribentity: ignore,
      onattribend: ignore,
      onattribname: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onprocessinginstruction: ignore,
      ontextentity: ignore,
      onopentagname: (start, end) => {
        name = text.slice(start, end);
        at = start;
      },
      onselfclosingtag: ignore,
      onopentagend: () => {
        if (!VOID.has(name.toLowerCase())) open.push({ name, at });
      },
      onclosetag: (start, end) => {
        const closing = text.slice(start, end).trim();
        const last = open.findLastIndex((one) => one.name === closing);
        if (last === -1) {
          if (!VOID.has(closing.toLowerCase())) fail(start, `</${closing}> closes nothing: delete it`);
          return;
        }
        for (const one of open.splice(last).slice(1)) fail(one.at, `<${one.name}> is not closed before </${closing}>`);
      },
      ontext: (start, end) => {
        for (const problem of entityProblems(text.slice(start, end))) fail(start + problem.at, problem.message);
      },
    },
  );
  tokenizer.write(text);
  tokenizer.end();
  for (const one of open) fail(one.at, `<${one.name}> is not closed`);
};
