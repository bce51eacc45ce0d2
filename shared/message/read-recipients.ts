import type { Gates } from '../customer/gate-store.ts';
import { enrolmentKey } from '../journey/enrolment-store.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Instant } from '../platform/time.ts';
import { type ContactDecision, decideContact } from './contact-rules.ts';
import type { ContactSettings } from './contact-settings.ts';
import type { SendOrder, SkipReason } from './message.ts';
import type { Recipient, SendPorts } from './send-ports.ts';

/**
 * Reads what a batch of orders needs in four calls: gates and enrolments strongly, because an opt-out or an exit that
 * was committed before must be seen; profiles and policies as they come.
 * @returns per order its recipient, or the fault of an order that names what does not exist
 */
export const readRecipients = async (
  ports: Pick<SendPorts, 'enrolments' | 'profiles' | 'policies'> & { readonly gates: Pick<Gates, 'getMany'> },
  orders: readonly SendOrder[],
): Promise<readonly (Recipient | EngagementError)[]> => {
  const parties = [...new Set(orders.map((order) => order.partyId))];
  const refs = orders.flatMap((order) => order.enrolments);
  const [gates, enrolments, profiles, policies] = await Promise.all([
    ports.gates.getMany(parties),
    ports.enrolments.getMany(refs),
    ports.profiles.getMany(parties),
    ports.policies.getMany([...new Set(refs.map((ref) => ref.policyId))]),
  ]);
  const missing = (what: string, id: string): EngagementError =>
    new EngagementError('not-found', `${what} ${id} of a send order does not exist: see who placed the order`);
  return orders.map((order) => {
    const own = order.enrolments.map((ref) => enrolments.get(enrolmentKey(ref)));
    const [gate, profile] = [gates.get(order.partyId), profiles.get(order.partyId)];
    const policyId = order.enrolments[0]?.policyId;
    const policy = policyId && policies.get(policyId);
    if (!gate) return missing('gate of party', order.partyId);
    if (!profile) return missing('profile of party', order.partyId);
    if (!policy) return missing('policy', policyId ?? '(none)');
    return { order, gate, enrolments: own, profile, policy };
  });
};

/** An order stands while one of its enrolments does: not exited meanwhile, its step not moved to a later day. */
export const journeyRefusal = ({
  order,
  enrolments,
}: {
  readonly order: Pick<SendOrder, 'step' | 'dueAt'>;
  readonly enrolments: Recipient['enrolments'];
}): SkipReason | undefined => {
  const live = enrolments.filter((enrolment) => enrolment !== undefined && enrolment.state !== 'exited');
  if (live.length === 0) return 'exited';
  const moved = live.every((enrolment) => enrolment?.next?.step === order.step && enrolment.next.at > order.dueAt);
  return moved ? 'rescheduled' : undefined;
};

/** Whether a mail may go to this recipient now: the journey first, then the contact rules. Pure. */
export const decideMail = (recipient: Recipient, now: Instant, settings: ContactSettings): ContactDecision => {
  const { order, gate, profile } = recipient;
  const refusal = journeyRefusal(recipient);
  // a death ends the journey too; the reason that people look for is the death
  if (refusal && !gate.situations.includes('deceased')) return { kind: 'skip', reason: refusal };
  return decideContact({ order, gate, reachable: profile.email !== undefined, now, settings });
};
