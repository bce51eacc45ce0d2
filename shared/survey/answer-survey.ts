import type { Timeline } from '../message/timeline-store.ts';
import type { Bus } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId } from '../platform/ids.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { AnswerChannel, AnswerFacets, SurveyAnswer } from './answer.ts';
import { answerPayload } from './answer-due.ts';
import type { AnswerValues, SurveyAnswers } from './answer-store.ts';
import type { Asked } from './asked-store.ts';
import { PAGES_SOURCE, type SurveyAnswered } from './contract.ts';
import { type FreeText, freeTextsOf } from './free-text.ts';
import { type Invitation, invitationIdOf } from './invitation.ts';
import type { Survey, Surveys } from './survey.ts';

/** What an answer is stored with and told to. What follows from an answer may be done again at any time: each port makes
 *  it once by the answer's id. */
export interface AnswerSurveyPorts {
  readonly answers: Pick<SurveyAnswers, 'get' | 'add' | 'noteFollowed'>;
  readonly surveys: Pick<Surveys, 'load'>;
  readonly timeline: Pick<Timeline, 'record'>;
  readonly bus: Bus;
  /** Keeps what the answer teaches about the customer. */
  readonly learn: (answer: SurveyAnswer, survey: Survey) => Promise<void>;
  /** Has somebody look in half a minute whether all that follows was done; called before the answer is stored, so that a
   *  request that dies after it leaves nothing undone. */
  readonly expect: (answer: Pick<SurveyAnswer, 'invitationId' | 'partyId'>) => Promise<void>;
  /** Opens the account manager's task; called for low scores only. */
  readonly lowScore: (answer: SurveyAnswer, survey: Survey) => Promise<void>;
  readonly asked: Pick<Asked, 'noteAnswered'>;
}

/** One set of answers, checked against its survey. */
export interface SurveyReply {
  readonly invitation: Invitation;
  readonly survey: Survey;
  readonly values: AnswerValues;
  readonly score?: number | undefined;
  readonly low: boolean;
  readonly given: AnswerChannel;
  /** User id of who entered it. */
  readonly enteredBy?: string;
  readonly facets: AnswerFacets;
  readonly invitedAt?: Instant | undefined;
  readonly now: Instant;
}

export type AnswerSurveyOutcome =
  | { readonly kind: 'recorded'; readonly answer: SurveyAnswer }
  /** The invitation had its answer; this one is dropped. */
  | { readonly kind: 'answered'; readonly answer: SurveyAnswer };

/** As much of the texts as a row of the history shows; the whole stands in the answer. */
const EXCERPT = 600;

const excerptOf = (texts: readonly FreeText[]): string =>
  // by characters, not code units: half an emoji is none
  [...texts.map(({ text }) => text.slice(0, 2 * EXCERPT)).join('\n')].slice(0, EXCERPT).join('');

const answerOf = (reply: SurveyReply): SurveyAnswer => {
  const { invitation, survey, score, enteredBy, invitedAt } = reply;
  const { partyId, policyId, campaign, occurrence, step } = invitation;
  const invitationId = invitationIdOf(invitation);
  return {
    id: derivedId('survey-answer', invitationId),
    at: reply.now,
    invitationId,
    survey: survey.id,
    version: survey.version,
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(occurrence === undefined ? {} : { occurrence }),
    ...(step === undefined ? {} : { step }),
    ...(invitedAt === undefined ? {} : { invitedAt }),
    facets: reply.facets,
    given: reply.given,
    ...(enteredBy === undefined ? {} : { enteredBy }),
    values: reply.values,
    ...(survey.file.score === undefined || score === undefined ? {} : { metric: survey.file.score.metric, score }),
    low: reply.low,
  };
};

