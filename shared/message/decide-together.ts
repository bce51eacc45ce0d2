import type { SendClass } from '../customer/customer.ts';
import { type ContactQuestion, decideContact, type ExplainedDecision, isPaced } from './contact-rules.ts';

/** What all messages of one person in one tick share. */
export type SharedQuestion = Pick<ContactQuestion, 'gate' | 'country' | 'now' | 'settings'>;
/** What is asked about one of them. Callers may add fields of their own; they get them back. */
export type OwnQuestion = Pick<ContactQuestion, 'order' | 'reachable'>;

/** One message of several with what was decided for it. */
export interface DecidedTogether<Asked extends OwnQuestion> {
  readonly asked: Asked;
  /** All that the decision rests on; the gate with those before it as sent. */
  readonly question: ContactQuestion;
  readonly decision: ExplainedDecision;
}

const CLASS_ORDER: Readonly<Record<SendClass, number>> = { statutory: 0, service: 1, marketing: 2 };

/** Which of two messages to one person goes first: by class, then priority (higher first), then id. */
export const compareUrgency = (a: ContactQuestion['order'], b: ContactQuestion['order']): number =>
  CLASS_ORDER[a.sendClass] - CLASS_ORDER[b.sendClass] ||
  b.priority - a.priority ||
  (a.sendId < b.sendId ? -1 : a.sendId > b.sendId ? 1 : 0);

const asSent = ({ order, now }: ContactQuestion, gate: ContactQuestion['gate']): ContactQuestion['gate'] => ({
  ...gate,
  recent: {
    ...gate.recent,
    [order.sendId]: {
      at: now,
      channel: order.channel,
      sendClass: order.sendClass,
      owner: '',
      leaseUntil: now,
      ...(isPaced(order) ? { paced: true } : {}),
    },
  },
});

/**
 * Decides all messages that are due to one person together (C10): statutory before service before marketing, then the
 * higher priority, then the id. Each sees those before it that may go as sent, so that the scarce contact goes to the
 * message that matters most and the order in which they were placed decides nothing. Pure; any order of `asked` gives
 * the same decisions.
 * @returns in the order in which they were decided
 */
export const decideTogether = <Asked extends OwnQuestion>(
  asked: readonly Asked[],
  shared: SharedQuestion,
): readonly DecidedTogether<Asked>[] => {
  let { gate } = shared;
  return [...asked]
    .sort((a, b) => compareUrgency(a.order, b.order))
    .map((one) => {
      const question: ContactQuestion = { ...shared, order: one.order, reachable: one.reachable, gate };
      const decision = decideContact(question);
      if (decision.kind === 'send') gate = asSent(question, gate);
      return { asked: one, question, decision };
    });
};
