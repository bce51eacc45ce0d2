import type { Channel, SendClass } from '../customer/customer.ts';
import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';

/**
 * A message to be sent, as the journey hands it to a send queue: names, no content and no personal data. Everything
 * that may change before it goes (consent, address, premium, days left) is read when it goes.
 */
export interface SendOrder {
  readonly sendId: SendId;
  readonly channel: Extract<Channel, 'email' | 'post'>;
  readonly sendClass: SendClass;
  readonly campaign: string;
  readonly definition: string;
  readonly step: string;
  readonly template: string;
  readonly partyId: PartyId;
  /** One today; several once messages of the same step to the same person are merged (next issue): one reservation each. */
  readonly enrolments: readonly EnrolmentRef[];
  /** When the step was due, and after when it must not go out any more. */
  readonly dueAt: Instant;
  readonly useBy: Instant;
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
  | 'recalled';

/** Why a message waits. */
export type HoldReason = 'quiet-hours' | 'frequency-cap' | 'situation-silence' | 'no-quota' | 'paused';

/** Why a message failed: a person may have to act. */
export type FailReason = 'missing-value' | 'rejected' | 'too-large' | 'rendering-failure' | 'unknown-outcome' | 'not-printable';

/**
 * How a message stands. Only forward, in this order of rank: reserved < unknown < accepted < delivered < bounced,
 * complained; skipped and failed are ends of their own.
 */
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
  readonly reason?: SkipReason | HoldReason | FailReason | string;
  /** Free details for people to read, no markup. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}
