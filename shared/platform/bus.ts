import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EngagementError } from './errors.ts';
import { formatInstant, type Instant } from './time.ts';

/** One event for other systems and functions. `detail` holds ids, never names or addresses. */
export interface BusEvent {
  readonly source: `perennial.${string}`;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Instant;
}

export interface Bus {
  /** Returns once all are accepted. @throws EngagementError `unavailable` (retryable): send all again */
  publish(events: readonly BusEvent[]): Promise<void>;
}

/** The bus in EventBridge: ten entries a call. */
export const createEventBridgeBus = (client: EventBridgeClient, busName: string): Bus => ({
  async publish(events) {
    for (let start = 0; start < events.length; start += 10) {
      const entries = events.slice(start, start + 10).map(({ source, detailType, detail, at }) => ({
        EventBusName: busName,
        Source: source,
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Time: new Date(formatInstant(at)),
      }));
      const answer = await client.send(new PutEventsCommand({ Entries: entries }));
      if ((answer.FailedEntryCount ?? 0) > 0)
        throw new EngagementError(
          'unavailable',
          `bus refused ${answer.FailedEntryCount} of ${entries.length} events: send all again`,
          {
            retryable: true,
          },
        );
    }
  },
});

/** A bus that keeps what is published, for tests. */
export const createMemoryBus = (): Bus & { readonly events: BusEvent[] } => {
  const events: BusEvent[] = [];
  return {
    events,
    async publish(published) {
      events.push(...published);
    },
  };
};
