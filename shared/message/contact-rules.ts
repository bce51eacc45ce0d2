import type { Channel, Gate, Situation } from '../customer/customer.ts';
import { unreachable } from '../platform/errors.ts';
import { addDays, civilDateAt, DAY, HOUR, type Instant, instantAt, wallTimeAt, type ZoneId } from '../platform/time.ts';
import type { ContactSettings, QuietHours } from './contact-settings.ts';
import type { HoldReason, SendOrder, SkipReason } from './message.ts';

/** What the rules say about one message at one instant. */
export type ContactDecision =
  | { readonly kind: 'send' }
  /** Not now: decide again at `until`, which lies within the use-by. */
  | { readonly kind: 'hold'; readonly until: Instant; readonly reason: HoldReason }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

/** What a decision rests on. `reachable`: there is an address for the order's channel. */
export interface ContactQuestion {
  readonly order: Pick<SendOrder, 'sendId' | 'channel' | 'sendClass' | 'useBy'>;
  readonly gate: Gate;
  readonly reachable: boolean;
  readonly now: Instant;
  readonly settings: ContactSettings;
}

const skip = (reason: SkipReason): ContactDecision => ({ kind: 'skip', reason });

const addressMissing: Readonly<Record<SendOrder['channel'], SkipReason>> = {
  email: 'no-email',
  post: 'no-postal-address',
};

/** True in quiet hours. */
const isQuiet = (at: Instant, zone: ZoneId, { from, until }: QuietHours): boolean => {
  const wall = wallTimeAt(at, zone);
  return from <= until ? from <= wall && wall < until : from <= wall || wall < until;
};

/** The first instant ≥ `at` outside the quiet hours of `zone`: `at` itself, or the clocks' next showing of `until`. */
export const nextOpen = (at: Instant, zone: ZoneId, quiet: QuietHours | undefined): Instant => {
  if (!quiet || quiet.from === quiet.until || !isQuiet(at, zone, quiet)) return at;
  const today = civilDateAt(at, zone);
  const opening = instantAt(today, quiet.until, zone);
  return opening > at ? opening : instantAt(addDays(today, 1), quiet.until, zone);
};

/** The first instant ≥ `now` at which no cap is reached, as far as the gate's contacts of today tell. */
const capOpens = ({ order, gate, now, settings }: ContactQuestion): Instant => {
  const sent = Object.entries(gate.recent)
    .filter(([id, contact]) => id !== order.sendId && contact.sendClass === order.sendClass)
    .map(([, contact]) => contact.at)
    .sort((a, b) => b - a);
  const opens = settings.caps
    .filter((cap) => cap.sendClass === order.sendClass)
    // the oldest of the last `max` contacts must have left the window
    .map(({ max, days }) => (sent[max - 1] ?? Number.NEGATIVE_INFINITY) + days * DAY);
  return Math.max(now, ...opens) as Instant;
};

/** Consent of the recipient for this channel and class; statutory messages need none. */
const consentRefusal = (
  gate: Gate,
  channel: Channel,
  { sendClass }: ContactQuestion['order'],
): SkipReason | undefined => {
  const service = gate.consent[`${channel}/service`];
  const marketing = gate.consent[`${channel}/marketing`];
  switch (sendClass) {
    case 'statutory':
      return undefined;
    case 'service':
      return service?.given === false ? 'opted-out' : undefined;
    case 'marketing':
      if (service?.given === false || marketing?.given === false) return 'opted-out';
      // consent whose wording nobody can show is good for service only (product.md D1)
      return marketing === undefined || marketing.wording === 'legacy-unproven' ? 'no-consent' : undefined;
    default:
      return unreachable(sendClass);
  }
};

/** A channel shut for good is shut for statutory mail too, because it would not arrive: the journey has another one.
 *  After soft bounces only, a statutory message is tried all the same. */
const isShut = ({ order, gate }: ContactQuestion): boolean => {
  const why = gate.suppressed[order.channel];
  return why !== undefined && !(why === 'soft-bounces' && order.sendClass === 'statutory');
};

/** The strictest that any of the person's situations asks for. */
const silenceOf = ({ order, gate, settings }: ContactQuestion): 'send' | 'hold' | 'skip' => {
  const asked = gate.situations.map((situation: Situation) => settings.situations[situation][order.sendClass]);
  if (asked.includes('skip')) return 'skip';
  return asked.includes('hold') ? 'hold' : 'send';
};

/**
 * Decides whether one message may go to one person now: the one place of consent, suppression, silence, quiet hours,
 * frequency cap and use-by for every channel (product.md M3). Pure; the answer with its `now` can be replayed.
 *
 * The order of the rules decides only which reason is told: what is final comes first, what passes with time last. A
 * message that would wait beyond its use-by is skipped at once, with the reason that kept it waiting (quiet hours:
 * `too-late`).
 */
export const decideContact = (question: ContactQuestion): ContactDecision => {
  const { order, gate, reachable, now, settings } = question;
  if (gate.situations.includes('deceased')) return skip('deceased');
  if (now > order.useBy) return skip('too-late');
  if (!reachable) return skip(addressMissing[order.channel]);
  if (isShut(question)) return skip('suppressed');
  const refusal = consentRefusal(gate, order.channel, order);
  if (refusal) return skip(refusal);

  const silence = silenceOf(question);
  if (silence === 'skip') return skip('situation-silence');
  if (silence === 'hold') {
    const until = Math.min(now + settings.situationRecheckHours * HOUR, order.useBy) as Instant;
    return until === now ? skip('situation-silence') : { kind: 'hold', until, reason: 'situation-silence' };
  }

  const uncapped = capOpens(question);
  // a letter wakes nobody
  const quiet = order.channel === 'post' ? undefined : settings.quietHours[order.sendClass];
  const until = nextOpen(uncapped, gate.zone, quiet);
  if (until === now) return { kind: 'send' };
  const capped = uncapped > now;
  if (until > order.useBy) return skip(capped ? 'frequency-cap' : 'too-late');
  return { kind: 'hold', until, reason: capped ? 'frequency-cap' : 'quiet-hours' };
};
