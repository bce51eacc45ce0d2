import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { Metric } from './survey.ts';

/** How an answer came: on the customer's page, or entered by staff from a call or a reply slip. */
export type AnswerChannel = 'page' | 'phone' | 'reply-slip';

/** What results are broken down by, as it stood when the customer was asked. */
export interface AnswerFacets {
  readonly scope: string;
  readonly line?: string;
  /** First level of the postal address: province, region. */
  readonly region?: string;
  readonly tier?: string;
  readonly manager?: string;
  /** By which channel the customer was asked. */
  readonly channel: 'email' | 'post' | 'phone';
  readonly locale: string;
}

/** That somebody was asked: one row an invitation, however many reminders followed. */
export interface InvitationRow {
  readonly invitationId: string;
  readonly survey: string;
  readonly version: string;
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
  readonly campaign?: string;
  readonly occurrence?: string;
  readonly step?: string;
  readonly invitedAt: Instant;
  readonly facets: AnswerFacets;
}

/** The one answer to an invitation. */
export interface SurveyAnswer extends Omit<InvitationRow, 'invitedAt'> {
  readonly id: string;
  readonly at: Instant;
  /** Absent where nobody was asked by us: staff entered it from a reply slip or a call. */
  readonly invitedAt?: Instant;
  readonly given: AnswerChannel;
  /** User id of who entered it; absent on the page. */
  readonly enteredBy?: string;
  /** SurveyJS data: question name → value. Texts exactly as they were written. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly metric?: Metric;
  readonly score?: number;
  readonly low: boolean;
}
