import type { Channel } from '../customer/customer.ts';
import { type Gates, RECENT_DAYS } from '../customer/gate-store.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId, type PartyId, type SendId } from '../platform/ids.ts';
import { DAY, type Instant } from '../platform/time.ts';
import type { Timeline } from './timeline-store.ts';

/** A call or a visit that a member of staff made. */
export interface LoggedContact {
  readonly partyId: PartyId;
  readonly channel: Extract<Channel, 'phone' | 'visit'>;
  readonly at: Instant;
  /** Who made it: an opaque user id. */
  readonly by: string;
  /** What was said, for people to read. Personal data: it stays in the timeline. */
  readonly note?: string;
  /** Whether the customer was reached, and the kind of task it was made for. */
  readonly outcome?: string;
  readonly task?: string;
}

/** Names a contact that staff had: the same one noted again has the same id. */
export const contactIdOf = (partyId: PartyId, channel: LoggedContact['channel'], at: Instant): SendId =>
  derivedId('contact', partyId, channel, at) as SendId;

/** How often a gate may change under our hands. */
const TRIES = 10;

/**
 * Notes a contact that staff had with a customer: in the gate, where it counts against the contact budget from now on,
 * and in the timeline. The same contact (person, channel, instant) noted again changes nothing.
 * @returns the id of its timeline row, or `not-found` where the person has no gate
 * @throws EngagementError `bad-input` for a contact in the future; `conflict` (retryable) while the gate keeps changing
 */
export const logContact = async (
  ports: { readonly gates: Pick<Gates, 'getMany' | 'reserve'>; readonly timeline: Pick<Timeline, 'record'> },
  { partyId, channel, at, by, note, outcome, task }: LoggedContact,
  now: Instant,
): Promise<{ readonly kind: 'logged'; readonly id: SendId } | { readonly kind: 'not-found' }> => {
  if (at > now) throw new EngagementError('bad-input', 'at lies in the future: log a contact after it took place');
  const id = contactIdOf(partyId, channel, at);
  const contact = { at, channel, sendClass: 'service', owner: id, leaseUntil: at } as const;
  for (let attempt = 0; ; attempt += 1) {
    const gate = (await ports.gates.getMany([partyId])).get(partyId);
    if (gate === undefined) return { kind: 'not-found' };
    // what no rule looks back to needs no place in the gate
    if (at < now - RECENT_DAYS * DAY || gate.recent[id] !== undefined) break;
    if ((await ports.gates.reserve(gate, [id], contact)).kind !== 'changed') break;
    if (attempt === TRIES)
      throw new EngagementError('conflict', `gate of party ${partyId} is busy: log the contact again`, {
        retryable: true,
      });
  }
  await ports.timeline.record({
    partyId,
    at,
    kind: 'fact',
    id,
    policyIds: [],
    channel,
    reason: 'contact-logged',
    details: {
      by,
      ...(task === undefined ? {} : { task }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(note === undefined ? {} : { note }),
    },
  });
  return { kind: 'logged', id };
};
