import type { CampaignControl } from '../campaign/campaign.ts';
import type { Controls } from '../campaign/control.ts';
import type { Gate, Profile } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { UnconfirmedAddress, UnconfirmedAddresses } from '../customer/unconfirmed-store.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import type { DueWork } from '../journey/due-work.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import type { Shelving } from '../journey/shelf.ts';
import type { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { AskingPort } from './asking.ts';
import type { ContactSettings } from './contact-settings.ts';
import type { MessageContent } from './decision-trace.ts';
import type { Mailer } from './mailer.ts';
import type { FailReason, HoldReason, SendOrder, SkipReason } from './message.ts';
import type { SendQuota } from './quota.ts';
import type { Timeline } from './timeline-store.ts';

/** What is known of one order's recipient, read together. */
export interface Recipient {
  readonly order: SendOrder;
  readonly gate: Gate;
  /** One per enrolment of the order, undefined where there is none; of a broadcast none at all. */
  readonly enrolments: readonly (Enrolment | undefined)[];
  readonly profile: Profile;
  /** Set where it goes to an address that waits to be confirmed; `profile.email` is that one then. */
  readonly unconfirmed?: UnconfirmedAddress;
  /** Those that the order is about, in its order; none where its campaign is about customers. */
  readonly policies: readonly Policy[];
  /** What the order's campaign may do, where the recipient belongs. */
  readonly control: CampaignControl;
}

/** A mail made for one recipient, or why it cannot be. `detail` names fields, never values. */
export type ComposedMail =
  | { readonly kind: 'rendered'; readonly raw: Uint8Array; readonly content: MessageContent }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly detail: string };

/** Everything that sending needs from outside. */
export interface SendPorts {
  readonly gates: Gates;
  readonly enrolments: Pick<Enrolments, 'getMany'>;
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  readonly unconfirmed: Pick<UnconfirmedAddresses, 'getMany'>;
  readonly timeline: Timeline;
  readonly due: Pick<DueWork, 'place'>;
  readonly controls: Pick<Controls, 'of'>;
  readonly shelf: Shelving;
  /** Tells journeys of steps that failed. */
  readonly changes: Pick<Queue<JourneyMessage>, 'send'>;
  /** Who was asked which survey. */
  readonly asking: AskingPort;
  readonly quota: SendQuota;
  readonly proof: Pick<Objects, 'put'>;
  readonly mailer: Mailer;
  /** Makes the mail; `area message` knows no templates. `row`: where its timeline row stands. */
  readonly compose: (recipient: Recipient, now: Instant, row: Instant) => Promise<ComposedMail>;
  /** Called where the provider says that it has paused our sending altogether. */
  readonly sendingPaused: (code: string) => Promise<void>;
  /** The contact rules' figures in force. */
  readonly settings: () => Promise<ContactSettings>;
  readonly clock: () => Instant;
  /** A new token of lowercase letters and digits at each call. */
  readonly token: () => string;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What became of one order. All but `retry` end the queue's message. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly messageId: string }
  /** Without an instant: until somebody resumes the campaign or releases the stop. */
  | { readonly kind: 'held'; readonly reason: HoldReason; readonly until?: Instant }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | { readonly kind: 'failed'; readonly reason: FailReason }
  /** Nobody knows whether it went; due work settles it. */
  | { readonly kind: 'unknown' }
  /** Done by another delivery of the order. */
  | { readonly kind: 'done' }
  /** Deliver the order again: another worker is at it, or something did not answer. */
  | { readonly kind: 'retry'; readonly error: EngagementError };
