import type { Channel, Gate, Pace, RecentContact } from '../customer/customer.ts';
import { closedFor } from '../customer/may-contact.ts';
import {
  addDays,
  civilDateAt,
  DAY,
  HOUR,
  type Instant,
  instantAt,
  startOfDay,
  wallTimeAt,
  type ZoneId,
} from '../platform/time.ts';
import type { ContactSettings, QuietHours } from './contact-settings.ts';
import { countryOfZone, isClosedDay } from './holidays.ts';
import type { HoldReason, SendOrder, SkipReason } from './message.ts';

/** What the rules say about one message at one instant. */
export type ContactDecision =
  | { readonly kind: 'send' }
  /** Not now: decide again at `until`, which lies within the use-by. */
  | { readonly kind: 'hold'; readonly until: Instant; readonly reason: HoldReason }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

/** One rule as it was looked at: what it said and the figures it rests on (counts, wall times, instants in ms). */
export interface RuleVerdict {
  readonly rule:
    | 'alive'
    | 'use-by'
    | 'address'
    | 'suppression-and-consent'
    | 'topic'
    | 'situation'
    | 'customer-pause'
    | 'pace'
    | 'frequency-cap'
    | 'contact-budget'
    | 'holiday'
    | 'quiet-hours';
  readonly verdict: 'pass' | 'hold' | 'skip';
  /** Of a hold: when this rule alone would let the message go. */
  readonly until?: Instant;
  readonly figures: Readonly<Record<string, string | number | boolean>>;
}

/** A decision with the rules that were looked at, in their order: for "why", proof and pre-flight. */
export type ExplainedDecision = ContactDecision & { readonly explain: readonly RuleVerdict[] };

/** What a decision rests on. Everything is an argument, so that the same question gives the same answer for ever. */
export interface ContactQuestion {
  readonly order: Pick<SendOrder, 'sendId' | 'sendClass' | 'useBy' | 'priority' | 'topic' | 'requested' | 'to'> & {
    readonly channel: Channel;
  };
  readonly gate: Gate;
  /** There is an address for the order's channel. */
  readonly reachable: boolean;
  /** ISO 3166-1 alpha-2 of the recipient's address, for holidays; that of the gate's zone unless given. */
  readonly country?: string;
  readonly now: Instant;
  readonly settings: ContactSettings;
}

const addressMissing: Readonly<Record<Channel, SkipReason>> = {
  email: 'no-email',
  post: 'no-postal-address',
  phone: 'no-phone',
  sms: 'no-phone',
  visit: 'no-postal-address',
};

/** In how many days a customer hears at most once of what is not about a contract (docs/guides/messages.md). */
export const PACE_DAYS: Readonly<Record<Pace, number>> = { weekly: 7, monthly: 30, quarterly: 90 };

/** True for what the customer may have less of or none at all: advertising, and questions or news that a service campaign
 *  gave a topic. What is about a contract has none, and what was asked for moments ago is answered. */
export const isPaced = ({
  sendClass,
  topic,
  requested,
}: Pick<SendOrder, 'sendClass' | 'topic' | 'requested'>): boolean =>
  requested === undefined && (sendClass === 'marketing' || (sendClass === 'service' && topic !== undefined));

/** The last instant there is: what no waiting opens. */
const NEVER = 8.64e15 as Instant;

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

/** The contacts of a person that a message competes with: all but its own and those that failed, one for each message
 *  however many reservations it has. */
const otherContacts = ({ order, gate }: ContactQuestion): readonly RecentContact[] => {
  const messages = new Map<string, RecentContact>();
  for (const [id, contact] of Object.entries(gate.recent)) {
    const message = contact.message ?? id;
    if (id !== order.sendId && message !== order.sendId && !contact.failed) messages.set(message, contact);
  }
  return [...messages.values()];
};

const held = (
  rule: RuleVerdict['rule'],
  until: number,
  now: Instant,
  figures: RuleVerdict['figures'],
): RuleVerdict & { readonly until: Instant } => ({
  rule,
  verdict: until > now ? 'hold' : 'pass',
  until: Math.max(until, now) as Instant,
  figures,
});

/** Each cap of the order's class: when the oldest of the last `max` contacts has left the window. */
const capVerdicts = (question: ContactQuestion, contacts: readonly RecentContact[]) => {
  const { order, now, settings } = question;
  return settings.caps
    .filter((cap) => cap.sendClass === order.sendClass && (cap.channels?.includes(order.channel) ?? true))
    .map(({ max, days, channels }) => {
      const sent = contacts
        .filter((contact) => contact.sendClass === order.sendClass && (channels?.includes(contact.channel) ?? true))
        .map(({ at }) => at)
        .sort((a, b) => b - a);
      const inWindow = sent.filter((at) => at + days * DAY > now).length;
      const opens = max === 0 ? NEVER : (sent[max - 1] ?? Number.NEGATIVE_INFINITY) + days * DAY;
      return held('frequency-cap', opens, now, { sent: inWindow, max, days });
    });
};

