import type { CampaignControl } from '../campaign/campaign.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import { roundOf } from '../journey/journey-entries.ts';
import { unreachable } from '../platform/errors.ts';
import type { Instant } from '../platform/time.ts';
import { type Asking, askingRefusal } from './asking.ts';
import { type ContactQuestion, decideContact, type ExplainedDecision } from './contact-rules.ts';
import type { SendOrder, SkipReason } from './message.ts';

/** What an enrolment says about a step, as far as a decision rests on it; null where there is no such enrolment. */
export type JourneyState = (Pick<Enrolment, 'state' | 'next'> & Pick<SendOrder, 'round'>) | null;

/** What is asked of an enrolment about `step`. `round`: the time that it would perform it next. */
export const journeyStateOf = (enrolment: Enrolment | undefined, step: string): JourneyState => {
  if (enrolment === undefined) return null;
  const { state, next } = enrolment;
  const round = roundOf(enrolment, step);
  return { state, ...(next ? { next } : {}), ...(round === undefined ? {} : { round }) };
};

/** All that the decision about one order rests on, as data: asked again it gives the same answer (M8). */
export interface OrderQuestion extends Omit<ContactQuestion, 'order'> {
  readonly order: SendOrder;
  /** Of the order's campaign, in the recipient's part of the house. */
  readonly control: CampaignControl;
  /** One per enrolment of the order; of a broadcast none, it has no enrolment rows. */
  readonly journeys: readonly JourneyState[];
  /** What is known of the survey that it asks; absent where it asks none. */
  readonly asking?: Asking;
  /** Set where the provider has no room for it: until then. */
  readonly noRoomUntil?: Instant;
}

/** What is to be done with an order now. */
export type OrderDecision =
  | ExplainedDecision
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'hold'; readonly reason: 'not-yet' | 'no-quota'; readonly until: Instant }
  /** Until somebody resumes the campaign or releases the stop: onto the campaign's shelf. */
  | { readonly kind: 'shelve'; readonly reason: 'paused' | 'stopped' };

/** The part of an order that journeys are asked about; a letter in its batch is one too. */
type StepOrder = Pick<SendOrder, 'step' | 'round' | 'dueAt' | 'dueAts' | 'broadcast'>;

/** Why the `part`-th enrolment of an order is not written about any more: its journey ended, or its step moved to a later
 *  day. Undefined where it stands, and for a broadcast. */
export const partRefusal = (
  order: StepOrder,
  journey: JourneyState | undefined,
  part: number,
): SkipReason | undefined => {
  if (order.broadcast) return undefined;
  if (!journey || journey.state === 'exited') return 'exited';
  const { next, round } = journey;
  // a journey that came back to the step since waits for another message than this
  return next?.step === order.step && round === order.round && next.at > (order.dueAts?.[part] ?? order.dueAt)
    ? 'rescheduled'
    : undefined;
};

/** Why an order does not stand at all: none of its enrolments does. */
export const journeyRefusal = (order: StepOrder, journeys: readonly JourneyState[]): SkipReason | undefined => {
  const refusals = journeys.map((journey, part) => partRefusal(order, journey, part));
  if (order.broadcast || refusals.includes(undefined)) return undefined;
  return refusals.find((reason) => reason === 'rescheduled') ?? 'exited';
};

const byControl = ({ control, order }: OrderQuestion): OrderDecision | undefined => {
  switch (control.kind) {
    case 'go':
      return undefined;
    case 'cancelled':
      return { kind: 'skip', reason: 'cancelled' };
    case 'hold': {
      const { reason, until } = control;
      if (reason !== 'not-yet') return { kind: 'shelve', reason };
      return until === undefined || until > order.useBy
        ? { kind: 'skip', reason: 'too-late' }
        : { kind: 'hold', reason, until };
    }
    default:
      return unreachable(control);
  }
};

/**
 * Decides one order: what its campaign may do, whether its journey stands, whether the survey that it asks may be asked,
 * then the contact rules, and last the provider's room. Pure: the question is kept with the answer and can be asked again (M7, M8).
 */
export const decideOrder = (question: OrderQuestion): OrderDecision => {
  const controlled = byControl(question);
  if (controlled) return controlled;
  const refusal = journeyRefusal(question.order, question.journeys);
  // a death ends the journey too; the reason that people look for is the death
  if (refusal && !question.gate.situations.includes('deceased')) return { kind: 'skip', reason: refusal };
  const { order, gate, reachable, country, now, settings, asking, noRoomUntil } = question;
  const asked = askingRefusal(asking, now);
  if (asked) return { kind: 'skip', reason: asked };
  const decision = decideContact({
    order,
    gate,
    reachable,
    ...(country === undefined ? {} : { country }),
    now,
    settings,
  });
  if (decision.kind !== 'send' || noRoomUntil === undefined) return decision;
  return { kind: 'hold', reason: 'no-quota', until: noRoomUntil };
};
