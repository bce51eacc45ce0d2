import { DAY, type Instant } from '../platform/time.ts';
import type { AnswerFacets, InvitationRow, SurveyAnswer } from '../survey/answer.ts';
import { type Metric, SCALES } from '../survey/survey.ts';
import { type Frame, periodAt } from './period.ts';
import type { FoundTopic } from './topics.ts';

/** What results can be broken down by. */
export const breakdowns = ['tier', 'line', 'region', 'channel', 'manager', 'scope', 'version'] as const;
export type Breakdown = (typeof breakdowns)[number];

/**
 * Counts of some rows: of all, of a period, of a tier. Whole numbers only, so that sums of parts are exact whatever the
 * order; every rate, score and interval follows from them.
 */
export interface Cell {
  /** Invitations of the range. */
  asked: number;
  /** Of those, the ones that were answered within `REPLY_DAYS`. */
  replied: number;
  /** Answers given in the range, whenever their customers were asked. */
  answers: number;
  /** Of those, low scores. */
  low: number;
  /** How many gave each score, from the lowest of the scale on. */
  readonly scores: number[];
}

/** What was written about one topic. */
export interface TopicCell {
  readonly cell: Cell;
  /** How many texts hold each term of it. */
  readonly terms: Map<string, number>;
}

/** What is tallied. */
export interface TallyPlan {
  readonly frame: Frame;
  readonly by: Breakdown;
  /** The measure whose scores are counted; undefined for a survey without a score. */
  readonly metric: Metric | undefined;
}

/** The counts of one pass over invitations and answers, or of several passes together. */
export interface Tally {
  readonly plan: TallyPlan;
  readonly total: Cell;
  readonly periods: readonly Cell[];
  /** By the value of the breakdown; `''` where it is not known. */
  readonly groups: Map<string, Cell>;
  readonly topics: Map<string, TopicCell>;
  /** Answers with free text, and those whose text speaks of no topic that is known. */
  texts: number;
  withoutTopic: number;
  /** Answers whose score was taken with another measure, by another version of the survey. */
  otherMeasure: number;
}

/** An invitation counts as answered when its answer came within this time: so that months can be compared. */
export const REPLY_DAYS = 90;

const emptyCell = ({ metric }: TallyPlan): Cell => {
  const [lowest, highest] = metric === undefined ? [0, -1] : SCALES[metric];
  const scores = Array.from({ length: highest - lowest + 1 }, () => 0);
  return { asked: 0, replied: 0, answers: 0, low: 0, scores };
};

/** A tally of nothing yet. */
export const createTally = (plan: TallyPlan): Tally => ({
  plan,
  total: emptyCell(plan),
  periods: plan.frame.periods.map(() => emptyCell(plan)),
  groups: new Map(),
  topics: new Map(),
  texts: 0,
  withoutTopic: 0,
  otherMeasure: 0,
});

const groupOf = (tally: Tally, { facets, version }: { readonly facets: AnswerFacets; readonly version: string }) => {
  const { by } = tally.plan;
  const value = (by === 'version' ? version : facets[by]) ?? '';
  const known = tally.groups.get(value);
  if (known !== undefined) return known;
  const cell = emptyCell(tally.plan);
  tally.groups.set(value, cell);
  return cell;
};

/** The cells that a row counts in which something happened to at `at`; none outside the range. */
const cellsOf = (tally: Tally, row: Pick<InvitationRow, 'facets' | 'version'>, at: Instant): readonly Cell[] => {
  const period = periodAt(tally.plan.frame, at);
  return period === undefined ? [] : [tally.total, tally.periods[period] as Cell, groupOf(tally, row)];
};

/** Counts an invitation. */
export const addInvitation = (tally: Tally, row: InvitationRow): void => {
  for (const cell of cellsOf(tally, row, row.invitedAt)) cell.asked += 1;
};

/** Position of the answer's score on the scale; undefined where it has none of this measure. */
const scoreAt = ({ metric }: TallyPlan, answer: SurveyAnswer): number | undefined => {
  if (metric === undefined || answer.metric !== metric || answer.score === undefined) return undefined;
  const [lowest, highest] = SCALES[metric];
  return answer.score >= lowest && answer.score <= highest ? answer.score - lowest : undefined;
};

const count = (cell: Cell, score: number | undefined, low: boolean): void => {
  cell.answers += 1;
  if (low) cell.low += 1;
  if (score !== undefined) cell.scores[score] = (cell.scores[score] as number) + 1;
};

const countTopics = (tally: Tally, found: readonly FoundTopic[], score: number | undefined, low: boolean): void => {
  tally.texts += 1;
  if (found.length === 0) tally.withoutTopic += 1;
  for (const { topic, terms } of found) {
    const known = tally.topics.get(topic) ?? { cell: emptyCell(tally.plan), terms: new Map<string, number>() };
    tally.topics.set(topic, known);
    count(known.cell, score, low);
    for (const term of terms) known.terms.set(term, (known.terms.get(term) ?? 0) + 1);
  }
};

/** Whether the answer counts for the response rate: its customer was asked, and answered in time. */
const isReply = (answer: SurveyAnswer): answer is SurveyAnswer & { readonly invitedAt: Instant } =>
  answer.invitedAt !== undefined && answer.at - answer.invitedAt <= REPLY_DAYS * DAY;

/**
 * Counts an answer: as a reply in the period in which its customer was asked, with its score in the period in which it
 * was given. @param found topics of what was written; undefined where nothing was written
 */
export const addAnswer = (tally: Tally, answer: SurveyAnswer, found: readonly FoundTopic[] | undefined): void => {
  if (isReply(answer)) for (const cell of cellsOf(tally, answer, answer.invitedAt)) cell.replied += 1;
  const cells = cellsOf(tally, answer, answer.at);
  if (cells.length === 0) return;
  const score = scoreAt(tally.plan, answer);
  if (score === undefined && answer.score !== undefined) tally.otherMeasure += 1;
  for (const cell of cells) count(cell, score, answer.low);
  if (found !== undefined) countTopics(tally, found, score, answer.low);
};

const addCell = (to: Cell, from: Cell): void => {
  to.asked += from.asked;
  to.replied += from.replied;
  to.answers += from.answers;
  to.low += from.low;
  for (const [n, scores] of from.scores.entries()) to.scores[n] = (to.scores[n] ?? 0) + scores;
};

/** Some cells together. */
export const sumOf = (plan: TallyPlan, cells: Iterable<Cell>): Cell => {
  const sum = emptyCell(plan);
  for (const cell of cells) addCell(sum, cell);
  return sum;
};

/** Adds what `from` counted, over other rows of the same plan, to `to`: as if one pass had seen both. */
export const addTally = (to: Tally, from: Tally): void => {
  addCell(to.total, from.total);
  for (const [n, cell] of from.periods.entries()) addCell(to.periods[n] as Cell, cell);
  for (const [value, cell] of from.groups)
    to.groups.set(value, sumOf(to.plan, [cell, ...(to.groups.has(value) ? [to.groups.get(value) as Cell] : [])]));
  for (const [topic, { cell, terms }] of from.topics) {
    const known = to.topics.get(topic) ?? { cell: emptyCell(to.plan), terms: new Map<string, number>() };
    to.topics.set(topic, known);
    addCell(known.cell, cell);
    for (const [term, times] of terms) known.terms.set(term, (known.terms.get(term) ?? 0) + times);
  }
  to.texts += from.texts;
  to.withoutTopic += from.withoutTopic;
  to.otherMeasure += from.otherMeasure;
};
