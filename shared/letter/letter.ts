import type { PostalAddress, SendClass } from '../customer/customer.ts';
import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { SendOrder } from '../message/message.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { derivedId, type PartyId, type PolicyId, type SendId } from '../platform/ids.ts';
import type { CivilDate, Instant } from '../platform/time.ts';

/** How a letter stands. `failed`: its file was lost or damaged before the hand-over; a person must look. */
export type LetterState =
  | 'composed'
  /** On its way from the batch back to being composed: its address changed, or one of its policies renewed. */
  | 'remaking'
  | 'recalled'
  | 'failed'
  | 'handed-over'
  | 'printed'
  | 'posted'
  | 'returned';

/** Names a postal address without telling it. */
export const placeOf = (address: PostalAddress | undefined): string => derivedId('place', canonicalJson(address ?? {}));

/** A letter that was composed and waits for its batch: one row in the print batches. Its id is its send id. */
export interface Letter {
  readonly letterId: SendId;
  readonly printOn: CivilDate;
  readonly house: string;
  readonly partyId: PartyId;
  readonly policyIds: readonly PolicyId[];
  readonly policyNos: readonly string[];
  readonly enrolments: readonly EnrolmentRef[];
  readonly campaign: string;
  readonly step: string;
  readonly sendClass: SendClass;
  /** At most six, as in the address window. Personal data. */
  readonly addressLines: readonly string[];
  readonly pages: number;
  readonly sha256: string;
  /** Where in the house it belongs: a stop there, or above, keeps it back. */
  readonly scope: string;
  /** What it was composed for: asked again at the cut-off. */
  readonly order: SendOrder;
  /** Names the postal address that it was made for. */
  readonly place: string;
  /** When its step was due. */
  readonly dueAt: Instant;
  /** `at` of its timeline row. */
  readonly row: Instant;
  /** Owner token of its reservation. */
  readonly owner: string;
  readonly state: LetterState;
  /** The batch it was handed over in. */
  readonly batch?: string;
}
