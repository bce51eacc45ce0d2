/** Whether two values that JSON can hold say the same, whatever the order of their properties: a table returns maps in
 *  an order of its own. */
export const sameContent = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [inA, inB] = [definedKeys(a), definedKeys(b)];
  return (
    inA.length === inB.length &&
    inA.every((key) => Object.hasOwn(b, key) && sameContent(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
};

const definedKeys = (value: object): string[] =>
  Object.keys(value).filter((key) => value[key as keyof typeof value] !== undefined);
