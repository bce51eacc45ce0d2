import { formatInstant, type Instant } from '../platform/time.ts';
import type { SurveyAnswer } from '../survey/answer.ts';
import type { FreeText } from '../survey/free-text.ts';
import type { QuotesAnswer } from './contract.ts';
import type { Frame } from './period.ts';
import { answersOf, comparedTo, createTextReader, type Mark, monthsOf, type SurveyRowsPorts } from './survey-rows.ts';
import { createTopicFinder, type Topic } from './topics.ts';

/** Which quotes are wanted. */
export interface QuotesQuestion {
  readonly survey: string;
  readonly frame: Frame;
  /** Id of a topic; `none`: texts in which no topic was found. */
  readonly topic?: string | undefined;
  /** Part of what was written; capitals do not matter. */
  readonly text?: string | undefined;
  readonly onlyLow: boolean;
  readonly limit: number;
  /** The last answer of the page before. */
  readonly after?: Mark | undefined;
  readonly maySee: (scope: string) => boolean;
  /** Whether there is no time left to look further; what was found is answered then, with a mark to go on from. */
  readonly isTimeUp: () => boolean;
}

/** A page of quotes and the answer that it ends with; `end` is absent where there are no more. */
export interface QuotePage {
  readonly items: QuotesAnswer['items'];
  readonly end?: Mark;
}

/** Characters of a text that are shown; the export holds the whole. */
const LONGEST = 2_000;

/** A beginning that cuts no character in two. */
const beginningOf = (text: string): string => text.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '');

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/**
 * What customers wrote, newest first: each free text of each answer by itself, with the topics found in it and the words
 * that say so. Pages end with an answer, so a page may be a little longer than asked for.
 */
export const readQuotes = async (
  ports: SurveyRowsPorts & { readonly topics: readonly Topic[] },
  question: QuotesQuestion,
): Promise<QuotePage> => {
  const { frame, topic, onlyLow, limit, after, maySee, isTimeUp } = question;
  const [from, last] = [frame.starts[0] as Instant, (frame.end - 1) as Instant];
  const upTo = after === undefined || after.at > last ? last : after.at;
  const textsOf = createTextReader(ports);
  const findTopics = createTopicFinder(ports.topics);
  const labels = new Map(ports.topics.map(({ id, label }) => [id, label]));
  const part = question.text === undefined ? undefined : folded(question.text);
  const items: QuotesAnswer['items'] = [];

  const quote = (answer: SurveyAnswer, { question: asked, text }: FreeText): void => {
    if (part !== undefined && !folded(text).includes(part)) return;
    const found = findTopics(text);
    if (topic === 'none' ? found.length > 0 : topic !== undefined && !found.some((one) => one.topic === topic)) return;
    const cut = text.length > LONGEST;
    items.push({
      answerId: answer.id,
      at: formatInstant(answer.at),
      customerId: answer.partyId,
      question: asked,
      text: cut ? beginningOf(text) : text,
      cut,
      ...(answer.score === undefined ? {} : { score: answer.score }),
      low: answer.low,
      topics: found.flatMap(({ topic: id, words }) => {
        const label = labels.get(id);
        return label === undefined ? [] : [{ topic: id, label, words: words.map((word) => beginningOf(word)) }];
      }),
    });
  };

  for (const month of upTo < from ? [] : [...monthsOf(from, upTo)].reverse())
    for await (const rows of answersOf(ports, question.survey, month, { from, upTo, newestFirst: true }))
      for (const answer of rows) {
        if (after !== undefined && comparedTo(answer, after) >= 0) continue;
        if (maySee(answer.facets.scope) && (answer.low || !onlyLow))
          for (const text of await textsOf(answer)) quote(answer, text);
        if (items.length >= limit || isTimeUp())
          return { items, end: { at: answer.at, invitationId: answer.invitationId } };
      }
  return { items };
};
