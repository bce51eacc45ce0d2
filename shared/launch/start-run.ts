import type { Campaigns } from '../campaign/campaign-store.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { DueWork } from '../journey/due-work.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import type { Instant } from '../platform/time.ts';
import { runDue, walkDue } from './due-items.ts';
import { nextMinute } from './pacing.ts';
import { isPlanned, type PlannedRun, runAfter, runUseBy } from './plan-runs.ts';
import { broadcastStep, type Run } from './run.ts';
import type { Runs } from './run-store.ts';

export interface StartRunPorts {
  readonly campaigns: Pick<Campaigns, 'get'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly runs: Pick<Runs, 'begin'>;
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly staff: StaffEvents;
}

/** `not-live`: the campaign ended or was cancelled meanwhile · `not-planned`: its live version has no such run ·
 *  `known`: begun before · `skipped`: due too long ago, staff were told. */
export type StartOutcome = 'begun' | 'known' | 'skipped' | 'not-live' | 'not-planned';

const newRun = (pinned: PinnedDefinition, campaign: string, { at, occurrence }: PlannedRun, now: Instant): Run => {
  const { hash, definition } = pinned;
  const useBy = runUseBy(definition, at);
  return {
    campaign,
    occurrence,
    definition: hash,
    sendClass: definition.class,
    priority: definition.priority,
    mode: broadcastStep(definition) === undefined ? 'enter' : 'orders',
    dueAt: at,
    useBy,
    startedAt: now,
    ...(now > useBy ? { state: 'skipped', endedAt: now } : { state: 'walking' }),
    cursor: { page: 0, done: 0, shard: 0 },
    members: 0,
    ordered: 0,
    version: 1,
  };
};

/**
 * Begins a run that is due. First the row of the run after it, then the run itself, which is one however often and by
 * however many it is begun (F13), then the walk's row in the next minute, by when all runs of this minute have begun and
 * are seen by each other. A scheduler that was down is caught up within the use-by; beyond it the run is kept as skipped
 * and staff are told, so that no old mailing goes out silently (F14).
 */
export const startRun = async (
  planned: PlannedRun & { readonly campaign: string },
  ports: StartRunPorts,
  now: Instant,
): Promise<StartOutcome> => {
  const { campaign } = planned;
  const record = await ports.campaigns.get(campaign);
  const enters = record?.state === 'live' || record?.state === 'paused';
  if (record?.live === undefined || !enters || record.cancelled !== undefined) return 'not-live';
  const pinned = await ports.definitions.get(campaign, record.live);
  if (!isPlanned(pinned.definition, planned)) return 'not-planned';

  const following = runAfter(pinned.definition, planned.at);
  if (following !== undefined) await ports.dueWork.place([runDue(campaign, following)], now);
  const { kind, run } = await ports.runs.begin(newRun(pinned, campaign, planned, now));
  if (run.state === 'skipped') {
    await ports.staff.tell({ type: 'RunSkipped', at: now, campaign, details: { occurrence: run.occurrence } });
    return 'skipped';
  }
  await ports.dueWork.place([walkDue(nextMinute(now))], now);
  return kind;
};
