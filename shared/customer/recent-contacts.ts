import type { SendId } from '../platform/ids.ts';
import type { Gate, RecentContact } from './customer.ts';

/** The message that a send id was reserved for: itself, or the one it was merged into. Undefined where it was not. */
export const messageOf = (gate: Pick<Gate, 'recent'>, sendId: SendId): SendId | undefined => {
  const contact = gate.recent[sendId];
  return contact && (contact.message ?? sendId);
};

/** All send ids that one message was reserved for, its own first. */
export const sendIdsOfMessage = (gate: Pick<Gate, 'recent'>, message: SendId): readonly SendId[] =>
  (Object.keys(gate.recent) as SendId[])
    .filter((id) => messageOf(gate, id) === message)
    .sort((a, b) => Number(b === message) - Number(a === message));

/** What one reservation puts into the gate, by send id: the contact under the message's own id, which comes first, and
 *  under each other id the same with a reference to it. */
export const reservedEntries = (
  sendIds: readonly SendId[],
  contact: RecentContact,
): readonly (readonly [SendId, RecentContact])[] => {
  const { message: _, ...own } = contact;
  const [message] = sendIds;
  return sendIds.map((id) => [id, id === message || message === undefined ? own : { ...own, message }]);
};

/** The gate as decisions see it once `sendIds` are reserved. Its version is still the one that was read: what another
 *  version holds, only a read or one's own write can tell. */
export const withReservation = (gate: Gate, sendIds: readonly SendId[], contact: RecentContact): Gate => ({
  ...gate,
  recent: { ...gate.recent, ...Object.fromEntries(reservedEntries(sendIds, contact)) },
});
