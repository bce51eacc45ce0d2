import type { Profile, RecentContact, SendClass } from '../customer/customer.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import { isPaced } from './contact-rules.ts';
import { decideOrder } from './decide-order.ts';
import { type DecidedOrder, decideOrders, traceOf, type Verdict } from './decide-orders.ts';
import { compareUrgency } from './decide-together.ts';
import type { Proof, SendOrder } from './message.ts';
import type { OpenPart } from './order-parts.ts';
import { type Evidence, keepProof } from './proof.ts';
import type { ComposedMail, SendPorts } from './send-ports.ts';

/** Until when a reservation's owner may be at work: longer than a function may run, shorter than the queue waits
 *  before it delivers again (3 minutes). */
export const LEASE = 2 * MINUTE;
/** A message without room is decided once more this long before its use-by, if the room does not come sooner. */
const LAST_CALL = 10 * MINUTE;

/** A verdict with what was made of it, and where both are kept. */
export interface PlannedPart {
  readonly verdict: Verdict;
  /** Of a message that may go. */
  readonly mail?: ComposedMail;
  readonly proof: Proof;
}

/** What is to be done with one order: nothing of it is written yet, but the proof. */
export interface MailPlan {
  readonly order: SendOrder;
  readonly error?: unknown;
  readonly reserved: DecidedOrder['reserved'];
  readonly refused: readonly PlannedPart[];
  readonly main?: PlannedPart;
}

/** The contact that a reservation writes. */
export const contactOf = ({ recipient: { order }, row }: OpenPart, owner: string, at: Instant): RecentContact => ({
  at,
  channel: order.channel,
  sendClass: order.sendClass,
  owner,
  leaseUntil: (at + LEASE) as Instant,
  row,
  ...(isPaced(order) ? { paced: true } : {}),
});

/** Where an order of a channel that is sent by wire goes. */
export const addressOf = ({ channel }: Pick<SendOrder, 'channel'>, { email, phone }: Profile): string | undefined =>
  channel === 'sms' ? phone : email;

const roomAgain = (useBy: Instant, retryAt: Instant, now: Instant): Instant =>
  (retryAt <= useBy ? retryAt : Math.max(now + MINUTE, useBy - LAST_CALL)) as Instant;

/** Takes room at the provider for what may go, class by class; what gets none is held, the least urgent first. */
const lease = async (
  ports: Pick<SendPorts, 'quota'>,
  decided: readonly DecidedOrder[],
  now: Instant,
): Promise<readonly DecidedOrder[]> => {
  const going = decided.filter(({ main }) => main?.decision.kind === 'send');
  const refused = new Map<DecidedOrder, Instant>();
  for (const [sendClass, those] of Map.groupBy(going, ({ order }): SendClass => order.sendClass)) {
    const { granted, retryAt } = await ports.quota.lease(sendClass, those.length, now);
    const behind = [...those].sort((a, b) => compareUrgency(a.order, b.order)).slice(granted);
    for (const one of behind) refused.set(one, roomAgain(one.order.useBy, retryAt ?? ((now + MINUTE) as Instant), now));
  }
  return decided.map((one) => {
    const noRoomUntil = refused.get(one);
    if (noRoomUntil === undefined || one.main === undefined) return one;
    const question = { ...one.main.question, noRoomUntil };
    return { ...one, main: { ...one.main, question, decision: decideOrder(question) } };
  });
};

/**
 * Decides a batch of mails, makes those that may go and keeps the proof of the whole batch, decisions and mails, in one
 * object: before any reservation, because a mail without proof must not go, and proof of one that did not go harms nobody.
 * @param leased there is room at the provider for them already
 */
export const planMails = async (
  ports: SendPorts,
  orders: readonly SendOrder[],
  leased = false,
): Promise<readonly MailPlan[]> => {
  const now = ports.clock();
  const asked = await decideOrders(ports, orders, now, {
    reachable: (profile, order) => addressOf(order, profile) !== undefined,
    contactOf: (part) => contactOf(part, 'planned', now),
  });
  const decided = leased ? asked : await lease(ports, asked, now);

  const evidence: Evidence[] = [];
  const keep = (verdict: Verdict, mail?: ComposedMail): Omit<PlannedPart, 'proof'> & { readonly at: number } => {
    const made = mail?.kind === 'rendered' ? mail : undefined;
    evidence.push({ trace: traceOf(verdict, made?.content), ...(made ? { body: made.raw } : {}) });
    return { verdict, ...(mail ? { mail } : {}), at: evidence.length - 1 };
  };
  interface Draft extends Omit<MailPlan, 'refused' | 'main'> {
    readonly refused: readonly ReturnType<typeof keep>[];
    readonly main?: ReturnType<typeof keep>;
  }
  const drafts = await Promise.all(
    decided.map(async ({ order, error, reserved, refused, main }): Promise<Draft> => {
      if (error !== undefined) return { order, error, reserved, refused: [] };
      try {
        const mail = main?.decision.kind === 'send' ? await ports.compose(main.recipient, now, main.row) : undefined;
        return {
          order,
          reserved,
          refused: refused.map((verdict) => keep(verdict)),
          ...(main ? { main: keep(main, mail) } : {}),
        };
      } catch (fault) {
        return { order, error: fault, reserved: [], refused: [] };
      }
    }),
  );
  const proofs = evidence.length === 0 ? [] : await keepProof(ports.proof, ports.token(), evidence, now);
  const proven = ({ at, ...part }: ReturnType<typeof keep>): PlannedPart => ({ ...part, proof: proofs[at] as Proof });
  return drafts.map(({ refused, main, ...draft }) => ({
    ...draft,
    refused: refused.map(proven),
    ...(main ? { main: proven(main) } : {}),
  }));
};
