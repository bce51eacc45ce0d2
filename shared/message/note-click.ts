import type { DueWork } from '../journey/due-work.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import type { Click } from './click.ts';
import type { Clicks, MessageKey } from './click-store.ts';
import type { ClicksPayload } from './contract.ts';

/** How long after a click it is judged: no more of the same burst comes then, and the delivery was heard of. */
const JUDGE_AFTER = MINUTE;

/** What noting a click needs from outside. */
export interface NoteClickPorts {
  readonly clicks: Pick<Clicks, 'note'>;
  readonly due: Pick<DueWork, 'place'>;
}

/**
 * Notes a click and has it judged in one to two minutes, together with all others of its minute. The due work is placed by
 * every copy, because the copy before may have died after its note.
 */
export const noteClick = async (
  { clicks, due }: NoteClickPorts,
  message: MessageKey,
  click: Click,
  now: Instant,
): Promise<void> => {
  if (!(await clicks.note(message, click))) return;
  const { partyId, at, id } = message;
  const payload: ClicksPayload = { partyId, at, id };
  // by the minute, so that a burst is one item
  const dueAt = (Math.ceil(click.at / MINUTE) * MINUTE + JUDGE_AFTER) as Instant;
  await due.place([{ at: dueAt, kind: 'clicks', id, payload }], now);
};
