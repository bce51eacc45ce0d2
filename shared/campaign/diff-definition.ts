/** One difference between two definitions. */
export interface Difference {
  /** Such as `steps.m14.at.daysBefore`: elements that have an id are named by it, not by their place. */
  readonly path: string;
  /** Absent where it is new. */
  readonly before?: unknown;
  /** Absent where it is gone. */
  readonly after?: unknown;
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const idOf = (value: unknown): string | undefined =>
  isObject(value) && typeof value.id === 'string' ? value.id : undefined;

/** A list as members: by id where each element has one of its own, else by place. */
const membersOf = (list: readonly unknown[]): Members => {
  const ids = list.map(idOf);
  const named = ids.every((id) => id !== undefined) && new Set(ids).size === ids.length;
  return Object.fromEntries(list.map((value, n) => [named ? String(ids[n]) : String(n), value]));
};

const namedBoth = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  [...a, ...b].every((value) => idOf(value) !== undefined);

/**
 * What changed from one definition to another, each place once.
 * @returns in the order of the properties of `after`, what is gone last; empty where both say the same
 */
export const diffDefinitions = (before: unknown, after: unknown, path = ''): readonly Difference[] => {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const each = (a: Members, b: Members): readonly Difference[] =>
    [...new Set([...Object.keys(b), ...Object.keys(a)])].flatMap((name) => {
      if (!Object.hasOwn(a, name)) return [{ path: at(name), after: b[name] }];
      return Object.hasOwn(b, name)
        ? diffDefinitions(a[name], b[name], at(name))
        : [{ path: at(name), before: a[name] }];
    });
  if (isObject(before) && isObject(after)) return each(before, after);
  if (Array.isArray(before) && Array.isArray(after)) {
    const [a, b] = [membersOf(before), membersOf(after)];
    if (!namedBoth(before, after)) return each(a, b);
    const order = (own: Members, other: Members) => Object.keys(own).filter((id) => Object.hasOwn(other, id));
    const [was, is] = [order(a, b), order(b, a)];
    const moved = was.join('\n') === is.join('\n') ? [] : [{ path: at('order'), before: was, after: is }];
    return [...each(a, b), ...moved];
  }
  return Object.is(before, after) ? [] : [{ path, before, after }];
};