/** The contact budget: when enough points have left the window for the message's own. */
const budgetVerdicts = (question: ContactQuestion, contacts: readonly RecentContact[]) => {
  const { order, now, settings } = question;
  const { points, days, allowance, classes } = settings.budget;
  if (classes[order.sendClass] !== 'blocked') return [];
  const own = points[order.channel];
  const counted = contacts
    .filter(({ sendClass, at }) => classes[sendClass] !== 'free' && at + days * DAY > now)
    .sort((a, b) => a.at - b.at);
  const used = counted.reduce((sum, { channel }) => sum + points[channel], 0);
  let left = used;
  let opens: number = now;
  for (const { at, channel } of counted) {
    if (left + own <= allowance) break;
    left -= points[channel];
    opens = at + days * DAY;
  }
  if (left + own > allowance) opens = NEVER;
  return [held('contact-budget', opens, now, { points: own, used, allowance, days })];
};

/** What the customer said on the preference page about how often, and about a while of quiet. */
const preferenceVerdicts = ({ order, gate, now }: ContactQuestion, contacts: readonly RecentContact[]) => {
  const { pace, pausedUntil } = gate.preferences ?? {};
  if (!isPaced(order)) return [];
  const pause = pausedUntil === undefined ? [] : [held('customer-pause', pausedUntil, now, { pausedUntil })];
  if (pace === undefined) return pause;
  const days = PACE_DAYS[pace];
  const last = Math.max(Number.NEGATIVE_INFINITY, ...contacts.filter(({ paced }) => paced).map(({ at }) => at));
  const figures = { pace, days };
  return [...pause, held('pace', last + days * DAY, now, Number.isFinite(last) ? { ...figures, last } : figures)];
};

/** What the person's situations ask of the order's class, the strictest first. */
const situationVerdict = ({ order, gate, settings, now }: ContactQuestion): RuleVerdict => {
  const { sendClass } = order;
  const asked = gate.situations.flatMap((situation) =>
    situation === 'deceased' ? [] : [{ situation, silence: settings.situations[situation][sendClass] }],
  );
  const found = asked.find(({ silence }) => silence === 'skip') ?? asked.find(({ silence }) => silence === 'hold');
  if (found === undefined)
    return { rule: 'situation', verdict: 'pass', figures: { situations: gate.situations.join(' ') } };
  const figures = { situation: found.situation };
  if (found.silence === 'skip') return { rule: 'situation', verdict: 'skip', figures };
  // asks once more at the use-by itself, which is the last word
  const until = Math.min(now + settings.situationRecheckHours * HOUR, order.useBy) as Instant;
  return until > now
    ? { rule: 'situation', verdict: 'hold', until, figures }
    : { rule: 'situation', verdict: 'skip', figures };
};

/** Holidays and quiet hours together: each may open into the other. */
const calendarVerdicts = (question: ContactQuestion) => {
  const { order, gate, now, settings } = question;
  const { zone } = gate;
  if (order.sendClass === 'statutory') return { verdicts: [], openAt: (at: Instant) => ({ at, holiday: false }) };
  const country = question.country ?? countryOfZone(zone);
  const closed = settings.closedDays[order.sendClass]?.[order.channel];
  const quiet = settings.wakes.includes(order.channel) ? settings.quietHours[order.sendClass] : undefined;

  const dayOpens = (from: Instant, last: Instant): Instant => {
    if (closed === undefined) return from;
    let day = civilDateAt(from, zone);
    if (!isClosedDay(day, country, closed)) return from;
    do day = addDays(day, 1);
    while (isClosedDay(day, country, closed) && startOfDay(day, zone) <= last);
    return startOfDay(day, zone);
  };
  /** The first instant ≥ `from` that is open, or one after `last`; and whether a closed day was in the way. */
  const openAt = (from: Instant, last: Instant): { readonly at: Instant; readonly holiday: boolean } => {
    let at = from;
    let holiday = false;
    for (;;) {
      const awake = nextOpen(at, zone, quiet);
      const working = dayOpens(awake, last);
      if (working > awake) holiday = true;
      if (working === at || working > last) return { at: working, holiday };
      at = working;
    }
  };

  const verdicts: RuleVerdict[] = [];
  if (closed !== undefined) {
    const day = civilDateAt(now, zone);
    verdicts.push(held('holiday', dayOpens(now, order.useBy), now, { country: country ?? 'unknown', day, closed }));
  }
  if (quiet !== undefined)
    verdicts.push(
      held('quiet-hours', nextOpen(now, zone, quiet), now, { zone, wall: wallTimeAt(now, zone), ...quiet }),
    );
  return { verdicts, openAt };
};

/** Why the channel is shut. Against what the customer asked for moments ago stands only a mailbox that nobody reads, and
 *  not even that where it goes to another one. */
