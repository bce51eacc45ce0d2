import type { SendClass } from '../customer/customer.ts';
import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import type { CivilDate, Instant } from '../platform/time.ts';

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
  /** Timeline row it belongs to: its reservation's instant. */
  readonly at: Instant;
  readonly state: 'composed' | 'recalled' | 'handed-over' | 'printed' | 'posted' | 'returned';
  /** The batch it was handed over in. */
  readonly batch?: string;
}
