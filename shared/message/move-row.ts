import type { Gates } from '../customer/gate-store.ts';
import { MAX_TAGGED, type TaggedRow } from './mail-tags.ts';
import type { MessageState } from './message.ts';
import type { Timeline, TimelineChange } from './timeline-store.ts';

/** What moving a row needs from outside. */
export interface MovePorts {
  readonly timeline: Pick<Timeline, 'advance' | 'record'>;
  readonly gates: Pick<Gates, 'getMany'>;
}

/** `gone`: there is neither the row nor anybody whose it could be, because the customer was erased. */
export type Moved = 'advanced' | 'behind' | 'gone';

/**
 * Moves a mail's row on; where the event is faster than the sender's own write, writes it from the tags (F18). The gate
 * tells the two kinds of absence apart: the sender reserved there before it called, so that a person without one is no
 * customer any more, and nothing is written about whom we were told to forget (F42).
 */
export const moveRow = async (
  { timeline, gates }: MovePorts,
  row: TaggedRow,
  state: MessageState,
  more: TimelineChange,
): Promise<Moved> => {
  const change = {
    ...more,
    ...(row.proof ? { proof: row.proof } : {}),
    // when it was held it may have been about more policies
    ...(row.policyIds.length > 0 && row.policyIds.length < MAX_TAGGED ? { policyIds: row.policyIds } : {}),
  };
  const first = await timeline.advance(row, state, change);
  if (first !== 'absent') return first;
  if (!(await gates.getMany([row.partyId])).has(row.partyId)) return 'gone';
  if ((await timeline.record({ ...row, channel: 'email', state, ...change })) === 'written') return 'advanced';
  return (await timeline.advance(row, state, change)) === 'advanced' ? 'advanced' : 'behind';
};
