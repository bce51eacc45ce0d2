import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';
import type { CivilDate, Instant } from '../platform/time.ts';

/** Work for a person. Closed list: the console has a title and a script for each. */
export const taskKinds = [
  /** The journey asks to call a customer who did not react. */
  'call',
  /** The journey asks to visit the customer. */
  'visit',
  /** The journey asks to see to something with the customer's matter, such as how a claim went. */
  'follow-up',
  /** The customer asked to be called. */
  'requested-call',
  /** The customer said that something changed (address, car, needs). */
  'data-change',
  /** Thirty days before the renewal there is no offer. */
  'offer-missing',
  /** A customer can be reached by none of the channels that the journey uses. */
  'no-channel',
  /** The holder is linked to no customer record with an address. */
  'holder-not-linked',
  /** The policy's dates contradict each other: nothing is sent until somebody mends them. */
  'contradiction',
  /** The holder died: speak with the family, settle the policies. */
  'holder-died',
  /** A low satisfaction score: find out what went wrong. */
  'low-score',
  /** A reply that a person must read. */
  'reply',
  /** A survey to be asked by telephone: the customer has no mail. */
  'survey-call',
] as const;
export type TaskKind = (typeof taskKinds)[number];

/** How a call or a visit for a task went. */
export const attemptOutcomes = ['reached', 'not-reached'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** A call or a visit that was made for a task, successful or not. What was said stands in the timeline. */
export interface TaskAttempt {
  /** Of the contact as it was logged. */
  readonly id: string;
  readonly at: Instant;
  readonly channel: 'phone' | 'visit';
  readonly outcome: AttemptOutcome;
  /** User id. */
  readonly by: string;
}

/** How a task ends. */
export const taskOutcomes = [
  'reached',
  'not-reached',
  'renews',
  'does-not-renew',
  'corrected',
  'no-action',
  'resolved',
  'compensated',
  'cannot-resolve',
] as const;
export type TaskOutcome = (typeof taskOutcomes)[number];

const GENERAL = ['reached', 'not-reached', 'renews', 'does-not-renew', 'corrected', 'no-action'] as const;

/** The outcomes that close a task of this kind. A low score is not closed by having spoken with the customer, let alone by
 *  having tried to: somebody says what came of it (S4). */
export const closingOutcomes = (kind: TaskKind): readonly TaskOutcome[] =>
  kind === 'low-score' ? ['resolved', 'compensated', 'cannot-resolve'] : GENERAL;

/** One thing to be done by a person, with its reason. */
export interface Task {
  readonly taskId: string;
  readonly scope: string;
  readonly kind: TaskKind;
  /** Why, as a code: `no-reaction`, `no-offer`, a contradiction's name … */
  readonly reason: string;
  readonly state: 'open' | 'done';
  readonly dueOn: CivilDate;
  readonly createdAt: Instant;
  /** User id of the account manager whose task it is; absent: whoever of the branch takes it. */
  readonly assignee?: string;
  /** When it must be closed; without it, the end of `dueOn` counts for staff only. */
  readonly deadline?: Instant;
  /** Set once nobody closed it in time and the head of the branch was told. */
  readonly escalatedAt?: Instant;
  /** How it was closed: a code. */
  readonly outcome?: TaskOutcome;
  /** Calls and visits made for it, in the order they were logged. */
  readonly attempts?: readonly TaskAttempt[];
  readonly closedAt?: Instant;
  readonly closedBy?: string;
  readonly partyId?: PartyId;
  readonly policyId?: PolicyId;
  readonly campaign?: string;
  readonly occurrence?: string;
  readonly step?: string;
  /** Codes and numbers for the person who does it, such as the hour a call was asked for. No personal data. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** Id of the task of this kind about this subject and occasion, so that there are never two for one reason. */
export const taskIdOf = (kind: TaskKind, subject: string, occasion: string): string =>
  derivedId('task', kind, subject, occasion);
