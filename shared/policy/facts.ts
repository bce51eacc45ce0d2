import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Money } from '../platform/money.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';
import type { Claim, ContactRule, Ending, ProductLine, RenewalOffer, Term } from './policy.ts';

/**
 * What a department said about a policy. Facts are kept apart with their source, are never changed by another
 * department's, and carry the instant from which they are known: the projection at an instant uses only facts known by
 * then, so a file that holds next year's rows is released day by day.
 */
interface FactBase {
  readonly policyId: PolicyId;
  readonly source: string;
  /** From when it is known; a fact dated after now is stored and waits. */
  readonly knownFrom: Instant;
  readonly recordedAt: Instant;
  /** The import or event it came with, for withdrawal and proof. */
  readonly origin: string;
}

export interface ContractFact extends FactBase {
  readonly kind: 'contract';
  readonly policyNo: string;
  readonly scope: string;
  readonly line: ProductLine;
  readonly contractStartsOn: CivilDate;
  readonly zone: ZoneId;
  readonly contactRule: ContactRule;
  readonly intermediary?: string;
  /** The party its holder's record was linked to when it was read. */
  readonly holder: PartyId;
  readonly insured?: string;
}

export interface TermFact extends FactBase {
  readonly kind: 'term';
  readonly term: Term;
}

export interface EndingFact extends FactBase {
  readonly kind: 'ending';
  readonly ending: Ending;
}

export interface OfferFact extends FactBase {
  readonly kind: 'offer';
  readonly offer: RenewalOffer;
}

export interface ClaimFact extends FactBase {
  readonly kind: 'claim';
  readonly claim: Claim;
}

/** A renewal told by an event or a status rather than by a later term. */
export interface RenewedFact extends FactBase {
  readonly kind: 'renewed';
  readonly by: 'event' | 'status';
  readonly termStartsOn: CivilDate;
  readonly renewsOn?: CivilDate;
  readonly premium?: Money;
}

/** The renewal date of the running term was moved. */
export interface DateMovedFact extends FactBase {
  readonly kind: 'date-moved';
  readonly from: CivilDate;
  readonly to: CivilDate;
}

export type PolicyFact = ContractFact | TermFact | EndingFact | OfferFact | ClaimFact | RenewedFact | DateMovedFact;
