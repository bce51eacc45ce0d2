import * as z from 'zod';
import type { PartyId } from '../platform/ids.ts';
import { type Instant, SECOND } from '../platform/time.ts';

const partyId = z
  .string()
  .min(1)
  .transform((id) => id as PartyId);
const taskId = z.string().min(1);

/** Payload of due work of kind `task-deadline`. */
export const deadlinePayload = z.discriminatedUnion('kind', [
  /** The time to close the task is over. */
  z.strictObject({ kind: z.literal('close'), taskId, partyId }),
  /** The task was about to be closed: if it was, that must have been told by now. */
  z.strictObject({ kind: z.literal('closed'), taskId }),
]);
export type DeadlinePayload = z.output<typeof deadlinePayload>;

/** How long after a request began it is looked at whether it did all it should: it ends long before. */
export const LOOK_AFTER = 30 * SECOND;

/** Due work of tasks, as `DueWork` places it. */
export interface Deadlines {
  place(
    items: readonly {
      readonly at: Instant;
      readonly kind: 'task-deadline';
      readonly id: string;
      readonly payload: DeadlinePayload;
    }[],
    now: Instant,
  ): Promise<void>;
}
