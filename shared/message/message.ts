import type { Channel, SendClass, Topic } from '../customer/customer.ts';
import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';

/**
 * A message to be sent, as the journey hands it to a send queue: names, no content and no personal data. Everything
 * that may change before it goes (consent, address, premium, days left) is read when it goes.
 */
export interface SendOrder {
  /** Names the message and its timeline row. Of a merged message: that of its first enrolment. */
  readonly sendId: SendId;
  /** `sms`: a text that the insurer's gateway relays. */
  readonly channel: Extract<Channel, 'email' | 'post' | 'sms'>;
  readonly sendClass: SendClass;
  /** Of the campaign: who gets a scarce contact. */
  readonly priority: number;
  readonly campaign: string;
  readonly definition: string;
  readonly step: string;
  readonly template: string;
  /** The version of the template that the definition was approved with (F34). */
  readonly templateVersion: string;
  readonly partyId: PartyId;
  /** Whom it serves: one, or several policies of one person whose messages were merged (C5); one reservation each. */
  readonly enrolments: readonly EnrolmentRef[];
  /** Of a merged message: when the step of each of `enrolments` was due, in their order; all at `dueAt` where absent. */
  readonly dueAts?: readonly Instant[];
  /** How often the journey had performed this step before it came back to it; absent the first time. */
  readonly round?: number;
  /** Set where a run wrote to its audience directly: there are references, but no enrolment rows. */
  readonly broadcast?: boolean;
  /** The survey that an invite asks to answer. */
  readonly survey?: string;
  /** The version of the survey that the definition was approved with: an answer belongs to it. */
  readonly surveyVersion?: string;
  /** The customer asked for this very message moments ago: no consent, cap or quiet hour stands against it. */
  readonly requested?: true;
  /** Set where it goes to the address that the customer has named and not confirmed yet. */
  readonly to?: 'unconfirmed';
  /** What advertising is about, where the customer may refuse it by topic. */
  readonly topic?: Topic;
  /** Links to other sites lead through our redirect, which notes the click. */
  readonly trackClicks?: true;
  /** The insurer's gateway that a text goes through. */
  readonly gateway?: string;
  /** When the step was due, and after when it must not go out any more. */
  readonly dueAt: Instant;
  readonly useBy: Instant;
  /** Set where it goes once more because the outcome of an earlier call stayed unknown. */
  readonly resend?: Resend;
}

/** A second call for one message: allowed for service and statutory mail, and to an operator (reliability.md 0.4). */
interface Resend {
  /** Owner token of the reservation whose outcome is unknown; only that one may be taken over. */
  readonly of: string;
  readonly by: 'rule' | 'operator';
}

/** Why a message was not sent, for good. */
export type SkipReason =
  | 'too-late'
  | 'no-email'
  | 'no-postal-address'
  | 'no-consent'
  | 'opted-out'
  | 'suppressed'
  | 'deceased'
  | 'situation-silence'
  | 'frequency-cap'
  | 'exited'
  | 'already-reacted'
  | 'condition-not-met'
  | 'through-intermediary'
  | 'no-channel'
  | 'contradiction'
  | 'rescheduled'
  | 'recalled'
  | 'no-phone'
  | 'contact-budget'
  | 'holiday'
  | 'cancelled'
  /** The invitation has its answer. */
  | 'already-answered'
  /** The same person was asked the same survey within the time in which it must not be repeated. */
  | 'asked-recently'
  | 'topic-refused'
  /** The customer wants to hear less often, or nothing for a while. */
  | 'pace'
  | 'paused-by-customer'
  /** Told of in one message with another policy (C5). */
  | 'merged';

/** Why a message waits. */
export type HoldReason =
  | 'quiet-hours'
  | 'holiday'
  | 'frequency-cap'
  | 'contact-budget'
  | 'situation-silence'
  /** The customer wants to hear less often, or nothing for a while. */
  | 'pace'
  | 'paused-by-customer'
  | 'no-quota'
  /** The campaign is paused, or everything is stopped: on the shelf until that ends (ADR 0083). */
  | 'paused'
  | 'stopped'
  /** Its campaign was launched minutes ago and can still be cancelled (C8). */
  | 'not-yet';

/** Why a message failed: a person may have to act. */
export type FailReason =
  | 'missing-value'
  | 'rejected'
  | 'too-large'
  | 'rendering-failure'
  | 'unknown-outcome'
  | 'not-printable';

/** How a message stands. Only forward, by `rankOf`. */
export type MessageState =
  | 'held'
  | 'unknown'
  | 'accepted'
  | 'delivered'
  | 'bounced'
  | 'complained'
  | 'skipped'
  | 'failed'
  | 'composed'
  | 'handed-over'
  | 'recalled'
  | 'returned';

/**
 * The order in which states may follow each other: SES events come in any order and many times, so a row only ever
 * moves to a higher rank. What happened in the mailbox outranks what we meant; a complaint outranks all.
 */
const RANK: Readonly<Record<MessageState, number>> = {
  held: 10,
  skipped: 15,
  // above skipped: whoever made the call knows more than whoever decided not to (soak, seed 1903)
  unknown: 20,
  composed: 40,
  accepted: 40,
  recalled: 45,
  delivered: 50,
  'handed-over': 50,
  failed: 60,
  returned: 70,
  bounced: 70,
  complained: 90,
};

/** Rank of a state; a bounce for good (`permanent`) outranks one that may pass or that our content caused. */
export const rankOf = (state: MessageState, reason?: string): number =>
  RANK[state] + (state === 'bounced' && reason === 'permanent' ? 5 : 0);

/** Where the trace of a decision lies, and with it the mail or letter as it was sent: an entry of an object in the
 *  messages bucket, gzipped by itself (ADR 0086). */
export interface Proof {
  readonly key: string;
  /** First byte of the entry in the object, and how many there are. */
  readonly from: number;
  readonly length: number;
  /** SHA-256 of the mail or letter, base64url; of no bytes where none was made. */
  readonly sha256: string;
  /** SHA-256 of the trace's line, base64url. */
  readonly trace: string;
}

/** One row of a person's timeline (engagement history). `T#at#kind#id` under the person. */
export interface TimelineEntry {
  readonly partyId: PartyId;
  readonly at: Instant;
  readonly kind: 'message' | 'reaction' | 'fact' | 'task' | 'consent';
  readonly id: string;
  readonly policyIds: readonly PolicyId[];
  readonly campaign?: string;
  readonly step?: string;
  readonly channel?: Channel;
  readonly sendClass?: SendClass;
  readonly state?: MessageState;
  /** On a message a `SkipReason`, `HoldReason` or `FailReason`; on other rows what their writer says. */
  readonly reason?: string;
  /** The message as it was sent, with the decision that let it go. */
  readonly proof?: Proof;
  /** The latest decision against sending it. */
  readonly trace?: Proof;
  /** Kept while the outcome is unknown, so that the message can be sent again. */
  readonly order?: SendOrder;
  /** Free details for people to read, no markup. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}
