import type { PartyId } from '../platform/ids.ts';
import { type BounceType, mayBeAutoReply } from './bounce-kinds.ts';
import type { TimelineEntry } from './message.ts';
import type { Timeline } from './timeline-store.ts';

/** This many soft bounces in a row, without a delivery between them, shut the channel. */
const SOFT_BOUNCES = 5;
/** How far back in a person's history they are looked for. */
const LOOK_BACK = 100;

/** How a mail ended, as the row of soft bounces sees it; undefined where it says nothing about the mailbox: not known yet,
 *  or refused for what we wrote. */
const endOf = ({ kind, channel, state, reason, details = {} }: TimelineEntry): 'arrived' | 'came-back' | undefined => {
  if (kind !== 'message' || channel !== 'email') return undefined;
  if (state === 'delivered') return 'arrived';
  if (state !== 'bounced' || reason === 'content') return undefined;
  if (reason !== 'transient') return 'came-back';
  // the mailbox took it and answered that nobody is there: the customer is on holiday, not gone
  const [type, subType = ''] = String(details.bounce ?? '').split('/');
  const isAutoReply = details.deliveredAt !== undefined && mayBeAutoReply(type as BounceType, subType);
  return isAutoReply ? 'arrived' : 'came-back';
};

/**
 * The latest mail of a row of five that all came back, where the latest five with a known end did. Read from the history,
 * so that copies of one event count once and their order does not matter.
 */
export const lastOfSoftBounces = async (
  timeline: Pick<Timeline, 'list'>,
  partyId: PartyId,
): Promise<TimelineEntry | undefined> => {
  const { entries } = await timeline.list(partyId, { limit: LOOK_BACK });
  const latest = entries.filter((entry) => endOf(entry) !== undefined).slice(0, SOFT_BOUNCES);
  const cameBack = latest.every((entry) => endOf(entry) === 'came-back');
  return latest.length === SOFT_BOUNCES && cameBack ? latest[0] : undefined;
};
