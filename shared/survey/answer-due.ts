import * as z from 'zod';
import type { DueItem } from '../journey/due-work.ts';
import { type Instant, SECOND } from '../platform/time.ts';
import type { SurveyAnswer } from './answer.ts';

/** Payload of due work of kind `answer`. The person's, so that it lies with what else that person has due. */
export const answerPayload = z.strictObject({ invitationId: z.string().min(1), partyId: z.string().min(1) });

/** How long after a request began it is looked at whether it did all it should: it ends long before. */
const LOOK_AFTER = 30 * SECOND;

/** The look at an answer that is about to be stored. */
export const lookAtAnswer = (
  { invitationId, partyId }: Pick<SurveyAnswer, 'invitationId' | 'partyId'>,
  now: Instant,
): DueItem => ({
  at: (now + LOOK_AFTER) as Instant,
  kind: 'answer',
  id: invitationId,
  payload: { invitationId, partyId } satisfies z.input<typeof answerPayload>,
});
