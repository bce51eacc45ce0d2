import { inParallel } from '../platform/parallel.ts';
import { DAY, type Instant } from '../platform/time.ts';
import type { ResultsAnswer } from './contract.ts';
import type { Frame } from './period.ts';
import { resultsOf } from './survey-results.ts';
import { answersOf, createTextReader, invitationsOf, monthsOf, type SurveyRowsPorts } from './survey-rows.ts';
import { addAnswer, addInvitation, addTally, type Breakdown, createTally, REPLY_DAYS, type Tally } from './tally.ts';
import { createTopicFinder, type Topic } from './topics.ts';

/** What results are asked of. */
export interface ResultsQuestion {
  readonly survey: string;
  readonly frame: Frame;
  readonly by: Breakdown;
  /** Whether rows of a branch may be seen. */
  readonly maySee: (scope: string) => boolean;
  readonly now: Instant;
  /** Whether there is no time left to read on. */
  readonly isTimeUp: () => boolean;
}

export type ResultsOutcome =
  | { readonly kind: 'read'; readonly results: ResultsAnswer }
  | { readonly kind: 'unknown-survey' }
  /** There was more to read than there was time. Part of the rows would give wrong figures, so there are none. */
  | { readonly kind: 'too-many' };

/** Months read at a time. */
const WIDTH = 6;

/**
 * The results of a survey over a range of days: each month of invitations and of answers is counted for itself, page
 * after page, and the counts are added up; nothing is kept of a row that was counted. Answers are read up to `REPLY_DAYS`
 * behind the range, since those who were asked on its last day may take that long.
 */
export const readResults = async (
  ports: SurveyRowsPorts & { readonly topics: readonly Topic[] },
  question: ResultsQuestion,
): Promise<ResultsOutcome> => {
  const { frame, by, maySee, now, isTimeUp } = question;
  const survey = await ports.surveys.current(question.survey);
  if (survey === undefined) return { kind: 'unknown-survey' };
  const plan = { frame, by, metric: survey.file.score?.metric };
  const [start, last] = [frame.starts[0] as Instant, (frame.end - 1) as Instant];
  const lastReply = Math.min(now, last + REPLY_DAYS * DAY) as Instant;
  const textsOf = createTextReader(ports);
  const findTopics = createTopicFinder(ports.topics);
  let complete = true;

  const goesOn = (): boolean => {
    if (isTimeUp()) complete = false;
    return complete;
  };

  const ofInvitations = async (tally: Tally, month: string): Promise<void> => {
    for await (const rows of invitationsOf(ports, survey.id, month)) {
      if (!goesOn()) return;
      for (const row of rows) if (maySee(row.facets.scope)) addInvitation(tally, row);
    }
  };

  const ofAnswers = async (tally: Tally, month: string): Promise<void> => {
    for await (const rows of answersOf(ports, survey.id, month, { from: start, upTo: lastReply })) {
      if (!goesOn()) return;
      for (const answer of rows) {
        if (!maySee(answer.facets.scope)) continue;
        const texts = answer.at < frame.end ? await textsOf(answer) : [];
        addAnswer(tally, answer, texts.length === 0 ? undefined : findTopics(texts.map(({ text }) => text).join('\n')));
      }
    }
  };

  const parts = [
    ...monthsOf(start, last).map((month) => (tally: Tally) => ofInvitations(tally, month)),
    ...(lastReply < start ? [] : monthsOf(start, lastReply)).map((month) => (tally: Tally) => ofAnswers(tally, month)),
  ];
  const all = createTally(plan);
  await inParallel(parts, WIDTH, async (part) => {
    const tally = createTally(plan);
    await part(tally);
    addTally(all, tally);
  });
  return complete ? { kind: 'read', results: resultsOf(all, survey, ports.topics) } : { kind: 'too-many' };
};
