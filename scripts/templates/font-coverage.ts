/** Runs of code points that a TrueType font has glyphs for, from its `cmap` table (formats 4 and 12). */
export const fontCoverage = (font: Buffer): readonly (readonly [number, number])[] => {
  const tables = font.readUInt16BE(4);
  let cmap = -1;
  for (let n = 0; n < tables; n += 1) {
    const at = 12 + n * 16;
    if (font.toString('latin1', at, at + 4) === 'cmap') cmap = font.readUInt32BE(at + 8);
  }
  if (cmap === -1) throw new Error('the font has no cmap table: use a TrueType file');

  const codes = new Set<number>();
  for (let n = 0; n < font.readUInt16BE(cmap + 2); n += 1) {
    const table = cmap + font.readUInt32BE(cmap + 4 + n * 8 + 4);
    const format = font.readUInt16BE(table);
    if (format === 12) {
      for (let group = 0; group < font.readUInt32BE(table + 12); group += 1) {
        const at = table + 16 + group * 12;
        for (let code = font.readUInt32BE(at); code <= font.readUInt32BE(at + 4); code += 1) codes.add(code);
      }
    } else if (format === 4) {
      const segments = font.readUInt16BE(table + 6) / 2;
      for (let segment = 0; segment < segments; segment += 1) {
        const last = font.readUInt16BE(table + 14 + segment * 2);
        const first = font.readUInt16BE(table + 16 + segments * 2 + segment * 2);
        for (let code = first; code <= last && code < 0xffff; code += 1) codes.add(code);
      }
    }
  }

  const runs: [number, number][] = [];
  for (const code of [...codes].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === code - 1) run[1] = code;
    else runs.push([code, code]);
  }
  return runs;
};

/** Runs that are in both. */
export const commonRuns = (
  a: readonly (readonly [number, number])[],
  b: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] => {
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [left, right] = [a[i] as readonly [number, number], b[j] as readonly [number, number]];
    const [first, last] = [Math.max(left[0], right[0]), Math.min(left[1], right[1])];
    if (first <= last) common.push([first, last]);
    if (left[1] < right[1]) i += 1;
    else j += 1;
  }
  return common;
};
