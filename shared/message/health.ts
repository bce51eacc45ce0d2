import { type Item, queryAll, type Table } from '../platform/table.ts';
import { addDays, type CivilDate, civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';

/** What one batch of orders did for a campaign. */
export interface HealthNote {
  readonly campaign: string;
  readonly at: Instant;
  /** Messages that the provider took. */
  readonly accepted: number;
  /** Messages that failed for good. */
  readonly failed: number;
  /** How many of them failed after the last that was taken; all of them where none was. */
  readonly failedSince: number;
}

/** How the messages of a campaign fare, summed over some days. */
export interface HealthFigures {
  readonly accepted: number;
  readonly failed: number;
  /** Failures in a row up to now, on the latest day with any message. */
  readonly streak: number;
  readonly complaints: number;
  readonly hardBounces: number;
}

/**
 * Figures that the watch over running campaigns reads. Counted, not exact: a batch that is told twice counts twice, and
 * of batches that end together one has the last word on the streak. What is exact is in the timeline.
 */
export interface CampaignHealth {
  /** One write for each note with something in it. */
  note(batch: HealthNote): Promise<void>;
  complaint(campaign: string, at: Instant): Promise<void>;
  hardBounce(campaign: string, at: Instant): Promise<void>;
  /** @param days how many, the last being that of `now`, in UTC */
  of(campaign: string, now: Instant, days?: number): Promise<HealthFigures>;
}

const WEEK = 7;
const dayOf = (at: Instant): CivilDate => civilDateAt(at, 'UTC' as ZoneId);
const pkOf = (campaign: string): string => `HEALTH#${campaign}`;
const FIGURES = ['accepted', 'failed', 'complaints', 'hardBounces'] as const;

/** Campaign health over the table: `HEALTH#<campaign>` / `<yyyy-mm-dd>`. */
export const createCampaignHealth = (table: Table): CampaignHealth => {
  const add = async (
    campaign: string,
    at: Instant,
    figures: Partial<Record<(typeof FIGURES)[number] | 'streak', number>>,
    streak?: number,
  ): Promise<void> => {
    await table.update(
      { pk: pkOf(campaign), sk: dayOf(at) },
      {
        set: [
          { path: ['entity'], value: 'CampaignHealth' },
          { path: ['schemaVersion'], value: 1 },
          ...(streak === undefined ? [] : [{ path: ['streak'] as const, value: streak }]),
        ],
        add: Object.entries(figures)
          .filter(([, by]) => by > 0)
          .map(([name, by]) => ({ path: [name] as const, by })),
      },
    );
  };
  const sum = (items: readonly Item[], name: string): number =>
    items.reduce((total, item) => total + Number(item[name] ?? 0), 0);

  return {
    async note({ campaign, at, accepted, failed, failedSince }) {
      if (accepted + failed === 0) return;
      if (accepted === 0) await add(campaign, at, { failed, streak: failed });
      else await add(campaign, at, { accepted, failed }, failedSince);
    },
    complaint: (campaign, at) => add(campaign, at, { complaints: 1 }),
    hardBounce: (campaign, at) => add(campaign, at, { hardBounces: 1 }),

    async of(campaign, now, days = WEEK) {
      const items: Item[] = [];
      const [from, to] = [addDays(dayOf(now), 1 - days), dayOf(now)];
      for await (const item of queryAll(table, { pk: pkOf(campaign), from, to, consistent: true })) items.push(item);
      const [accepted, failed, complaints, hardBounces] = FIGURES.map((name) => sum(items, name)) as [
        number,
        number,
        number,
        number,
      ];
      return { accepted, failed, complaints, hardBounces, streak: Number(items.at(-1)?.streak ?? 0) };
    },
  };
};
