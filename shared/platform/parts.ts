import type { Bus } from './bus.ts';
import type { Ids } from './ids.ts';
import type { EventLog, Meter } from './logging.ts';
import type { Objects } from './objects.ts';
import type { Queue } from './queue.ts';
import type { Table } from './table.ts';
import type { Instant } from './time.ts';

/**
 * What a function is given of its surroundings: its `handler.ts` gives it the AWS adapters, a rehearsal the ones in
 * memory. Its `wire.ts` makes the stores and use cases of them, the same in both. Names are those of the environment.
 */
export interface Parts {
  readonly table: Table;
  /** The queue whose address stands under `variable`. */
  readonly queue: <Message>(variable: string) => Queue<Message>;
  /** The bucket whose name stands under `variable`. */
  readonly bucket: (variable: string) => Objects;
  readonly bus: Bus;
  /** The secret whose ARN stands under `variable`; read when first asked for. */
  readonly secret: (variable: string) => () => Promise<Uint8Array>;
  /** What stands under `variable`. @throws EngagementError `misconfigured` where nothing does */
  readonly setting: (variable: string) => string;
  readonly ids: Ids;
  readonly clock: () => Instant;
  readonly log: EventLog;
  readonly meter: Meter;
}
