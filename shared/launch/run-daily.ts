import type { LiveCampaigns } from '../campaign/live-campaigns.ts';
import type { DueWork } from '../journey/due-work.ts';
import type { Instant } from '../platform/time.ts';
import { dailyDue, runDue, walkDue } from './due-items.ts';
import { nextMinute } from './pacing.ts';
import { firstRun } from './plan-runs.ts';
import type { Runs } from './run-store.ts';

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
