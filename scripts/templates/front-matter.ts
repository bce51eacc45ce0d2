/** A template source: what stands between the two `---` lines, and the rest. */
export interface Source {
  readonly head: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Reads `key: value` lines between `---` and `---` at the top.
 * @param known keys that may occur
 * @throws Error naming the line where the head is missing or a key is unknown or repeated
 */
export const readSource = (text: string, known: readonly string[]): Source => {
  const match = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text.replaceAll('\r\n', '\n'));
  if (match === null) throw new Error('begins with no head: write `---`, the keys, and `---`');
  const head: Record<string, string> = {};
  for (const line of (match[1] ?? '').split('\n')) {
    const [, key, value] = /^([a-z]+):\s*(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw new Error(`head line "${line}" is not \`key: value\``);
    if (!known.includes(key)) throw new Error(`head key "${key}" is unknown: use one of ${known.join(', ')}`);
    if (key in head) throw new Error(`head key "${key}" occurs twice`);
    head[key] = value.trim();
  }
  return { head, body: match[2] ?? '' };
};

/** `a, b` as a list. */
export const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
