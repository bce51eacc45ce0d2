import type { EventProperties } from '../audience/rule-subject.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';
import type { ContactRule, ProductLine } from '../policy/policy.ts';

/** Reactions that make reminders needless: never an open (product.md C5). */
export const reactionKinds = [
  'renew-page',
  'reply',
  'click',
  'call',
  'payment',
  'call-requested',
  'not-renewing',
] as const;
export type ReactionKind = (typeof reactionKinds)[number];

/** Why a journey ended before its last step. */
export type ExitReason =
  | 'renewed'
  | 'lapsed'
  | 'cancelled'
  | 'deceased'
  | 'not-renewing'
  | 'contradiction'
  | 'superseded'
  /** An exit rule, an exit event or an `exit` step of the definition ended it; `exit.because` says which. */
  | 'by-definition'
  | 'campaign-cancelled';

/** One policy, or one customer, in one campaign for one occurrence. Stored under the person; the truth that due rows only hint at. */
export interface Enrolment {
  readonly partyId: PartyId;
  readonly campaign: string;
  /** Content hash of the definition it began with, and finishes on. */
  readonly definition: string;
  /** The policy it is about; absent where the campaign's subject is the customer. */
  readonly policyId?: PolicyId;
  /** What makes this one different from the next for the same subject. For a renewal the first day of the term that is
   *  ending (`renewal`) or beginning (`renewal-survey`), so that a moved date keeps the occurrence; for a birthday the
   *  year; for a claim its number; for an event its business key; for a run of a recurring campaign its date. */
  readonly occurrence: string;
  /** What it began for, where `occurrence` is a number because re-entry is limited (never, after-exit; ADR 0083). */
  readonly occasion?: string;
  /** The civil date that step offsets count from, as last planned. */
  readonly anchorOn: CivilDate;
  /** Of the policy, as last planned, so that a due step needs no other read: where its days are counted … */
  readonly zone: ZoneId;
  /** … by which line's cadence … */
  readonly line?: ProductLine;
  /** … and who is written to; `direct` where it is about no policy. */
  readonly contactRule: ContactRule;
  readonly intermediary?: string;
  readonly scope: string;
  readonly state: 'active' | 'finished' | 'exited';
  readonly exit?: { readonly reason: ExitReason; readonly at: Instant; readonly because?: string };
  /** The next step and when it is due; absent once not active. In a flow that waits for an event: the step to go on with
   *  when the event does not come, and until when it may come. */
  readonly next?: { readonly step: string; readonly at: Instant };
  /** The wait step that an event would end; absent while none is waited for. */
  readonly awaits?: string;
  /** The wait for a date that it stands in, which ends anew when the date moves; absent while there is none. */
  readonly waitsUntil?: {
    readonly step: string;
    /** When the journey came to it. */
    readonly from: Instant;
    /** The end by the date as last known; `next.at` unless that was past. */
    readonly end: Instant;
    /** The last day of the term whose dates these are: those of the next term are others, and not moved ones. */
    readonly termEndsOn?: CivilDate;
  };
  /** Properties of the event that began it. */
  readonly event?: EventProperties;
  /** Events that it began with or that moved it on, so that no copy does so again: `eventMark` of follow-event.ts. */
  readonly heard?: readonly string[];
  /** Steps whose message failed for good. */
  readonly failed?: readonly string[];
  readonly reaction?: { readonly kind: ReactionKind; readonly at: Instant };
  /** Steps acted on or passed over for a reason of their own. A step that was too late is not among them: a date moved
   *  to a later day gives it another chance. */
  readonly done: readonly string[];
  /** Flow: steps that the journey came back to, and how often it had performed them before: part of what names the next
   *  message of such a step, or the ledger would take it for the one before. */
  readonly rounds?: Readonly<Record<string, number>>;
  /** How many journeys emitted one another until this one began or was woken; absent where none did. */
  readonly hops?: number;
  readonly enteredAt: Instant;
  readonly version: number;
}

/** Names an enrolment, short enough for a queue message. */
export interface EnrolmentRef {
  readonly partyId: PartyId;
  readonly campaign: string;
  readonly policyId?: PolicyId;
  readonly occurrence: string;
}
