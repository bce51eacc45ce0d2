import type { LiveCampaigns } from '../campaign/live-campaigns.ts';
import type { DueItem, DueWork } from '../journey/due-work.ts';
import { addDays, civilDateAt, type Instant, instantAt, type WallTime, type ZoneId } from '../platform/time.ts';
import { nextMinute } from './pacing.ts';
import { firstRun } from './plan-runs.ts';
import type { Runs } from './run-store.ts';
import { audiencesDue, runDue, walkDue } from './start-run.ts';

export interface DailyPorts {
  readonly liveCampaigns: LiveCampaigns;
  readonly runs: Pick<Runs, 'running'>;
  readonly dueWork: Pick<DueWork, 'place'>;
  /** Watches the audiences that live campaigns wait for, and passes over their rows where a night may change them. */
  readonly watchAudiences: (now: Instant) => Promise<void>;
  readonly passEveryNight: () => Promise<unknown>;
  /** Tells staff of tasks that are open after their day. */
  readonly tellOverdue: (now: Instant) => Promise<void>;
}

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

/**
 * What is done once a day: the pass over the audiences, overdue tasks, and the rows that keep runs going. Each of those
 * rows is placed by the work before it; placed again here, a row that was lost with a dead letter is back within a day.
 */
export const runDaily = async (ports: DailyPorts, now: Instant): Promise<void> => {
  await ports.dueWork.place([dailyDue(now)], now);
  const runs = (await ports.liveCampaigns.entering()).flatMap(({ definition }) => {
    const next = firstRun(definition, now);
    return next === undefined || next.at < now ? [] : [runDue(definition.id, next)];
  });
  if (runs.length > 0) await ports.dueWork.place(runs, now);
  if ((await ports.runs.running()).length > 0) await ports.dueWork.place([walkDue(nextMinute(now))], now);
  await ports.watchAudiences(now);
  await ports.passEveryNight();
  await ports.tellOverdue(now);
};
