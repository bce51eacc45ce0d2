/** Runs `act` over all `items`, at most `width` at a time; the first failure stops the start of further ones and is
 *  thrown once those under way have ended. @returns the answers in the order of the items */
export const inParallel = async <Item, Answer>(
  items: readonly Item[],
  width: number,
  act: (item: Item) => Promise<Answer>,
): Promise<Answer[]> => {
  const answers = Array.from<Answer>({ length: items.length });
  let next = 0;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const at = next;
      next += 1;
      try {
        answers[at] = await act(items[at] as Item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return answers;
};
