import type { DueItem, DueWork } from '../journey/due-work.ts';
import { addDays, civilDateAt, type Instant, instantAt, type WallTime, type ZoneId } from '../platform/time.ts';
import type { AudiencesMessage } from './contract.ts';
import type { PlannedRun } from './plan-runs.ts';

/** Due work of the audiences queue: the message is the payload. */
export const audiencesDue = (at: Instant, id: string, payload: AudiencesMessage): DueItem => ({
  at,
  kind: 'run',
  id,
  payload,
});

/** A run of a campaign as due work. */
export const runDue = (campaign: string, { at, occurrence }: PlannedRun): DueItem =>
  audiencesDue(at, `${campaign}#${occurrence}`, { kind: 'run', campaign, occurrence, at });

/** All running runs go on at `at`. */
export const walkDue = (at: Instant): DueItem => audiencesDue(at, 'walk', { kind: 'walk' });

const UTC = 'UTC' as ZoneId;
/** An hour after midnight in China, in the quiet hours of Europe's evening. */
const TIME = '17:00' as WallTime;

/** The daily work that is due next after `now`; placing it again changes nothing. */
export const dailyDue = (now: Instant): DueItem => {
  const today = civilDateAt(now, UTC);
  const at = instantAt(today, TIME, UTC);
  const next = at > now ? at : instantAt(addDays(today, 1), TIME, UTC);
  return audiencesDue(next, 'daily', { kind: 'daily', at: next });
};

/** Places the next daily round where this container has not done so yet: one write a day and container. */
export const createDailyKeeper = (dueWork: Pick<DueWork, 'place'>): ((now: Instant) => Promise<void>) => {
  let placed: Instant | undefined;
  return async (now) => {
    const next = dailyDue(now);
    if (placed === next.at) return;
    await dueWork.place([next], now);
    placed = next.at;
  };
};
