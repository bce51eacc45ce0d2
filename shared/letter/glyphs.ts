import printable from './generated/glyphs.json' with { type: 'json' };

/** Characters the bundled fonts can print: first and last code point of each run, ascending. */
export const glyphs = printable as unknown as readonly (readonly [number, number])[];
