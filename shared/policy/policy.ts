import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Money } from '../platform/money.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';

/** Who is written to about a policy (product.md C5). */
export type ContactRule = 'direct' | 'intermediary' | 'copy-to-intermediary';

/** Product line: decides cadence and letter lead days, which are data in the campaign. */
export type ProductLine = 'motor' | 'home' | 'health' | 'life' | 'liability' | 'travel' | 'other';

/** One policy year. */
export interface Term {
  readonly startsOn: CivilDate;
  /** The day the next term would begin. */
  readonly renewsOn: CivilDate;
  readonly premium?: Money;
}

/** What the insurer offers for the next term. Last year's premium is never shown as the new one. */
export interface RenewalOffer {
  /** The term it is for: its first day. */
  readonly termStartsOn: CivilDate;
  readonly premium: Money;
  readonly lastPremium?: Money;
  readonly validUntil?: CivilDate;
  /** The insurer's own page where the customer pays. */
  readonly payUrl?: string;
}

export interface Claim {
  readonly claimNo: string;
  readonly type: string;
  readonly cost?: Money;
  readonly status: 'open' | 'settled' | 'disputed' | 'unknown';
  readonly occurredOn?: CivilDate;
  readonly settledOn?: CivilDate;
}

/** Why a policy is no longer in force. */
export interface Ending {
  readonly kind: 'lapsed' | 'cancelled';
  readonly on: CivilDate;
  readonly reason?: string;
}

/** A renewal as recognised: once per term, whichever way it was learnt first. */
export interface Renewal {
  readonly termStartsOn: CivilDate;
  readonly recognisedAt: Instant;
  readonly by: 'event' | 'later-term' | 'status';
}

/** Everything known now about a policy: a projection of the facts under its key, rebuilt on each change. */
export interface Policy {
  readonly policyId: PolicyId;
  readonly policyNo: string;
  readonly source: string;
  readonly scope: string;
  /** Undefined while the holder is linked to no customer record with an address to write to. */
  readonly partyId?: PartyId;
  readonly line: ProductLine;
  readonly contractStartsOn: CivilDate;
  readonly zone: ZoneId;
  readonly contactRule: ContactRule;
  readonly intermediary?: string;
  /** The latest term known. */
  readonly term: Term;
  readonly offer?: RenewalOffer;
  readonly ending?: Ending;
  /** When Perennial learnt of the ending; absent where that is history from before it knew the policy. */
  readonly endingLearntAt?: Instant;
  /** Of the latest term that Perennial saw begin; absent for history that was there at the first import. */
  readonly renewal?: Renewal;
  /** What is insured, as the holder knows it: a plate, an address. Shown masked. */
  readonly insured?: string;
  /** When Perennial first learnt of the policy; what happened before is history and raises nothing. */
  readonly firstKnownAt: Instant;
  /** Set where the dates contradict each other: nothing is sent, a person must look. */
  readonly contradiction?: string;
  /** Rises with every change; the condition of the next one. */
  readonly version: number;
}

/** In force on `day`: begun, and no known ending on or before it (the definition; the status column decides nothing). */
export const isInForce = (policy: Policy, day: CivilDate): boolean =>
  policy.contractStartsOn <= day && (policy.ending === undefined || policy.ending.on > day);
