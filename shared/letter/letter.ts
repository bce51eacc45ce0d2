import type { SendClass } from '../customer/customer.ts';
import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import type { CivilDate, Instant } from '../platform/time.ts';

/** How a letter stands. `failed`: its file was lost or damaged before the hand-over; a person must look. */
export type LetterState = 'composed' | 'recalled' | 'failed' | 'handed-over' | 'printed' | 'posted' | 'returned';

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
  /** The time that its journey performed the step. */
  readonly round?: number;
  readonly sendClass: SendClass;
  /** At most six, as in the address window. Personal data. */
  readonly addressLines: readonly string[];
  readonly pages: number;
  readonly sha256: string;
  /** Of its campaign, for the recall at the cut-off. */
  readonly priority: number;
  /** Where in the house it belongs: a stop there, or above, keeps it back. */
  readonly scope: string;
  /** Set where a run wrote to its audience directly: there are no enrolment rows. */
  readonly broadcast?: boolean;
  /** When its step was due; of a merged letter `dueAts` says it of each enrolment. */
  readonly dueAt: Instant;
  readonly dueAts?: readonly Instant[];
  /** `at` of its timeline row. */
  readonly row: Instant;
  /** Owner token of its reservation. */
  readonly owner: string;
  readonly state: LetterState;
  /** The batch it was handed over in. */
  readonly batch?: string;
}
