import type { Channel, Purpose, Situation } from '../customer/customer.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import type { ContactRule, ProductLine } from '../policy/policy.ts';

/** What rules can ask of a person or organisation. An absent value is not known. */
export interface CustomerFacts {
  readonly kind: 'person' | 'organisation';
  readonly scope: string;
  readonly locale: string;
  readonly zone: string;
  readonly gender?: 'f' | 'm';
  readonly birthOn?: CivilDate;
  readonly country?: string;
  readonly region?: string;
  readonly city?: string;
  readonly postcode?: string;
  readonly hasEmail: boolean;
  readonly hasPhone: boolean;
  readonly hasAddress: boolean;
  readonly largePrint: boolean;
  /** `channel/purpose` → given; absent: never asked. */
  readonly consent: Readonly<Partial<Record<`${Channel}/${Purpose}`, boolean>>>;
  readonly suppressed: readonly Channel[];
  readonly situations: readonly Situation[];
  /** What journeys noted about the person (step kind `set`). */
  readonly traits: Readonly<Record<string, string | number | boolean>>;
}

/** What rules can ask of one policy. */
export interface PolicyFacts {
  readonly policyId: string;
  readonly line: ProductLine;
  readonly contactRule: ContactRule;
  readonly scope: string;
  readonly contractStartsOn: CivilDate;
  readonly startsOn: CivilDate;
  readonly renewsOn: CivilDate;
  /** Of the running term, in minor units; compared only within its currency. */
  readonly premiumMinor?: number;
  readonly currency?: string;
  readonly hasOffer: boolean;
  /** Last day of the offer; absent where it has no end. */
  readonly offerValidUntil?: CivilDate;
  /** Set where it ended or will end on a known day. */
  readonly endsOn?: CivilDate;
  readonly ending?: 'lapsed' | 'cancelled';
}

/** What rules can ask of one claim. */
export interface ClaimFacts {
  readonly claimNo: string;
  readonly policyId: string;
  readonly type: string;
  readonly status: 'open' | 'settled' | 'disputed' | 'unknown';
  readonly costMinor?: number;
  readonly currency?: string;
  readonly occurredOn?: CivilDate;
  readonly settledOn?: CivilDate;
}

/** One row of the engagement history, as rules see it. */
export interface HistoryFact {
  readonly kind: 'message' | 'reaction' | 'answer';
  readonly on: CivilDate;
  readonly campaign?: string;
  readonly step?: string;
  readonly channel?: Channel;
  /** State of a message, kind of a reaction, survey of an answer. */
  readonly what: string;
  /** Of an answer. */
  readonly score?: number;
}

/** What rules can ask of a running journey. */
export interface JourneyFacts {
  /** Whether the customer reacted since the journey began; an open never counts. */
  readonly reacted: boolean;
  /** Steps that failed. */
  readonly failed: readonly string[];
  readonly enteredOn: CivilDate;
}

/** By which channels a person may and can be reached for the campaign's send class, as far as is known for good. */
export type ReachFacts = Readonly<Record<'email' | 'post' | 'sms', boolean>>;

export type EventProperties = Readonly<Record<string, string | number | boolean>>;

/**
 * All that a rule can be asked about, as data: whoever evaluates a rule fills the parts that the rule names
 * (`partsOf` in compile-rule.ts) and leaves out the rest. A clause about a part that is left out is undecided.
 */
export interface RuleSubject {
  readonly now: Instant;
  /** The civil date at `now` where the customer lives; relative dates count from it. */
  readonly today: CivilDate;
  readonly customer?: CustomerFacts;
  readonly policies?: readonly PolicyFacts[];
  readonly claims?: readonly ClaimFacts[];
  readonly lists?: readonly string[];
  readonly history?: readonly HistoryFact[];
  /** Of a journey about a policy: that policy. */
  readonly policy?: PolicyFacts;
  readonly journey?: JourneyFacts;
  readonly reach?: ReachFacts;
  /** Properties of the event that began the journey or is being filtered. */
  readonly event?: EventProperties;
}

/** The parts of a subject that cost a read. */
export type SubjectPart = Exclude<keyof RuleSubject, 'now' | 'today'>;
