import { describe, expect, test } from 'vitest';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import type { PinnedDefinition } from '../../shared/campaign/definition.ts';
import { createDueWork, type DueItem } from '../../shared/journey/due-work.ts';
import type { AudiencesMessage } from '../../shared/launch/contract.ts';
import { createDailyKeeper, dailyDue } from '../../shared/launch/due-items.ts';
import { createLaunchEffects } from '../../shared/launch/launch-campaign.ts';
import { firstRun, isPlanned, runAfter, runsBetween } from '../../shared/launch/plan-runs.ts';
import { noSums } from '../../shared/launch/pre-flight.ts';
import { createPreFlights } from '../../shared/launch/pre-flight-store.ts';
import { runDaily } from '../../shared/launch/run-daily.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { startRun } from '../../shared/launch/start-run.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { DAY, formatInstant, HOUR, type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';
import { broadcast, pin, TEN } from './run-world.ts';

const at = (text: string): Instant => parseInstant(text) as Instant;
const every = (rrule: string, zone = 'Europe/Madrid') =>
  broadcast({
    trigger: { every: { rrule, from: '2027-03-01T02:30', zone: zone as never } },
    reEntry: 'concurrent',
  });

const recordOf = (pinned: PinnedDefinition, changes: Partial<CampaignRecord> = {}): CampaignRecord => ({
  id: pinned.definition.id,
  state: 'live',
  draft: pinned.hash,
  live: pinned.hash,
  makers: [],
  title: pinned.definition.title,
  sendClass: 'marketing',
  priority: 50,
  updatedAt: TEN,
  version: 1,
  ...changes,
});

const createWorld = (pinned: PinnedDefinition, record: CampaignRecord | undefined = recordOf(pinned)) => {
  const table = createMemoryTable();
  const runs = createRuns(table);
  const dueWork = createDueWork(table);
  const placed: DueItem[] = [];
  const audiences = createMemoryQueue<AudiencesMessage>();
  let now = TEN;
  const ports = {
    campaigns: { get: async () => record },
    definitions: { get: async () => pinned },
    runs,
    preFlights: createPreFlights(table),
    dueWork: {
      place: async (items: readonly DueItem[], when: Instant) => {
        placed.push(...items);
        await dueWork.place(items, when);
      },
    },
    staff: { tell: async () => {} },
    audiences,
    watchAudiences: async () => {},
    clock: () => now,
    liveCampaigns: { entering: async () => [pinned] },
    passEveryNight: async () => {},
    tellOverdue: async () => {},
  };
  return { ports, placed, runs, audiences, moveTo: (to: Instant) => (now = to) };
};

describe('the runs of a campaign', () => {
  test('once: at its time; launched a little late at the end of the ten minutes; long past at its old time', () => {
    const once = broadcast();
    const before = (TEN - HOUR) as Instant;
    expect(firstRun(once, before)).toEqual({ at: TEN, occurrence: '2027-01-15T10:00' });
    const soon = (TEN + 5 * MINUTE) as Instant;
    expect(firstRun(once, soon)).toEqual({ at: soon, occurrence: '2027-01-15T10:00' });
    expect(firstRun(once, (TEN + 3 * DAY) as Instant)).toEqual({ at: TEN, occurrence: '2027-01-15T10:00' });
  });

  test('F15 recurring: one run per local due day, over the spring gap too', () => {
    const runs = runsBetween(every('FREQ=DAILY'), at('2027-03-27T00:00:00Z'), at('2027-03-30T00:00:00Z'));
    expect(runs.map(({ occurrence }) => occurrence)).toEqual([
      '2027-03-27T02:30',
      // 02:30 is not shown that night
      '2027-03-28T03:30',
      '2027-03-29T02:30',
    ]);
  });

  test('a run that the live version does not have is not planned', () => {
    const monthly = every('FREQ=MONTHLY;BYMONTHDAY=1');
    const next = runAfter(monthly, at('2027-04-15T00:00:00Z'));
    expect(next?.occurrence).toBe('2027-05-01T02:30');
    expect(isPlanned(monthly, next as never)).toBe(true);
    expect(isPlanned(every('FREQ=MONTHLY;BYMONTHDAY=2'), next as never)).toBe(false);
  });
});

describe('launching', () => {
  test('places the first run, not before the ten minutes are over, and again the same', async () => {
    const pinned = pin(broadcast());
    const { ports, placed, moveTo } = createWorld(pinned);
    moveTo((TEN - 5 * MINUTE) as Instant);
    const notBefore = (TEN + 5 * MINUTE) as Instant;
    const effects = createLaunchEffects(ports);
    await effects.onLaunch(recordOf(pinned, { notBefore }), pinned);
    await effects.onLaunch(recordOf(pinned, { notBefore }), pinned);
    expect(new Set(placed.map((item) => `${item.id}@${item.at}`))).toEqual(
      new Set([`spring#2027-01-15T10:00@${notBefore}`]),
    );
    expect(placed[0]?.payload).toEqual({
      kind: 'run',
      campaign: 'spring',
      occurrence: '2027-01-15T10:00',
      at: notBefore,
    });
  });

  test('of a campaign with runs is refused until its pre-flight is done, and where that cannot finish (C6)', async () => {
    const pinned = pin(broadcast());
    const { ports, audiences } = createWorld(pinned);
    const effects = createLaunchEffects(ports);
    expect(await effects.whyNot(pinned)).toMatch(/being computed/);
    expect(audiences.take()).toMatchObject([{ kind: 'pre-flight', campaign: 'spring', definition: pinned.hash }]);
    const begun = await ports.preFlights.get({ campaign: 'spring', definition: pinned.hash });
    const limits = { perSecond: 1, perDay: 1_000, sentLast24Hours: 0 };
    const fits = await ports.preFlights.put({
      ...begun,
      shard: 256,
      limits,
      sums: { ...noSums, going: 1_300 },
    } as never);
    expect(await effects.whyNot(pinned)).toBeUndefined();
    await ports.preFlights.put({ ...fits, sums: { ...noSums, going: 300_000 } } as never);
    expect(await effects.whyNot(pinned)).toMatch(/^300000 mails take .* 1300 can go in time/);
    // a campaign without runs has nothing that must finish
    expect(await effects.whyNot(pin(broadcast({ trigger: { date: 'customer.birthOn' } })))).toBeUndefined();
  });

  test('of a campaign by date begins one look through the book', async () => {
    const pinned = pin(broadcast({ trigger: { date: 'customer.birthOn' } }));
    const { ports, runs, placed } = createWorld(pinned);
    const effects = createLaunchEffects(ports);
    await effects.onLaunch(recordOf(pinned), pinned);
    await effects.onLaunch(recordOf(pinned), pinned);
    expect(await runs.running()).toMatchObject([{ campaign: 'spring', mode: 'look', state: 'walking' }]);
    expect(new Set(placed.map(({ id }) => id))).toEqual(new Set(['walk']));
  });

  test('resuming clears the shelf and has the runs looked at', async () => {
    const { ports, audiences } = createWorld(pin(broadcast()));
    await createLaunchEffects(ports).onResume('spring');
    expect(audiences.take()).toEqual([{ kind: 'unshelve', campaign: 'spring' }, { kind: 'walk' }]);
  });
});

describe('a run that is due', () => {
  const monthly = pin(every('FREQ=MONTHLY;BYMONTHDAY=1'));
  const first = firstRun(monthly.definition, at('2027-03-15T00:00:00Z')) as { at: Instant; occurrence: string };

  test('places the run after it before it begins', async () => {
    const { ports, placed } = createWorld(monthly);
    expect(await startRun({ campaign: 'spring', ...first }, ports, first.at)).toBe('begun');
    expect(placed.map(({ id, at: due }) => `${id} ${formatInstant(due)}`)).toEqual([
      'spring#2027-05-01T02:30 2027-05-01T00:30:00.000Z',
      expect.stringMatching(/^walk /),
    ]);
  });

  test.each([
    ['ended', { state: 'ended' }],
    ['cancelled', { cancelled: { by: 'u', at: TEN } }],
    ['archived', { state: 'archived' }],
  ] as const)('does not begin where the campaign is %s', async (_, changes) => {
    const { ports, placed, runs } = createWorld(monthly, recordOf(monthly, changes));
    expect(await startRun({ campaign: 'spring', ...first }, ports, first.at)).toBe('not-live');
    expect(placed).toEqual([]);
    expect(await runs.running()).toEqual([]);
  });

  test('begins while the campaign is paused, and waits', async () => {
    const { ports, runs } = createWorld(monthly, recordOf(monthly, { state: 'paused' }));
    expect(await startRun({ campaign: 'spring', ...first }, ports, first.at)).toBe('begun');
    expect(await runs.running()).toHaveLength(1);
  });

  test('of an earlier version does not begin', async () => {
    const { ports } = createWorld(pin(every('FREQ=MONTHLY;BYMONTHDAY=2')));
    expect(await startRun({ campaign: 'spring', ...first }, ports, first.at)).toBe('not-planned');
  });
});

describe('the daily round', () => {
  test('is kept due, one write a day', async () => {
    const { ports, placed } = createWorld(pin(broadcast()));
    const keep = createDailyKeeper(ports.dueWork);
    for (let minute = 0; minute < 48 * 60; minute += 30) await keep((TEN + minute * MINUTE) as Instant);
    expect(placed.map((item) => formatInstant(item.at))).toEqual([
      '2027-01-15T17:00:00.000Z',
      '2027-01-16T17:00:00.000Z',
      '2027-01-17T17:00:00.000Z',
    ]);
  });

  test('places the next one and every run that a dead letter may have lost', async () => {
    const monthly = pin(every('FREQ=MONTHLY;BYMONTHDAY=1'));
    const { ports, placed } = createWorld(monthly);
    const now = at('2027-04-15T17:00:00Z');
    await runDaily(ports, now);
    expect(placed).toEqual([
      dailyDue(now),
      expect.objectContaining({ id: 'spring#2027-05-01T02:30', at: at('2027-05-01T00:30:00Z') }),
    ]);
  });
});
