import type { Campaigns } from '../campaign/campaign-store.ts';
import { transition } from '../campaign/lifecycle.ts';
import type { CampaignHealth } from '../message/health.ts';
import type { StaffEvents } from '../platform/staff-events.ts';
import type { Table } from '../platform/table.ts';
import { type CivilDate, civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import { judge, type Watch, type WatchFinding } from './watch.ts';

/** Remembers which alarms were told, so that each is told once a day. */
export interface AlarmMarks {
  /** @returns true for the first to ask on that day */
  first(campaign: string, day: CivilDate): Promise<boolean>;
}

/** Alarm marks over the table: `WATCH#<campaign>` / `<yyyy-mm-dd>`. */
export const createAlarmMarks = (table: Table): AlarmMarks => ({
  async first(campaign, day) {
    const mark = { pk: `WATCH#${campaign}`, sk: day, entity: 'Alarm', schemaVersion: 1 };
    return (await table.put(mark, [{ path: ['pk'], absent: true }])).kind === 'written';
  },
});

export interface WatchPorts {
  readonly campaigns: Pick<Campaigns, 'get' | 'put'>;
  readonly health: Pick<CampaignHealth, 'of'>;
  readonly marks: AlarmMarks;
  readonly staff: StaffEvents;
}

type Pausing = Extract<WatchFinding, { kind: 'pause' }>;

const TRIES = 5;

/** Pauses a campaign that is live. @returns whether this call did */
const pause = async (
  { campaigns }: WatchPorts,
  id: string,
  because: Pausing['because'],
  now: Instant,
): Promise<boolean> => {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const record = await campaigns.get(id);
    const outcome = record && transition(record, { kind: 'pause', because }, 'system', now);
    if (outcome?.kind !== 'done') return false;
    if ((await campaigns.put(outcome.record, outcome.record.version - 1)) === 'written') return true;
  }
  return false;
};

/**
 * The watch over campaigns that send: judged where their figures change, at the end of a batch with failures and at each
 * complaint, so that nothing has to look at campaigns that fare well. One that fails again and again, or that too many
 * complain of, is paused within that batch, and staff are told why (C8).
 */
export const createWatch = (ports: WatchPorts): Watch => ({
  async look(campaigns, now) {
    for (const campaign of new Set(campaigns)) {
      const finding = judge(await ports.health.of(campaign, now));
      const day = civilDateAt(now, 'UTC' as ZoneId);
      if (finding.kind === 'pause' && (await pause(ports, campaign, finding.because, now)))
        await ports.staff.tell({
          type: 'CampaignStopped',
          at: now,
          campaign,
          details: { because: finding.because, rate: finding.rate },
        });
      if (finding.kind === 'alarm' && (await ports.marks.first(campaign, day)))
        await ports.staff.tell({ type: 'ComplaintRate', at: now, campaign, details: { rate: finding.rate } });
    }
  },
});

/** Campaign health that has the watch look whenever something bad was noted: what senders and the receiver of feedback are
 *  given. */
export const watchedHealth = (health: CampaignHealth, watch: Watch): CampaignHealth => ({
  ...health,

  async note(batch) {
    await health.note(batch);
    if (batch.failed > 0) await watch.look([batch.campaign], batch.at);
  },

  async complaint(campaign, at) {
    await health.complaint(campaign, at);
    await watch.look([campaign], at);
  },
});
