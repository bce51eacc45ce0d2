/** Guides whose commands are run: what stands in their fenced blocks, in order. */

/** A command of a guide with the answer that it shows. */
export interface Shown {
  readonly command: string;
  /** `…` in a line stands for anything, a line of it for any lines. */
  readonly answer: readonly string[];
}

export type GuideBlock =
  /** Commands begin with `$ `. */
  | { readonly kind: 'console'; readonly commands: readonly Shown[] }
  /** Lines to be replaced in a file. */
  | { readonly kind: 'diff'; readonly file: string; readonly from: string; readonly to: string }
  /** JSON, with what its fence says behind the language. */
  | { readonly kind: 'json'; readonly use: readonly string[]; readonly value: unknown };

const commandsOf = (lines: readonly string[]): readonly Shown[] => {
  const commands: { command: string; answer: string[] }[] = [];
  for (const line of lines)
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), answer: [] });
    else commands.at(-1)?.answer.push(line);
  return commands;
};

const marked = (lines: readonly string[], mark: string): string =>
  lines
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(1))
    .join('\n');

/** The blocks of a guide that mean something to a program. */
export const blocksOf = (markdown: string): readonly GuideBlock[] =>
  [...markdown.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].flatMap(
    ([, language, said = '', body = '']): GuideBlock[] => {
      const lines = body.replace(/\n$/, '').split('\n');
      const use = said
        .trim()
        .split(' ')
        .filter((word) => word !== '');
      if (language === 'console') return [{ kind: 'console', commands: commandsOf(lines) }];
      if (language === 'diff' && use[0] !== undefined)
        return [{ kind: 'diff', file: use[0], from: marked(lines, '-'), to: marked(lines, '+') }];
      return language === 'json' ? [{ kind: 'json', use, value: JSON.parse(body) as unknown }] : [];
    },
  );

/** A pattern for the answer that a guide shows. */
export const patternOf = (answer: readonly string[]): RegExp =>
  new RegExp(
    `^${answer
      .map((line) =>
        line.trim() === '…'
          ? '(?:.*\\n)*?'
          : `${line
              .split('…')
              .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
              .join('.*')}\\n`,
      )
      .join('')}$`,
  );

/** Words of a command line; those in double quotes are one. */
export const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
