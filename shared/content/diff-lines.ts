/** One line of a comparison. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  /** In the older or the newer text, from 1; of a line that is the same, in the newer. */
  readonly line: number;
}

/** Lines of the part that differs, at most: beyond it the whole is shown as replaced. */
const MAX_LINES = 2_000;

/** What changed from one text to another, line by line: the fewest lines removed and added. */
export const diffLines = (before: string, after: string): readonly DiffLine[] => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [old, fresh] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];

  const same = (text: string, index: number): DiffLine => ({ kind: 'same', text, line: index + 1 });
  const middle: DiffLine[] = [];
  const removed = (i: number): void =>
    void middle.push({ kind: 'removed', text: old[i] as string, line: start + i + 1 });
  const added = (j: number): void => void middle.push({ kind: 'added', text: fresh[j] as string, line: start + j + 1 });
  if (old.length > MAX_LINES || fresh.length > MAX_LINES) {
    old.forEach((_, i) => removed(i));
    fresh.forEach((_, j) => added(j));
  } else {
    // longest common subsequence, from the end
    const width = fresh.length + 1;
    const length = new Uint16Array((old.length + 1) * width);
    for (let i = old.length - 1; i >= 0; i -= 1)
      for (let j = fresh.length - 1; j >= 0; j -= 1)
        length[i * width + j] =
          old[i] === fresh[j]
            ? (length[(i + 1) * width + j + 1] as number) + 1
            : Math.max(length[(i + 1) * width + j] as number, length[i * width + j + 1] as number);
    let [i, j] = [0, 0];
    while (i < old.length || j < fresh.length) {
      if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
        middle.push(same(fresh[j] as string, start + j));
        i += 1;
        j += 1;
      } else if (
        j >= fresh.length ||
        (i < old.length && (length[(i + 1) * width + j] as number) >= (length[i * width + j + 1] as number))
      ) {
        removed(i);
        i += 1;
      } else {
        added(j);
        j += 1;
      }
    }
  }
  return [
    ...b.slice(0, start).map(same),
    ...middle,
    ...b.slice(b.length - end).map((text, n) => same(text, b.length - end + n)),
  ];
};
