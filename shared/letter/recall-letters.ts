import type { Gate } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import { type Enrolments, enrolmentKey } from '../journey/enrolment-store.ts';
import { decideContact } from '../message/contact-rules.ts';
import type { ContactSettings } from '../message/contact-settings.ts';
import type { SkipReason } from '../message/message.ts';
import { journeyRefusal } from '../message/read-recipients.ts';
import type { Timeline, TimelineKey } from '../message/timeline-store.ts';
import type { Instant } from '../platform/time.ts';
import type { Letter } from './letter.ts';
import type { Letters } from './letter-store.ts';

/** What recalling needs from outside. */
export interface RecallPorts {
  readonly letters: Pick<Letters, 'move'>;
  readonly gates: Pick<Gates, 'getMany' | 'release'>;
  readonly enrolments: Pick<Enrolments, 'getMany'>;
  readonly timeline: Timeline;
  readonly settings: ContactSettings;
  readonly clock: () => Instant;
}

/** Read together in one go; as many as one batch read takes. */
const CHUNK = 100;

/** The timeline row of a letter. */
export const letterRow = (letter: Pick<Letter, 'partyId' | 'row' | 'letterId'>): TimelineKey => ({
  partyId: letter.partyId,
  at: letter.row,
  kind: 'message',
  id: letter.letterId,
});

/** Why a composed letter must not go any more, or undefined where it may. Use-by and caps were looked at when it was
 *  composed: a later contact must not call back an earlier one. Pure. */
const recallReason = (
  letter: Letter,
  enrolments: readonly (Enrolment | undefined)[],
  gate: Gate | undefined,
  now: Instant,
  settings: ContactSettings,
): SkipReason | undefined => {
  if (gate === undefined) return 'exited';
  const order = { sendId: letter.letterId, channel: 'post', sendClass: letter.sendClass, useBy: now } as const;
  const decision = decideContact({ order, gate, reachable: true, now, settings: { ...settings, caps: [] } });
  return decision.kind === 'skip' ? decision.reason : journeyRefusal({ order: letter, enrolments });
};

/** The letter's own state comes last: it is what keeps a repeat from doing the rest. */
const recall = async (ports: RecallPorts, letter: Letter, reason: SkipReason): Promise<void> => {
  const details = { because: reason, recalledAt: ports.clock() };
  await ports.timeline.advance(letterRow(letter), 'recalled', { reason: 'recalled', details });
  // The step comes again on another day: without this its letter would count as sent.
  if (reason === 'rescheduled') await ports.gates.release(letter.partyId, [letter.letterId], letter.owner);
  await ports.letters.move(letter, 'composed', 'recalled');
};

/**
 * Recalls those of `letters` whose customer has renewed, died, opted out or left in any other way since they were
 * composed; until the cut-off that is all that stands between a decision and the printer. Gates and enrolments are read
 * strongly. Idempotent, and repeatable after an interruption.
 * @returns the letters that may go, in the same order
 */
export const recallLetters = async (ports: RecallPorts, letters: readonly Letter[]): Promise<readonly Letter[]> => {
  const going: Letter[] = [];
  for (let from = 0; from < letters.length; from += CHUNK) {
    const chunk = letters.slice(from, from + CHUNK);
    const [gates, enrolments] = await Promise.all([
      ports.gates.getMany([...new Set(chunk.map(({ partyId }) => partyId))]),
      ports.enrolments.getMany(chunk.flatMap((letter) => letter.enrolments)),
    ]);
    for (const letter of chunk) {
      const own = letter.enrolments.map((ref) => enrolments.get(enrolmentKey(ref)));
      const reason = recallReason(letter, own, gates.get(letter.partyId), ports.clock(), ports.settings);
      if (reason === undefined) going.push(letter);
      else await recall(ports, letter, reason);
    }
  }
  return going;
};
