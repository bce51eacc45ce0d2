import type { Instant } from './time.ts';

/** What `read` answers, asked again once an answer is older than `milliseconds` by `clock`. A failure is not kept. */
export const keepFor = <Answer>(
  milliseconds: number,
  clock: () => Instant,
  read: () => Promise<Answer>,
): (() => Promise<Answer>) => {
  let known: { readonly at: Instant; readonly answer: Answer } | undefined;
  return async () => {
    const now = clock();
    if (known && now >= known.at && now - known.at < milliseconds) return known.answer;
    const answer = await read();
    known = { at: now, answer };
    return answer;
  };
};
