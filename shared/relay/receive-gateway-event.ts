import type { TaggedRow } from '../message/mail-tags.ts';
import { tellUndelivered } from '../message/tell-journeys.ts';
import type { AdvanceOutcome, Timeline, TimelineChange } from '../message/timeline-store.ts';
import { unreachable } from '../platform/errors.ts';
import type { GatewayEvent } from './contract.ts';
import { type ReplyPorts, receiveReply } from './receive-reply.ts';
import { readReference } from './reference.ts';

/** What receipts and replies need from outside. */
export interface GatewayEventPorts extends ReplyPorts {
  readonly timeline: Pick<Timeline, 'advance' | 'record'>;
}

/** What an event did. `foreign`: it names no text of ours, and nobody here has that number. */
export type GatewayEventOutcome = { readonly kind: 'advanced' | 'behind' | 'replied' | 'stopped' | 'foreign' };

/** Moves the text's row on; where the receipt is faster than our own write, writes it from the reference (F18). */
const move = async (
  { timeline }: GatewayEventPorts,
  row: TaggedRow,
  state: 'delivered' | 'failed',
  change: TimelineChange,
): Promise<AdvanceOutcome> => {
  const more = { ...change, ...(row.proof ? { proof: row.proof } : {}) };
  const first = await timeline.advance(row, state, more);
  if (first !== 'absent') return first;
  const written = await timeline.record({ ...row, channel: 'sms', state, ...more });
  return written === 'written' ? 'advanced' : timeline.advance(row, state, more);
};

/**
 * Takes what a gateway tells: a receipt moves the text's row on, a failure takes the step's failure branch, a reply is
 * `receiveReply`'s. Any number of copies in any order end in the same state, so a call that is played again does nothing.
 * @param eventId the call's signed id
 */
export const receiveGatewayEvent = async (
  ports: GatewayEventPorts,
  gateway: string,
  event: GatewayEvent,
  eventId: string,
): Promise<GatewayEventOutcome> => {
  const { reference } = event.data;
  const row = reference === undefined ? undefined : readReference(reference);
  if (event.type === 'text.reply') return receiveReply(ports, { gateway, eventId, reply: event.data, row });
  if (row === undefined) return { kind: 'foreign' };
  switch (event.type) {
    case 'text.delivered': {
      const outcome = await move(ports, row, 'delivered', { details: { deliveredAt: event.data.at, gateway } });
      return { kind: outcome === 'advanced' ? 'advanced' : 'behind' };
    }
    case 'text.failed': {
      const { at, code } = event.data;
      const details = { detail: code, failedAt: at, gateway };
      const outcome = await move(ports, row, 'failed', { reason: 'rejected', details });
      const heard = { ...row, channel: 'sms' } as const;
      await tellUndelivered({ ...ports, journeys: ports.changes }, heard, { because: `gateway:${code}`, at });
      return { kind: outcome === 'advanced' ? 'advanced' : 'behind' };
    }
    default:
      return unreachable(event);
  }
};