const detailOf = (answer: SurveyAnswer, texts: readonly FreeText[]): SurveyAnswered => ({
  schemaVersion: 1,
  eventId: answer.id,
  occurredAt: formatInstant(answer.at),
  partyId: answer.partyId,
  invitationId: answer.invitationId,
  ...(answer.policyId === undefined ? {} : { policyId: answer.policyId }),
  ...(answer.campaign === undefined ? {} : { campaign: answer.campaign }),
  ...(answer.occurrence === undefined ? {} : { occurrence: answer.occurrence }),
  ...(answer.step === undefined ? {} : { step: answer.step }),
  survey: answer.survey,
  surveyVersion: answer.version,
  ...(answer.metric === undefined ? {} : { metric: answer.metric }),
  ...(answer.score === undefined ? {} : { score: answer.score }),
  low: answer.low,
  given: answer.given,
  hasComment: texts.length > 0,
});

/** All that follows from an answer; each part is idempotent, so the whole may be done again at any time. */
const follow = async (ports: AnswerSurveyPorts, survey: Survey, answer: SurveyAnswer): Promise<void> => {
  const texts = freeTextsOf(survey.file, answer.values);
  // first what keeps the customer from being asked again, then what a person must do, then what is told
  await ports.asked.noteAnswered(answer.partyId, answer.survey, answer);
  await ports.learn(answer, survey);
  if (answer.low) await ports.lowScore(answer, survey);
  await ports.timeline.record({
    partyId: answer.partyId,
    at: answer.at,
    kind: 'reaction',
    id: answer.id,
    policyIds: answer.policyId === undefined ? [] : [answer.policyId],
    ...(answer.campaign === undefined ? {} : { campaign: answer.campaign }),
    ...(answer.step === undefined ? {} : { step: answer.step }),
    details: {
      page: 'survey',
      survey: answer.survey,
      given: answer.given,
      ...(answer.enteredBy === undefined ? {} : { enteredBy: answer.enteredBy }),
      ...(answer.metric === undefined ? {} : { metric: answer.metric }),
      ...(answer.score === undefined ? {} : { score: answer.score }),
      ...(texts.length === 0 ? {} : { text: excerptOf(texts) }),
    },
  });
  await ports.bus.publish([
    { source: PAGES_SOURCE, detailType: 'SurveyAnswered', detail: detailOf(answer, texts), at: answer.at },
  ]);
  await ports.answers.noteFollowed(answer.invitationId);
};

/** Does all that follows from a stored answer, once more. */
export const followAnswer = async (ports: AnswerSurveyPorts, answer: SurveyAnswer): Promise<void> => {
  // a later message of the same invitation may ask in a later version; an answer means what its own asked
  const survey = await ports.surveys.load(answer.survey, answer.version);
  if (survey !== undefined) await follow(ports, survey, answer);
};

/**
 * Stores the one answer of an invitation by one conditional write (F30), then does what follows. A crash in between heals by
 * the next press of the button, and where nobody presses by the look that was asked for before; every part knows a
 * repetition by the answer's id.
 */
export const answerSurvey = async (ports: AnswerSurveyPorts, reply: SurveyReply): Promise<AnswerSurveyOutcome> => {
  const mine = answerOf(reply);
  await ports.expect(mine);
  const { kind } = await ports.answers.add(mine);
  if (kind === 'written') {
    await follow(ports, reply.survey, mine);
    return { kind: 'recorded', answer: mine };
  }
  const answer = (await ports.answers.get(mine.invitationId)) ?? mine;
  await followAnswer(ports, answer);
  return { kind: 'answered', answer };
};

/**
 * Looks at an answer that was about to be stored half a minute ago: if it was, and its request died before all that follows
 * was done, that is done now. Done twice is done once.
 * @throws EngagementError `bad-input` for a payload that is none
 */
export const finishAnswer = async (
  ports: AnswerSurveyPorts & { readonly answers: Pick<SurveyAnswers, 'unfollowed'> },
  payload: unknown,
): Promise<void> => {
  const { success, data } = answerPayload.safeParse(payload);
  if (!success)
    throw new EngagementError('bad-input', 'due work of an answer does not fit its contract: see who placed it');
  const answer = await ports.answers.unfollowed(data.invitationId);
  if (answer !== undefined) await followAnswer(ports, answer);
};
