import * as z from 'zod';
import type { Timeline } from '../message/timeline-store.ts';
import type { Bus } from '../platform/bus.ts';
import { derivedId } from '../platform/ids.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { Answers, SurveyAnswer } from './answer-store.ts';
import { PAGES_SOURCE, type SurveyAnswered } from './contract.ts';
import { type Invitation, invitationIdOf } from './invitation.ts';

/** Longest comment, in characters. */
const MAX_COMMENT = 1_000;

const surveyForm = z.object({
  score: z
    .string()
    .regex(/^(?:\d|10)$/)
    .transform(Number),
  comment: z
    .string()
    .max(MAX_COMMENT)
    .transform((text) =>
      text
        .replaceAll('\r\n', '\n')
        .replaceAll(/[\p{Cc}--\n]/gv, ' ')
        .trim(),
    )
    .optional(),
});

export type SurveyReading =
  | { readonly kind: 'read'; readonly score: number; readonly comment?: string }
  | { readonly kind: 'wrong'; readonly field: 'score' | 'comment' };

/** Reads the satisfaction page's form: 0 … 10 and a comment. */
export const readSurveyForm = (form: Readonly<Record<string, string>>): SurveyReading => {
  const parsed = surveyForm.safeParse(form);
  if (!parsed.success)
    return { kind: 'wrong', field: parsed.error.issues[0]?.path[0] === 'comment' ? 'comment' : 'score' };
  const { score, comment } = parsed.data;
  return { kind: 'read', score, ...(comment ? { comment } : {}) };
};

/** The score that a mail's link preselects; undefined where it is none. */
export const preselectedScore = (text: string | undefined): number | undefined =>
  text !== undefined && /^(?:\d|10)$/.test(text) ? Number(text) : undefined;

export interface AnswerSurveyPorts {
  readonly answers: Answers;
  readonly timeline: Pick<Timeline, 'record'>;
  readonly bus: Bus;
}

export type AnswerSurveyOutcome =
  | { readonly kind: 'recorded'; readonly answer: SurveyAnswer }
  /** The invitation had its answer; this one is dropped. */
  | { readonly kind: 'answered'; readonly answer: SurveyAnswer };

/**
 * Stores the one answer of an invitation (F30), then writes it into the timeline and tells the bus. Whoever comes second
 * repeats what follows from the first answer: a crash between the answer and its event heals by the next press of the
 * button, and timeline and consumers know a repeated event by its id.
 */
export const answerSurvey = async (
  { answers, timeline, bus }: AnswerSurveyPorts,
  invitation: Invitation,
  given: { readonly score: number; readonly comment?: string },
  now: Instant,
): Promise<AnswerSurveyOutcome> => {
  const invitationId = invitationIdOf(invitation);
  const { partyId, policyId, campaign, occurrence, step } = invitation;
  const survey = campaign ?? 'survey';
  const mine: SurveyAnswer = { id: derivedId('survey-answer', invitationId), at: now, ...given };
  const written = await answers.addSurvey(
    invitationId,
    { survey, partyId, ...(policyId === undefined ? {} : { policyId }) },
    mine,
  );
  const answer = written.kind === 'written' ? mine : ((await answers.survey(invitationId)) ?? mine);
  await timeline.record({
    partyId,
    at: answer.at,
    kind: 'reaction',
    id: answer.id,
    policyIds: policyId === undefined ? [] : [policyId],
    ...(campaign === undefined ? {} : { campaign }),
    ...(step === undefined ? {} : { step }),
    details: {
      page: 'survey',
      score: answer.score,
      ...(answer.comment === undefined ? {} : { text: answer.comment }),
    },
  });
  const detail: SurveyAnswered = {
    schemaVersion: 1,
    eventId: answer.id,
    occurredAt: formatInstant(answer.at),
    partyId,
    invitationId,
    ...(policyId === undefined ? {} : { policyId }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(occurrence === undefined ? {} : { occurrence }),
    ...(step === undefined ? {} : { step }),
    survey,
    score: answer.score,
    hasComment: answer.comment !== undefined,
  };
  await bus.publish([{ source: PAGES_SOURCE, detailType: 'SurveyAnswered', detail, at: answer.at }]);
  return { kind: written.kind === 'written' ? 'recorded' : 'answered', answer };
};
