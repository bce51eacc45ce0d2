import { stepSendId } from '../journey/journey-entries.ts';
import type { SendId } from '../platform/ids.ts';
import type { SendOrder } from './message.ts';

/**
 * The send ids that an order reserves: one for each enrolment, the message's own first. Each is the id that an order for
 * that enrolment alone would have, so that it finds the merged message's reservation (C5).
 */
export const sendIdsOf = (
  order: Pick<SendOrder, 'sendId' | 'enrolments' | 'step' | 'round' | 'channel'>,
): readonly [SendId, ...SendId[]] => {
  const [, ...others] = order.enrolments;
  return [order.sendId, ...others.map((ref) => stepSendId(ref, { id: order.step }, order.channel, order.round))];
};

/**
 * The order for some of its enrolments only.
 * @param parts positions among `order.enrolments`, ascending; at least one
 * @param sendId of the message; the first remaining enrolment's unless given
 */
export const narrowed = (order: SendOrder, parts: readonly number[], sendId?: SendId): SendOrder => {
  const ids = sendIdsOf(order);
  const pick = <Value>(values: readonly Value[]): Value[] => parts.map((part) => values[part] as Value);
  return {
    ...order,
    sendId: sendId ?? (ids[parts[0] ?? 0] as SendId),
    enrolments: pick(order.enrolments),
    // due as its first would be by itself, so that both mean one row
    dueAt: (sendId === undefined ? order.dueAts?.[parts[0] ?? 0] : undefined) ?? order.dueAt,
    ...(order.dueAts ? { dueAts: pick(order.dueAts) } : {}),
  };
};
