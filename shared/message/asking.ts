import type { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { DAY, HOUR, type Instant } from '../platform/time.ts';
import type { SendOrder, SkipReason } from './message.ts';
import type { Recipient } from './send-ports.ts';

/** Whom a message asks which survey: what names the invitation, however many messages speak of it. */
export interface SurveyInvite {
  readonly survey: string;
  /** The version that the campaign was approved with. */
  readonly surveyVersion: string;
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
  readonly campaign: string;
  readonly occurrence: string;
  readonly step: string;
}

/** The last time that a person was asked a survey. */
export interface AskedSurvey {
  readonly invitationId: string;
  readonly invitedAt: Instant;
  /** Set once the person has answered the survey since, to whichever invitation. */
  readonly answeredAt?: Instant;
}

/** All that the decision whether somebody may be asked rests on: it is kept with the decision. */
export interface Asking {
  readonly invitationId: string;
  /** Of the survey: nobody is asked again within this time. */
  readonly repeatAfterDays: number;
  /** Absent where the person was never asked this survey. */
  readonly asked?: AskedSurvey;
  /** Set where another invitation stands in `asked` for which no message went out. */
  readonly unsent?: true;
  /** When this invitation got its answer. */
  readonly answeredAt?: Instant;
}

/** Longer than any worker takes from noting that somebody is asked to the message that asks: what has no message by then,
 *  never got one (ADR 0104). */
const UNSENT_AFTER = HOUR;

/** Why a person is not asked now; undefined where they may be. A reminder belongs to the invitation that it reminds of. */
export const askingRefusal = (asking: Asking | undefined, now: Instant): SkipReason | undefined => {
  if (asking === undefined) return undefined;
  const { invitationId, repeatAfterDays, asked, unsent, answeredAt } = asking;
  if (answeredAt !== undefined) return 'already-answered';
  if (asked === undefined) return undefined;
  if (asked.invitationId === invitationId) return asked.answeredAt === undefined ? undefined : 'already-answered';
  if (now >= asked.invitedAt + repeatAfterDays * DAY) return undefined;
  return unsent && asked.answeredAt === undefined && now > asked.invitedAt + UNSENT_AFTER
    ? undefined
    : 'asked-recently';
};

/** What became of an attempt to ask. */
export type AskOutcome =
  /** Noted, before the message goes: nobody else asks this person the same from now on. */
  | {
      readonly kind: 'asked';
      /** Takes back the row of the invitation where its message surely did not go, and no other message of it did. */
      readonly unsend: () => Promise<void>;
    }
  | { readonly kind: 'refused'; readonly asking: Asking };

/** Who was asked what. Reads are strong. */
export interface AskingPort {
  /** @returns for each order what is known of the person and the survey that it asks; undefined where it asks nothing; the
   *  fault of one that names a survey that does not exist */
  read(orders: readonly SendOrder[]): Promise<readonly (Asking | EngagementError | undefined)[]>;
  /** Asks: called after the reservation of the message and before its call, so that every answer that came before the
   *  reservation is seen, and of several invitations at once one goes. Safe to repeat. */
  ask(recipient: Pick<Recipient, 'order' | 'profile' | 'policies'>, now: Instant): Promise<AskOutcome>;
}

/** For channels by which no survey is asked. */
export const askingNothing: AskingPort = {
  read: async (orders) => orders.map(() => undefined),
  ask: async () => ({ kind: 'asked', unsend: async () => {} }),
};

/** The survey that an order asks; undefined where it asks none. A message asks about its first policy. */
export const inviteOf = (
  order: Pick<SendOrder, 'survey' | 'surveyVersion' | 'partyId' | 'campaign' | 'enrolments' | 'step'>,
): SurveyInvite | undefined => {
  const { survey, surveyVersion, partyId, campaign, step } = order;
  const [ref] = order.enrolments;
  if (survey === undefined || surveyVersion === undefined || ref === undefined) return undefined;
  const { policyId, occurrence } = ref;
  return {
    survey,
    surveyVersion,
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    campaign,
    occurrence,
    step,
  };
};

/** What the orders of a batch that are decided to go leave behind for those after them, by person and survey. */
export const createPlannedAskings = () => {
  const planned = new Map<string, AskedSurvey>();
  const keyOf = ({ partyId, survey }: Pick<SendOrder, 'partyId' | 'survey'>): string => `${partyId}#${survey}`;
  return {
    seen: (order: SendOrder, asking: Asking | undefined): Asking | undefined => {
      const before = planned.get(keyOf(order));
      if (asking === undefined || before === undefined) return asking;
      const { unsent: _, ...rest } = asking;
      return { ...rest, asked: before };
    },
    goes: (order: SendOrder, asking: Asking | undefined, now: Instant): void => {
      if (asking === undefined || asking.asked?.invitationId === asking.invitationId) return;
      planned.set(keyOf(order), { invitationId: asking.invitationId, invitedAt: now });
    },
  };
};
