import type { Gate, Profile } from '../customer/customer.ts';
import type { Objects } from '../platform/objects.ts';
import type { Instant } from '../platform/time.ts';
import type { Conclusions } from './conclude-order.ts';
import type { ContactDecision, ExplainedDecision } from './contact-rules.ts';
import type { ContactSettings } from './contact-settings.ts';
import type { OrderQuestion } from './decide-order.ts';
import { traceOf } from './decide-orders.ts';
import { decideTogether } from './decide-together.ts';
import type { Proof, SendOrder } from './message.ts';
import { keepProof } from './proof.ts';

/** An order that was decided with the others of its person: what was asked, and what the contact rules answered. */
export interface PersonVerdict {
  readonly order: SendOrder;
  readonly question: OrderQuestion;
  readonly decision: ExplainedDecision;
}

/** One that does not go now; `row`: the instant at which its row stands. */
export interface LostOrder extends PersonVerdict {
  readonly row: Instant;
  readonly decision: Exclude<ContactDecision, { kind: 'send' }> & ExplainedDecision;
}

const hasAddress = ({ email, phone, address }: Profile, { channel, to }: SendOrder): boolean =>
  to === 'unconfirmed' || { email, sms: phone, post: address }[channel] !== undefined;

/**
 * Decides the orders of one person together by the contact rules in force, before they are on their queues. Campaign and
 * journey were asked by whoever made the orders: the question says that they stand, for whoever sends asks them again.
 */
export const createDecidePerson =
  (settings: () => Promise<ContactSettings>) =>
  async (
    orders: readonly SendOrder[],
    { gate, profile }: { readonly gate: Gate; readonly profile: Profile },
    now: Instant,
  ): Promise<readonly PersonVerdict[]> => {
    const country = profile.address?.country;
    return decideTogether(
      orders.map((order) => ({ order, reachable: hasAddress(profile, order) })),
      { gate, now, settings: await settings(), ...(country === undefined ? {} : { country }) },
    ).map(({ asked: { order }, question, decision }) => ({
      order,
      question: {
        ...question,
        order,
        control: { kind: 'go' },
        journeys: order.broadcast ? [] : order.enrolments.map(() => ({ state: 'active' })),
      },
      decision,
    }));
  };

/** Keeps the decisions about orders that lost, all in one object. @param token names a new object; alphanumeric */
export const createKeepLost =
  (proof: Pick<Objects, 'put'>, token: () => string) =>
  (lost: readonly PersonVerdict[], now: Instant): Promise<readonly Proof[]> =>
    keepProof(
      proof,
      token(),
      lost.map((verdict) => ({ trace: traceOf(verdict) })),
      now,
    );

/** Ends orders that lost against others of their person: first their decisions are kept, where somebody keeps them, then
 *  each row says why and points there (M8). */
export const createConcludeLost =
  (
    ends: Pick<Conclusions, 'hold' | 'skip'>,
    keep: (lost: readonly LostOrder[], now: Instant) => Promise<readonly Proof[]>,
  ) =>
  async (lost: readonly LostOrder[], now: Instant): Promise<void> => {
    if (lost.length === 0) return;
    const traces = await keep(lost, now);
    await Promise.all(
      lost.map(({ order, row, decision }, n) =>
        decision.kind === 'hold'
          ? ends.hold(order, row, decision.reason, decision.until, traces[n])
          : ends.skip(order, row, decision.reason, traces[n]),
      ),
    );
  };
