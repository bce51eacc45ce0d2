import { derivedId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { Clicks, MessageKey } from './click-store.ts';
import { judgeClicks } from './judge-clicks.ts';
import type { TimelineEntry } from './message.ts';
import { type TellPorts, tellClicked } from './tell-journeys.ts';
import type { Timeline } from './timeline-store.ts';

/** What judging the clicks of a message needs from outside. */
export interface SettleClicksPorts extends TellPorts {
  readonly timeline: Pick<Timeline, 'get' | 'noteOnce' | 'record'>;
  readonly clicks: Pick<Clicks, 'of' | 'forget'>;
}

/** Who clicked; `gone`: there is no such message (any more). */
export type SettledClicks = { readonly kind: 'person' | 'scanner' | 'none' | 'gone' };

/** When the mail reached the recipient's server, as far as is known. */
const deliveredAtOf = ({ at, details = {} }: TimelineEntry): Instant =>
  Number(details.deliveredAt ?? details.acceptedAt ?? at) as Instant;

/**
 * Judges the clicks of one message: a person's click is noted on its row, becomes a reaction in the history and is told to
 * the journeys; a scanner's is noted on the row and no more. Idempotent: a message has one reaction by click, the first.
 * Where the message is gone, because its customer was erased, its clicks go too, and nothing is written (F42).
 */
export const settleClicks = async (ports: SettleClicksPorts, message: MessageKey): Promise<SettledClicks> => {
  const { timeline, clicks } = ports;
  const row = await timeline.get({ ...message, kind: 'message' });
  if (row === undefined) {
    await clicks.forget(message);
    return { kind: 'gone' };
  }
  const judged = judgeClicks(await clicks.of(message), deliveredAtOf(row));
  const scanner = judged.find((click) => click.by === 'scanner');
  if (scanner?.by === 'scanner')
    await timeline.noteOnce(row, 'scannedAt', { scannedAt: scanner.at, scannedBy: scanner.sign });
  const person = judged.find((click) => click.by === 'person');
  if (person !== undefined) await timeline.noteOnce(row, 'clickedAt', { clickedAt: person.at });

  // the instant on the row counts: it names the reaction, whichever run noted it
  const clickedAt = (await timeline.get(row))?.details?.clickedAt as Instant | undefined;
  const { campaign, step } = row;
  if (clickedAt === undefined || campaign === undefined || step === undefined)
    return { kind: scanner === undefined ? 'none' : 'scanner' };
  await timeline.record({
    partyId: row.partyId,
    at: clickedAt,
    kind: 'reaction',
    id: derivedId('click', row.id),
    policyIds: row.policyIds,
    campaign,
    step,
    ...(row.channel === undefined ? {} : { channel: row.channel }),
    reason: 'click',
  });
  await tellClicked(ports, { ...row, campaign, step }, clickedAt);
  return { kind: 'person' };
};