const closedReason = ({ order, gate }: ContactQuestion): SkipReason | undefined => {
  if (!order.requested) return closedFor(gate, order.channel, order.sendClass);
  const dead = ['hard-bounce', 'returned-mail', 'wrong-person'].includes(gate.suppressed[order.channel] ?? '');
  return dead && order.to !== 'unconfirmed' ? 'suppressed' : undefined;
};

/** The rules that no waiting changes, in order; they end with the first that refuses. */
const finalVerdicts = (question: ContactQuestion): { readonly seen: RuleVerdict[]; readonly refusal?: SkipReason } => {
  const { order, gate, reachable, now } = question;
  const closed = closedReason(question);
  const { topic } = order;
  const refused = topic !== undefined && isPaced(order) && gate.preferences?.refusedTopics.includes(topic);
  const rules: readonly (readonly [RuleVerdict['rule'], SkipReason | undefined, RuleVerdict['figures']])[] = [
    ['alive', gate.situations.includes('deceased') ? 'deceased' : undefined, {}],
    ['use-by', now > order.useBy ? 'too-late' : undefined, { useBy: order.useBy }],
    ['address', reachable ? undefined : addressMissing[order.channel], { channel: order.channel }],
    ['suppression-and-consent', closed, { channel: order.channel, ...consentFigures(question) }],
    ['topic', refused ? 'topic-refused' : undefined, topic === undefined ? {} : { topic }],
  ];
  const seen: RuleVerdict[] = [];
  for (const [rule, refusal, figures] of rules) {
    seen.push({ rule, verdict: refusal === undefined ? 'pass' : 'skip', figures });
    if (refusal !== undefined) return { seen, refusal };
  }
  return { seen };
};

const consentFigures = ({ order, gate }: ContactQuestion): RuleVerdict['figures'] => {
  if (order.requested) return { requested: true };
  const suppressed = gate.suppressed[order.channel];
  const service = gate.consent[`${order.channel}/service`];
  const marketing = gate.consent[`${order.channel}/marketing`];
  return {
    ...(suppressed === undefined ? {} : { suppressed }),
    ...(service === undefined ? {} : { service: service.given }),
    ...(marketing === undefined ? {} : { marketing: marketing.given, wording: marketing.wording, since: marketing.at }),
  };
};

/** What a rule that only time satisfies is called as a reason. */
const WAITS = {
  'frequency-cap': 'frequency-cap',
  'contact-budget': 'contact-budget',
  'customer-pause': 'paused-by-customer',
  pace: 'pace',
} as const;

/**
 * Decides whether one message may go to one person now: the one place of consent, suppression, the customer's own
 * preferences, silence, frequency cap, contact budget, holidays, quiet hours and use-by for every channel (product.md M3,
 * M6). Pure; the answer with its `now` can be replayed.
 *
 * The order of the rules decides only which reason is told: what is final comes first, what passes with time last. A
 * message that would wait beyond its use-by is skipped at once, with the reason that kept it waiting (quiet hours:
 * `too-late`). A statutory message is sent, or skipped for one of the final rules; nothing holds it. A message that the
 * customer asked for moments ago is sent at once, unless they died or nobody reads the mailbox.
 */
export const decideContact = (question: ContactQuestion): ExplainedDecision => {
  const { order, now } = question;
  const { seen, refusal } = finalVerdicts(question);
  if (refusal !== undefined) return { kind: 'skip', reason: refusal, explain: seen };
  if (order.requested) return { kind: 'send', explain: seen };

  const situation = situationVerdict(question);
  const explain = [...seen, situation];
  if (situation.verdict === 'skip') return { kind: 'skip', reason: 'situation-silence', explain };
  if (situation.until !== undefined)
    return { kind: 'hold', until: situation.until, reason: 'situation-silence', explain };

  const contacts = otherContacts(question);
  const counts = [
    ...preferenceVerdicts(question, contacts),
    ...capVerdicts(question, contacts),
    ...budgetVerdicts(question, contacts),
  ];
  const calendar = calendarVerdicts(question);
  explain.push(...counts, ...calendar.verdicts);

  const binding = counts.reduce<(typeof counts)[number] | undefined>(
    (latest, verdict) => (verdict.until > (latest?.until ?? now) ? verdict : latest),
    undefined,
  );
  const capped = binding && WAITS[binding.rule as keyof typeof WAITS];
  const allowed = binding?.until ?? now;
  const opens = allowed > order.useBy ? { at: allowed, holiday: false } : calendar.openAt(allowed, order.useBy);
  if (opens.at === now) return { kind: 'send', explain };
  if (opens.at <= order.useBy)
    return { kind: 'hold', until: opens.at, reason: capped ?? (opens.holiday ? 'holiday' : 'quiet-hours'), explain };
  explain.push({ rule: 'use-by', verdict: 'skip', figures: { opensAt: opens.at, useBy: order.useBy } });
  return { kind: 'skip', reason: capped ?? (opens.holiday ? 'holiday' : 'too-late'), explain };
};
