import type { Place, Report } from './finding.ts';

/** A line of some file. */
export interface Origin {
  readonly part: string;
  readonly line: number;
}

/** A text put together from several files, which remembers of each line where it was written. */
export interface Composed {
  readonly text: string;
  /** @param line of the whole, from 1 */
  originOf(line: number): Place;
  /** The first line that holds `words`, one of the part `source` before those of blocks and layout. */
  find(words: string): Place;
}

/** What stands for `[name]` or `[block name]`: its text, its name for people, the line it begins with. */
export type Insert = { readonly text: string; readonly part: string; readonly line: number };

/** Blocks within blocks: deeper, they contain themselves. */
const MAX_DEPTH = 6;
/** Characters of the whole: blocks that hold each other twice would fill the memory (S18). */
const MAX_TEXT = 1_000_000;

/**
 * Puts a text together: `[block name]` and the names in `inserts` are replaced by what they stand for, again and again.
 * @param block gives a block, or undefined where there is none
 */
export const composeText = (
  start: Insert,
  inserts: Readonly<Record<string, Insert>>,
  block: (name: string) => Insert | undefined,
  locale: string,
  report: Report,
): Composed => {
  const lines: { text: string; origin: Origin }[] = [];
  let length = 0;
  const add = (text: string, origin: Origin, joins: boolean): void => {
    length += text.length;
    const last = lines.at(-1);
    if (!joins || last === undefined) lines.push({ text, origin });
    else {
      // what is inserted is what the line says, where nothing but blanks or the layout stands before it
      if (last.text.trim() === '' || last.origin.part === 'layout') last.origin = origin;
      last.text += text;
    }
  };
  const insertOf = (token: string): Insert | undefined =>
    token.startsWith('block ')
      ? block(token.slice('block '.length))
      : Object.hasOwn(inserts, token)
        ? inserts[token]
        : undefined;

  const expand = (given: Insert, joinsFirst: boolean, depth: number): void => {
    given.text.split('\n').forEach((line, n) => {
      const origin = { part: given.part, line: given.line + n };
      let joins = n === 0 && joinsFirst;
      let from = 0;
      for (const match of line.matchAll(/\[(block [a-z][a-z0-9-]*|[a-z]+)\]/g)) {
        const token = match[1] as string;
        const insert = insertOf(token);
        if (insert === undefined && !token.startsWith('block ')) continue;
        if (insert === undefined || depth >= MAX_DEPTH || length > MAX_TEXT) {
          const message =
            insert === undefined
              ? `there is no ${token.replace(' ', ' "')}" in ${locale}: add it, or take it out`
              : `blocks contain each other: more than ${MAX_DEPTH} deep, or beyond ${MAX_TEXT} characters`;
          report({ level: 'error', code: 'block', message, place: { locale, ...origin } });
          continue;
        }
        add(line.slice(from, match.index), origin, joins);
        joins = true;
        expand(insert, true, depth + 1);
        from = match.index + match[0].length;
      }
      add(line.slice(from), origin, joins);
    });
  };
  expand(start, false, 0);

  const originOf = (line: number): Place => ({
    locale,
    ...(lines[line - 1]?.origin ?? { part: start.part }),
  });
  return {
    text: lines.map(({ text }) => text).join('\n'),
    originOf,
    find: (words) => {
      const holds = ({ text }: { readonly text: string }): boolean => text.includes(words);
      const own = lines.findIndex((line) => line.origin.part === 'source' && holds(line));
      const at = own === -1 ? lines.findIndex(holds) : own;
      return at === -1 ? { locale, part: 'body' } : originOf(at + 1);
    },
  };
};
