import middy from '@middy/core';
import * as z from 'zod';
import type { DueWork } from '../../shared/journey/due-work.ts';
import { type DueMessage, tick } from '../../shared/journey/run-due.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import { formatInstant, type Instant, parseInstant } from '../../shared/platform/time.ts';

const tickSchema = z.object({ scheduledAt: z.string() });

/** Looks once a minute for due work. Plans by the time it was scheduled for, so that a late or repeated call plans alike.
 *  @returns when it is next needed; only a local clock reads it */
export const createHandler = ({
  dueWork,
  due,
  keepUp,
  log,
}: {
  readonly dueWork: DueWork;
  readonly due: Pick<Queue<DueMessage>, 'send'>;
  /** Sees to it that the next daily round is due, and that what this build ships is kept. */
  readonly keepUp: (now: Instant) => Promise<void>;
  readonly log: EventLog;
}) =>
  middy<unknown, { nextDueAt: string | null }>().handler(async (event) => {
    const parsed = tickSchema.safeParse(event);
    const now: Instant | undefined = parsed.success ? parseInstant(parsed.data.scheduledAt) : undefined;
    if (now === undefined)
      throw new EngagementError('bad-input', 'tick without a scheduledAt instant: see the schedule’s input');
    await keepUp(now);
    const { shards, nextDueAt } = await tick({ dueWork, due }, now);
    const next = nextDueAt === undefined ? null : formatInstant(nextDueAt);
    log.info('tick.done', { scheduledAt: formatInstant(now), shards, nextDueAt: next });
    return { nextDueAt: next };
  });
