import type { PartyId, SendId } from '../platform/ids.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';

/** `phone` and `visit` are people's: tasks, and contacts that staff logged. */
export type Channel = 'email' | 'post' | 'phone' | 'sms' | 'visit';
export type Purpose = 'service' | 'marketing';
/** Marketing: at most once, consent needed. Service: about a contract in force. Statutory: must arrive in time. */
export type SendClass = 'marketing' | 'service' | 'statutory';

/** What advertising and questions may be about; the preference centre has a switch for each. */
export const topics = ['offers', 'advice', 'events', 'surveys'] as const;
export type Topic = (typeof topics)[number];

/** How often at most a customer wants to hear what is not about a contract in force. */
export type Pace = 'weekly' | 'monthly' | 'quarterly';

/** What a customer said on the preference page, beside consent; kept in the gate, so that it holds for the next reservation. */
export interface Preferences {
  readonly refusedTopics: readonly Topic[];
  readonly pace?: Pace;
  /** Nothing but what concerns a contract, until then. */
  readonly pausedUntil?: Instant;
}

export interface PostalAddress {
  /** Street lines as written on an envelope, without name, city, country. */
  readonly lines: readonly string[];
  /** Empty where the source has none; then there is a postcode, and the other way round. */
  readonly city: string;
  readonly postcode: string;
  readonly region?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

export interface PersonName {
  readonly given?: string;
  readonly family?: string;
  /** As written where the source does not split it. */
  readonly full?: string;
  /** For an organisation; then the others are absent. */
  readonly company?: string;
}

/** What is known about a customer: a projection of the linked source records. Personal data: never logged. */
export interface Profile {
  readonly partyId: PartyId;
  readonly scope: string;
  readonly name: PersonName;
  readonly gender?: 'f' | 'm';
  readonly birthOn?: CivilDate;
  /** BCP 47: `zh-CN`, `en`. */
  readonly locale: string;
  readonly zone: ZoneId;
  /** Absent where none is known or the one known cannot be an address. */
  readonly email?: string;
  readonly phone?: string;
  readonly address?: PostalAddress;
  readonly largePrint?: boolean;
  /** User id of the account manager, as the source names it; absent: the branch's queue sees to the customer. */
  readonly manager?: string;
  /** The records joined here and why, latest last. */
  readonly records: readonly { source: string; key: string; joinedBy: string; at: Instant }[];
  readonly version: number;
}

/** A consent as the ledger's latest word on one channel and purpose. */
export interface ConsentState {
  readonly given: boolean;
  /** Wording version; `legacy-unproven` is good for service only. */
  readonly wording: string;
  readonly at: Instant;
}

/** One contact within the last 35 days, in the gate. */
export interface RecentContact {
  readonly at: Instant;
  readonly channel: Channel;
  readonly sendClass: SendClass;
  /** Who reserved it: recognises one's own reservation after a lost reply. */
  readonly owner: string;
  /** Until when the owner may still be at work. */
  readonly leaseUntil: Instant;
  /** `at` of the message's timeline row, where it is another: the row of a mail stands at the instant it was due. */
  readonly row?: Instant;
  /** The message that this reservation belongs to, where that bears another id: of one message for several policies. */
  readonly message?: SendId;
  /** Set where the provider did not send it after all: its id stays taken, and no rule counts it as a contact. */
  readonly failed?: true;
  /** Set where it was about no contract: it counts against the pace that the customer asked for. */
  readonly paced?: true;
}

/** Why a channel is shut for a person whatever the consent. `wrong-person`: whoever reads the mailbox said that they are
 *  not this customer. */
export type Suppression = 'hard-bounce' | 'complaint' | 'soft-bounces' | 'returned-mail' | 'wrong-person';

/** Flags that silence a person's messages; what each silences is data (message/contact-settings.ts). */
export type Situation = 'deceased' | 'open-complaint' | 'disputed-claim' | 'bereavement' | 'fraud-review';

/**
 * The gate: one small item per person through which each contact of that person passes (architecture.md, "The gate").
 * It is read strongly before a send and changed by the reservation, so an opt-out committed before is always seen.
 */
export interface Gate {
  readonly partyId: PartyId;
  readonly version: number;
  /** Keyed `channel/purpose`. Absent: never asked. */
  readonly consent: Readonly<Partial<Record<`${Channel}/${Purpose}`, ConsentState>>>;
  readonly suppressed: Readonly<Partial<Record<Channel, Suppression>>>;
  readonly situations: readonly Situation[];
  /** Absent: the customer said nothing. */
  readonly preferences?: Preferences;
  readonly zone: ZoneId;
  readonly recent: Readonly<Record<SendId, RecentContact>>;
}
