import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MessageState, rankOf, type TimelineEntry } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';

const NOW = parseInstant('2019-01-31T10:00:00Z') as Instant;
const rowOf = (n: number, state: MessageState, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  partyId: `party${n % 3}` as PartyId,
  at: (NOW + n * MINUTE) as Instant,
  kind: 'message',
  id: `send${n}`,
  policyIds: ['policy' as PolicyId],
  campaign: 'renewal',
  step: 'm30',
  channel: 'email',
  sendClass: 'service',
  state,
  ...more,
});

describe.each(tableEngines)('the timeline on $name', (engine) => {
  test('F17 F18: a row that comes while an event finds none does not swallow the event', async () => {
    const table = await engine.make();
    const row = rowOf(1, 'accepted', { details: { messageId: 'm1' } });
    let meanwhile = async (): Promise<unknown> => createTimeline(table).record(row);
    const racing = createTimeline({
      ...table,
      async update(...call) {
        const outcome = await table.update(...call);
        await meanwhile();
        meanwhile = async () => {};
        return outcome;
      },
    });
    expect(await racing.advance(row, 'bounced', { reason: 'permanent' })).toBe('advanced');
    expect(await racing.get(row)).toMatchObject({ state: 'bounced', details: { messageId: 'm1' } });
  });

  test('a row is written once and read back', async () => {
    const timeline = createTimeline(await engine.make());
    const row = rowOf(1, 'skipped', { reason: 'no-email', details: { decidedAt: NOW } });
    expect(await timeline.record(row)).toBe('written');
    expect(await timeline.record({ ...row, reason: 'opted-out' })).toBe('refused');
    expect(await timeline.get(row)).toEqual(row);
    expect(await timeline.get(rowOf(2, 'held'))).toBeUndefined();
  });

  test('moves forward only, and says so; details are joined', async () => {
    const timeline = createTimeline(await engine.make());
    const row = rowOf(1, 'accepted', { details: { messageId: 'm1' } });
    expect(await timeline.advance(row, 'delivered')).toBe('absent');
    await timeline.record(row);
    expect(await timeline.advance(row, 'delivered', { details: { deliveredAt: NOW } })).toBe('advanced');
    expect(await timeline.advance(row, 'accepted')).toBe('behind');
    expect(await timeline.advance(row, 'delivered')).toBe('behind');
    await timeline.complete(row, { details: { openedAt: NOW } });
    expect(await timeline.get(row)).toEqual({
      ...row,
      state: 'delivered',
      details: { messageId: 'm1', deliveredAt: NOW, openedAt: NOW },
    });
    expect(await timeline.advance(row, 'bounced', { reason: 'transient' })).toBe('advanced');
    expect(await timeline.advance(row, 'bounced', { reason: 'permanent' })).toBe('advanced');
    expect(await timeline.advance(row, 'bounced', { reason: 'transient' })).toBe('behind');
    expect((await timeline.get(row))?.reason).toBe('permanent');
  });

  test('what is completed where no row is leaves none behind', async () => {
    const timeline = createTimeline(await engine.make());
    await timeline.complete(rowOf(1, 'held'), { reason: 'paused' });
    expect((await timeline.list('party1' as PartyId)).entries).toEqual([]);
  });

  test('a held row leaves its trouble list, its reason and its order when it goes out', async () => {
    const table = await engine.make();
    const timeline = createTimeline(table);
    const row = rowOf(1, 'held', { reason: 'quiet-hours', details: {} });
    await timeline.record(row);
    expect((await timeline.trouble('held')).entries.map(({ id }) => id)).toEqual(['send1']);
    await timeline.advance(row, 'accepted');
    expect((await timeline.trouble('held')).entries).toEqual([]);
    expect((await timeline.get(row))?.reason).toBeUndefined();
    // a good mail costs no index
    const [item] = (await table.query({ pk: `C#${row.partyId}` })).items;
    expect(Object.keys(item ?? {}).filter((name) => name.startsWith('byTrouble'))).toEqual([]);
  });

  test('lists of a person and of trouble: newest first, page by page, nothing twice, nothing missing', async () => {
    const timeline = createTimeline(await engine.make());
    for (let n = 0; n < 23; n += 1) await timeline.record(rowOf(n, n % 2 === 0 ? 'skipped' : 'accepted'));
    const walk = async (page: (after?: string) => ReturnType<typeof timeline.list>): Promise<string[]> => {
      const ids: string[] = [];
      let after: string | undefined;
      do {
        const { entries, next } = await page(after);
        expect(entries.length).toBeLessThanOrEqual(5);
        ids.push(...entries.map(({ id }) => id));
        after = next;
      } while (after !== undefined);
      return ids;
    };
    const newest = Array.from({ length: 23 }, (_, n) => 22 - n);
    const named = (numbers: number[]): string[] => numbers.map((n) => `send${n}`);
    expect(
      await walk((after) => timeline.trouble('skipped', { limit: 5, ...(after === undefined ? {} : { after }) })),
    ).toEqual(named(newest.filter((n) => n % 2 === 0)));
    expect(
      await walk((after) =>
        timeline.list('party1' as PartyId, { limit: 3, ...(after === undefined ? {} : { after }) }),
      ),
    ).toEqual(named(newest.filter((n) => n % 3 === 1)));
  });
});

test('F17: any order and number of moves ends in the highest state', async () => {
  const states = fc.constantFrom<MessageState>(
    'held',
    'unknown',
    'skipped',
    'accepted',
    'delivered',
    'failed',
    'bounced',
    'complained',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(states, { minLength: 1, maxLength: 8 }), async (moves) => {
      const timeline = createTimeline(createMemoryTable());
      const row = rowOf(1, 'held');
      await timeline.record(row);
      for (const state of moves) await timeline.advance(row, state);
      const highest = Math.max(...moves.map((state) => rankOf(state)), rankOf('held'));
      expect(rankOf((await timeline.get(row))?.state as MessageState)).toBe(highest);
    }),
    { numRuns: 200, seed: 17 },
  );
});
