import * as z from 'zod';
import type { Instant } from '../platform/time.ts';

const instant = z.int().transform((at) => at as Instant);
const campaign = z.string().min(1).max(60);
const occurrence = z.string().min(1).max(60);

/**
 * Messages on the audiences queue. What is due at an instant lies as due work of kind `run` with the message as its
 * payload, so that run-due hands it on as it is.
 */
export const audiencesMessageSchema = z.discriminatedUnion('kind', [
  /** A run of a campaign is due: it begins, once however often this is said (F13). */
  z.strictObject({ kind: z.literal('run'), campaign, occurrence, at: instant }),
  /** All running runs go on: the next minute's pages of each. */
  z.strictObject({ kind: z.literal('walk') }),
  /** What lay on the shelf of a campaign becomes due again. */
  z.strictObject({ kind: z.literal('unshelve'), campaign, after: z.string().max(2_000).optional() }),
  /** A pre-flight goes on with its next shards. */
  z.strictObject({ kind: z.literal('pre-flight'), campaign, definition: z.string().min(1).max(60) }),
  /** Failed messages of a run are sent again, or those of unknown outcome, as an operator asked at `at`. */
  z.strictObject({
    kind: z.literal('resend'),
    campaign,
    occurrence,
    outcome: z.enum(['failed', 'unknown']),
    at: instant,
    after: z.int().min(0).optional(),
  }),
  /** A pass over a shard of the audience rows: who enters and leaves by the calendar. */
  z.strictObject({
    kind: z.literal('audience-pass'),
    shard: z.int().min(0).max(255),
    after: z.string().max(2_000).optional(),
  }),
  /** Once a day: overdue tasks are told, recurring campaigns are checked for their next run, audiences are passed over. */
  z.strictObject({ kind: z.literal('daily'), at: instant }),
]);
export type AudiencesMessage = z.output<typeof audiencesMessageSchema>;
