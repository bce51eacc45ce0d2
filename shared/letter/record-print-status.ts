import type { Gates } from '../customer/gate-store.ts';
import { messageRow } from '../message/message-row.ts';
import { type TellPorts, tellUndelivered } from '../message/tell-journeys.ts';
import type { Timeline } from '../message/timeline-store.ts';
import type { SendId } from '../platform/ids.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import type { LetterState } from './letter.ts';
import type { Letters } from './letter-store.ts';
import { letterRow } from './recall-letters.ts';

/** What the print house or the post says about one letter. */
export interface PrintStatus {
  readonly house: string;
  readonly printOn: CivilDate;
  readonly letterId: SendId;
  readonly status: 'printed' | 'posted' | 'returned';
  readonly at: Instant;
}

export interface PrintStatusPorts extends TellPorts {
  readonly letters: Pick<Letters, 'get' | 'move'>;
  readonly gates: Pick<Gates, 'getMany' | 'suppress'>;
  readonly timeline: Timeline;
}

export type PrintStatusOutcome = 'recorded' | 'behind' | 'unknown-letter';

/** States a letter may come from: news from the print house comes in any order, and may skip a station. */
const before: Readonly<Record<PrintStatus['status'], readonly LetterState[]>> = {
  printed: ['handed-over'],
  posted: ['handed-over', 'printed'],
  returned: ['handed-over', 'printed', 'posted'],
};

/**
 * Records what became of a printed letter. A returned one shuts the post for this person until a new address comes, so
 * that the next step goes another way, and the journeys hear that it did not arrive. Idempotent.
 */
export const recordPrintStatus = async (ports: PrintStatusPorts, news: PrintStatus): Promise<PrintStatusOutcome> => {
  const letter = await ports.letters.get(news, news.letterId);
  if (letter === undefined) return 'unknown-letter';
  const { status } = news;
  if (letter.state !== status) {
    if (!before[status].includes(letter.state)) return 'behind';
    // What follows is repeatable, and the state is what stops a repeat: it comes last.
  }
  const row = letterRow(letter);
  if (status === 'returned') {
    // who has no gate any more was erased (F42): the letter is done with, and nobody is written about
    const isKnown = (await ports.gates.getMany([letter.partyId])).has(letter.partyId);
    if (isKnown) await ports.gates.suppress(letter.partyId, 'post', 'returned-mail');
    await ports.timeline.advance(row, 'returned', { reason: 'returned-mail', details: { returnedAt: news.at } });
    const { campaign, step } = letter.order;
    const { policyIds, channel = 'post' } = messageRow(letter.order, letter.row);
    const heard = { ...row, campaign, step, policyIds, channel };
    if (isKnown) await tellUndelivered(ports, heard, { because: 'returned-mail', at: news.at });
  } else {
    await ports.timeline.complete(row, { details: { [`${status}At`]: news.at } });
  }
  if (letter.state !== status) await ports.letters.move(letter, letter.state, status);
  return 'recorded';
};
