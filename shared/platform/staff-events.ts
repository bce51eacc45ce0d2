import type { Bus } from './bus.ts';
import { derivedId } from './ids.ts';
import { type CivilDate, formatInstant, type Instant } from './time.ts';

/** What staff are told of (product.md O6). Ids and figures only: no personal data. */
export type StaffEvent = { readonly at: Instant } & (
  | {
      /** The watch paused a campaign: its messages fail again and again, or too many complain of it. */
      readonly type: 'CampaignStopped';
      readonly campaign: string;
      readonly details: { readonly because: 'error-streak' | 'complaint-rate'; readonly rate: number };
    }
  | {
      /** More complain of a campaign than should; it goes on. */
      readonly type: 'ComplaintRate';
      readonly campaign: string;
      readonly details: { readonly rate: number };
    }
  | {
      /** A run came up too late to go out (F14). */
      readonly type: 'RunSkipped';
      readonly campaign: string;
      readonly details: { readonly occurrence: string };
    }
  | {
      /** The time of a run is over and not all of its messages have an outcome. */
      readonly type: 'RunIncomplete';
      readonly campaign: string;
      readonly details: { readonly occurrence: string; readonly ordered: number };
    }
  | {
      /** A file was refused as a whole: nothing of it was taken. */
      readonly type: 'ImportFailed';
      readonly details: { readonly importId: string; readonly problems: number };
    }
  | {
      /** A task is open after its day. */
      readonly type: 'TaskOverdue';
      readonly details: {
        readonly taskId: string;
        readonly kind: string;
        readonly scope: string;
        readonly dueOn: CivilDate;
      };
    }
  | {
      /** A customer is dissatisfied: there is a task, for the account manager or the branch's queue (S4). */
      readonly type: 'LowScore';
      readonly details: {
        readonly taskId: string;
        readonly scope: string;
        readonly survey: string;
        readonly metric?: string;
        readonly score?: number;
        readonly assignee?: string;
        /** ISO 8601. */
        readonly deadline: string;
      };
    }
  | {
      /** Nobody closed a task before its deadline. */
      readonly type: 'TaskEscalated';
      readonly details: {
        readonly taskId: string;
        readonly kind: string;
        readonly scope: string;
        readonly deadline?: string;
        readonly assignee?: string;
      };
    }
  | {
      /** Another system could not be told of a journey's step: its address is not registered, or it refused. */
      readonly type: 'WebhookFailed';
      readonly campaign: string;
      readonly details: {
        readonly id: string;
        readonly endpoint: string;
        readonly step: string;
        readonly because: string;
      };
    }
  | {
      /** The provider takes no mail from this account. */
      readonly type: 'SendingPaused';
      readonly details: { readonly code: string };
    }
);

/** Tells staff by events on the bus. */
export interface StaffEvents {
  /** Returns once all are accepted; told again, an event has the same `eventId`.
   *  @throws EngagementError `unavailable` (retryable) */
  tell(...events: readonly StaffEvent[]): Promise<void>;
}

/** What makes an event another one than that of the same type before. */
const keyOf = (event: StaffEvent): readonly (string | number)[] => {
  switch (event.type) {
    case 'ImportFailed':
      return [event.details.importId];
    case 'WebhookFailed':
      return [event.details.id];
    case 'TaskOverdue':
    case 'LowScore':
    case 'TaskEscalated':
      return [event.details.taskId];
    case 'RunSkipped':
    case 'RunIncomplete':
      return [event.campaign, event.details.occurrence];
    case 'CampaignStopped':
    case 'ComplaintRate':
      return [event.campaign, event.at];
    case 'SendingPaused':
      return [event.details.code, event.at];
  }
};

/** Staff events over the bus: source `perennial.staff`, detail type = type, detail `{ schemaVersion, eventId, occurredAt,
 *  campaign?, …details }` (docs/guides/messages.md). */
export const createStaffEvents = (bus: Bus): StaffEvents => ({
  async tell(...events) {
    await bus.publish(
      events.map((event) => ({
        source: 'perennial.staff',
        detailType: event.type,
        detail: {
          schemaVersion: 1,
          eventId: derivedId('staff', event.type, ...keyOf(event)),
          occurredAt: formatInstant(event.at),
          ...('campaign' in event ? { campaign: event.campaign } : {}),
          ...event.details,
        },
        at: event.at,
      })),
    );
  },
});
