/** JSON with the properties of every object in the order of their names, so that what says the same reads the same:
 *  a table returns maps in an order of its own, and people reorder files. Undefined properties are left out. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
