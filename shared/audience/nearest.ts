/** Edits (one letter put in, left out, or replaced) that make `b` of `a`. */
const editsBetween = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const lastPart = (name: string): string => bare(name.split('.').at(-1) ?? name);

/** The at most three of `names` that somebody who wrote `written` most likely meant, likeliest first. */
export const nearest = (written: string, names: readonly string[]): readonly string[] => {
  const own = bare(written);
  return names
    .map((name) => ({
      name,
      // `birthOn` for `customer.birthOn` is the commonest slip of all
      distance: lastPart(name) === own ? 0 : editsBetween(own.slice(0, 80), bare(name)),
    }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.floor(bare(name).length / 5)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
};
