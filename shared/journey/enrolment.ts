import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';
import type { ContactRule, ProductLine } from '../policy/policy.ts';

/** A reaction that makes reminders needless: never an open (product.md C5). */
export type ReactionKind = 'renew-page' | 'reply' | 'click' | 'call' | 'payment' | 'call-requested' | 'not-renewing';

/** Why a journey ended before its last step. */
export type ExitReason =
  | 'renewed'
  | 'lapsed'
  | 'cancelled'
  | 'deceased'
  | 'not-renewing'
  | 'contradiction'
  | 'superseded';

/** One policy in one campaign for one occurrence. Stored under the person; the truth that due rows only hint at. */
export interface Enrolment {
  readonly partyId: PartyId;
  readonly campaign: string;
  /** Content hash of the definition it began with, and finishes on. */
  readonly definition: string;
  readonly policyId: PolicyId;
  /** For a renewal: the first day of the term that is ending (`renewal`) or beginning (`renewal-survey`), so that a
   *  moved date keeps the occurrence. */
  readonly occurrence: string;
  /** The civil date that step offsets count from, as last planned. */
  readonly anchorOn: CivilDate;
  /** Of the policy, as last planned, so that a due step needs no other read: where its days are counted … */
  readonly zone: ZoneId;
  /** … by which line's cadence … */
  readonly line: ProductLine;
  /** … and who is written to. */
  readonly contactRule: ContactRule;
  readonly intermediary?: string;
  readonly scope: string;
  readonly state: 'active' | 'finished' | 'exited';
  readonly exit?: { readonly reason: ExitReason; readonly at: Instant };
  /** The next step and when it is due; absent once not active. */
  readonly next?: { readonly step: string; readonly at: Instant };
  readonly reaction?: { readonly kind: ReactionKind; readonly at: Instant };
  /** Steps acted on or passed over for a reason of their own. A step that was too late is not among them: a date moved
   *  to a later day gives it another chance. */
  readonly done: readonly string[];
  readonly enteredAt: Instant;
  readonly version: number;
}

/** Names an enrolment, short enough for a queue message. */
export interface EnrolmentRef {
  readonly partyId: PartyId;
  readonly campaign: string;
  readonly policyId: PolicyId;
  readonly occurrence: string;
}
