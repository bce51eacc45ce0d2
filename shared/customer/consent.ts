import type { PartyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { Channel, ConsentState, Preferences, Purpose } from './customer.ts';

/** One act of giving or refusing consent, as proof: who said it when, to which words, where, for what (GDPR 7(1)). */
export interface ConsentEntry {
  readonly partyId: PartyId;
  readonly at: Instant;
  readonly channel: Channel;
  readonly purpose: Purpose;
  readonly given: boolean;
  /** Version of the words it was said to; `legacy-unproven` where the source cannot name them. */
  readonly wording: string;
  /** Where it was said: a source system, `unsubscribe-link`, `complaint`. Letters, digits, `-`, `_`. */
  readonly source: string;
  readonly who: 'customer' | 'staff' | 'source-system';
}

/** The entry as the gate keeps it: its latest word on one channel and purpose. */
export const stateOf = ({ given, wording, at }: ConsentEntry): ConsentState => ({ given, wording, at });

/** What a person said about topics, pace and quiet: proof as a consent is, of no one channel. */
export interface PreferenceEntry extends Pick<ConsentEntry, 'partyId' | 'at' | 'wording' | 'source' | 'who'> {
  readonly preferences: Preferences;
}
