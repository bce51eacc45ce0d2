import type { CampaignControl } from '../campaign/campaign.ts';
import type { Controls } from '../campaign/control.ts';
import type { Gate, Profile } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { Profiles } from '../customer/profile-store.ts';
import type { DueWork } from '../journey/due-work.ts';
import { type Enrolments, enrolmentKey } from '../journey/enrolment-store.ts';
import { decideContact } from '../message/contact-rules.ts';
import type { ContactSettings } from '../message/contact-settings.ts';
import { type JourneyState, journeyRefusal, journeyStateOf, partRefusal } from '../message/decide-order.ts';
import type { SendOrder, SkipReason } from '../message/message.ts';
import { sendIdsOf } from '../message/send-ids.ts';
import type { Timeline, TimelineKey } from '../message/timeline-store.ts';
import type { Instant } from '../platform/time.ts';
import { type Letter, placeOf } from './letter.ts';
import type { Letters } from './letter-store.ts';

/** What recalling needs from outside. */
export interface RecallPorts {
  readonly letters: Pick<Letters, 'move'>;
  readonly gates: Pick<Gates, 'getMany' | 'release'>;
  readonly enrolments: Pick<Enrolments, 'getMany'>;
  readonly profiles: Pick<Profiles, 'persons'>;
  readonly timeline: Timeline;
  readonly due: Pick<DueWork, 'place'>;
  readonly controls: Pick<Controls, 'of'>;
  readonly settings: () => Promise<ContactSettings>;
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

/** What stands about a composed letter at the cut-off. */
interface LetterFacts {
  readonly journeys: readonly JourneyState[];
  readonly gate: Gate | undefined;
  readonly profile: Profile | undefined;
  readonly control: CampaignControl | undefined;
  readonly now: Instant;
  readonly settings: ContactSettings;
}

/** Why a composed letter must not go any more, or undefined where it may. Use-by, caps and budget were looked at when it
 *  was composed: a later contact must not call back an earlier one. Pure. */
const recallReason = (
  letter: Letter,
  { journeys, gate, control, now, settings }: LetterFacts,
): SkipReason | undefined => {
  if (control?.kind === 'cancelled') return 'cancelled';
  if (gate === undefined) return 'exited';
  const { order } = letter;
  const decision = decideContact({
    order: { ...order, useBy: now },
    gate: { ...gate, recent: {} },
    reachable: true,
    now,
    settings: { ...settings, closedDays: {} },
  });
  return decision.kind === 'skip' ? decision.reason : journeyRefusal(order, journeys);
};

/** Why a letter that may go must say something else, or go elsewhere, than it does (C5, F43). */
const remakeReason = ({ order, place }: Letter, { journeys, profile }: LetterFacts): string | undefined => {
  if (placeOf(profile?.address) !== place) return 'address-changed';
  return journeys.some((journey, part) => partRefusal(order, journey, part)) ? 'partly-exited' : undefined;
};

/** The letter's own state comes last: it is what keeps a repeat from doing the rest. */
const recall = async (ports: RecallPorts, letter: Letter, reason: SkipReason): Promise<void> => {
  const details = { because: reason, recalledAt: ports.clock() };
  await ports.timeline.advance(letterRow(letter), 'recalled', { reason: 'recalled', details });
  // The step comes again on another day: without this its letter would count as sent.
  if (reason === 'rescheduled') await ports.gates.release(letter.partyId, sendIdsOf(letter.order), letter.owner);
  await ports.letters.move(letter, 'composed', 'recalled');
};

/**
 * Takes a letter out of the batch and has it composed anew, under today's date and for what stands. Marked first and done
 * with last: a hand-over that is cut off in between finds the mark and goes on.
 */
const remake = async (ports: RecallPorts, letter: Letter, because: string): Promise<void> => {
  if (letter.state === 'composed' && !(await ports.letters.move(letter, 'composed', 'remaking'))) return;
  const now = ports.clock();
  await ports.timeline.advance(letterRow(letter), 'recalled', {
    reason: 'recalled',
    details: { because, recalledAt: now },
  });
  await ports.gates.release(letter.partyId, sendIdsOf(letter.order), letter.owner);
  const { dueAts: _, ...order } = letter.order;
  // another row than that of the letter that was recalled
  const payload: SendOrder = { ...order, dueAt: now };
  await ports.due.place([{ at: now, kind: 'order', id: `${order.sendId}-${letter.owner}`, payload }], now);
  await ports.letters.move(letter, 'remaking', 'recalled');
};

/** Letters of a batch by what may happen to them now. */
export interface Recalled {
  readonly going: readonly Letter[];
  /** Their campaign is paused, or everything is stopped: they stay as they are. */
  readonly waiting: readonly Letter[];
}

/** The control of each letter's campaign where the letter belongs, read strongly. */
const readControls = async (ports: RecallPorts, letters: readonly Letter[]) => {
  const read = new Map<string, ReadonlyMap<string, CampaignControl>>();
  for (const [scope, those] of Map.groupBy(letters, (letter) => letter.scope))
    read.set(scope, await ports.controls.of([...new Set(those.map(({ campaign }) => campaign))], scope));
  return ({ scope, campaign }: Letter): CampaignControl | undefined => read.get(scope)?.get(campaign);
};

/**
 * Recalls those of `letters` whose customer has renewed, died, opted out or left in any other way since they were
 * composed, and those of cancelled campaigns; until the cut-off that is all that stands between a decision and the
 * printer. Those whose address changed, or of whose policies some renewed, are composed anew. Gates, enrolments,
 * profiles and campaigns are read strongly. Idempotent, and repeatable after an interruption.
 * @returns the others, in the same order
 */
export const recallLetters = async (ports: RecallPorts, letters: readonly Letter[]): Promise<Recalled> => {
  const going: Letter[] = [];
  const waiting: Letter[] = [];
  const settings = await ports.settings();
  for (let from = 0; from < letters.length; from += CHUNK) {
    const chunk = letters.slice(from, from + CHUNK);
    const parties = [...new Set(chunk.map(({ partyId }) => partyId))];
    const [gates, enrolments, persons] = await Promise.all([
      ports.gates.getMany(parties),
      ports.enrolments.getMany(chunk.flatMap(({ order }) => (order.broadcast ? [] : order.enrolments))),
      ports.profiles.persons(parties),
    ]);
    const controlOf = await readControls(ports, chunk);
    for (const letter of chunk) {
      const [gate, control, now] = [gates.get(letter.partyId), controlOf(letter), ports.clock()];
      const { order } = letter;
      const journeys = order.broadcast
        ? []
        : order.enrolments.map((ref) => journeyStateOf(enrolments.get(enrolmentKey(ref)), order.step));
      const facts = { journeys, gate, control, profile: persons.get(letter.partyId)?.profile, now, settings };
      const reason = letter.state === 'remaking' ? undefined : recallReason(letter, facts);
      const again = letter.state === 'remaking' ? 'remade' : remakeReason(letter, facts);
      if (reason !== undefined) await recall(ports, letter, reason);
      else if (again !== undefined) await remake(ports, letter, again);
      else if (control?.kind === 'hold') waiting.push(letter);
      else going.push(letter);
    }
  }
  return { going, waiting };
};
