import type { PinnedDefinition } from '../campaign/definition.ts';
import type { SendOrder } from '../message/message.ts';
import { addDuration, type Instant } from '../platform/time.ts';
import type { Enrolment } from './enrolment.ts';
import type { StepEffect } from './evaluate-step.ts';
import { roundOf } from './journey-entries.ts';

/** An enrolment with what its due steps came to, and where it stands after them. */
export interface Turn {
  readonly pinned: PinnedDefinition;
  /** As read: its version is the condition of the write. */
  readonly before: Enrolment;
  readonly after: Enrolment;
  readonly effects: readonly StepEffect[];
}

/** Most policies that one message speaks of: more get another message. */
export const MERGED_MOST = 100;

/** Orders of one key speak of the same thing to the same person in the same way. */
const keyOf = ({ before: { contactRule } }: Turn, order: SendOrder): string =>
  JSON.stringify([
    order.partyId,
    order.campaign,
    order.definition,
    order.step,
    order.round ?? 0,
    order.channel,
    order.template,
    contactRule,
  ]);

/** Until when the same step of another enrolment may be due so as to be told of in the same message. */
const mergesUntil = ({ pinned, before }: Turn, order: SendOrder): Instant | undefined => {
  const { merge } = pinned.definition;
  return merge && addDuration(order.dueAt, merge.within, before.zone);
};

/**
 * The enrolments of the same person that stand before the same step, due soon enough to be told of with `order`: their
 * step is looked at now, and joins if it comes to the same kind of message (product.md C5).
 */
export const joining = (turn: Turn, order: SendOrder, others: readonly Enrolment[]): readonly Enrolment[] => {
  const until = mergesUntil(turn, order);
  if (until === undefined) return [];
  return others.filter(
    (other) =>
      other.state === 'active' &&
      other.awaits === undefined &&
      other.definition === turn.before.definition &&
      other.contactRule === turn.before.contactRule &&
      other.next?.step === order.step &&
      other.next.at <= until &&
      roundOf(other, order.step) === order.round,
  );
};

/** Whether the step of another enrolment, looked at now, came to a message that `order` can tell of as well. */
export const joins = (turn: Turn, order: SendOrder, other: Turn): boolean => {
  const until = mergesUntil(turn, order);
  return other.effects.some(
    (effect) =>
      effect.kind === 'order' &&
      keyOf(other, effect.order) === keyOf(turn, order) &&
      until !== undefined &&
      effect.order.dueAt <= until,
  );
};

const joined = (orders: readonly SendOrder[]): SendOrder => {
  const [first] = orders as readonly [SendOrder];
  return orders.length === 1
    ? first
    : {
        ...first,
        enrolments: orders.flatMap(({ enrolments }) => enrolments),
        dueAts: orders.map(({ dueAt }) => dueAt),
      };
};

const idOf = ({ before: { policyId, occurrence } }: Turn): string => `${policyId ?? ''}#${occurrence}`;

const byDue = (a: Turn, b: Turn): number =>
  (a.before.next?.at ?? 0) - (b.before.next?.at ?? 0) || (idOf(a) < idOf(b) ? -1 : 1);

/**
 * The orders of some turns, one for all that speak to one person of the same where the definition asks for it. The
 * earliest due one names the message and takes in what is due within the time. Cut off after that, a run makes other
 * groups of what is left; whichever order comes first serves those of its enrolments that no other served (ADR 0081).
 */
export const mergeOrders = (turns: readonly Turn[]): readonly SendOrder[] => {
  const merged: SendOrder[] = [];
  const open = new Map<string, { readonly until: Instant; readonly orders: SendOrder[] }>();
  for (const turn of [...turns].sort(byDue))
    for (const order of turn.effects.flatMap((effect) => (effect.kind === 'order' ? [effect.order] : []))) {
      const until = mergesUntil(turn, order);
      if (until === undefined) {
        merged.push(order);
        continue;
      }
      const key = keyOf(turn, order);
      const group = open.get(key);
      if (group && order.dueAt <= group.until && group.orders.length < MERGED_MOST) group.orders.push(order);
      else {
        if (group) merged.push(joined(group.orders));
        open.set(key, { until, orders: [order] });
      }
    }
  return [...merged, ...[...open.values()].map(({ orders }) => joined(orders))];
};
