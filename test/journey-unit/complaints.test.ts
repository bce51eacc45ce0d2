import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ComplaintNews, createComplaints, followComplaint } from '../../shared/customer/complaints.ts';
import { receiveCustomerEvent } from '../../shared/journey/receive-customer-event.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { HOUR, type Instant } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';
import { createWorld, instant } from './world.ts';

const NOW = '2027-03-02T09:00:00Z';
const ana = 'ana' as PartyId;

/** A world with one customer, to whom the insurer's systems may tell of complaints. */
const withAna = async () => {
  const world = createWorld({ now: NOW });
  await world.person('ana');
  const tell = (type: string, hour: number, key?: string) =>
    receiveCustomerEvent(
      {
        type,
        detail: {
          schemaVersion: 1,
          eventId: `${type}-${hour}-${key ?? ''}`,
          occurredAt: (instant(NOW) - 24 * HOUR + hour * HOUR) as Instant,
          customerRef: 'ref-ana',
          properties: {},
          ...(key === undefined ? {} : { key }),
        },
      },
      world.ports(),
      instant(NOW),
    );
  const isSilent = async () =>
    (await world.gates.getMany([ana])).get(ana)?.situations.includes('open-complaint') === true;
  return { world, tell, isSilent };
};

describe('M3: an open complaint', () => {
  test('silences from its opening to its closing, and audiences follow', async () => {
    const { world, tell, isSilent } = await withAna();
    await tell('ComplaintOpened', 1, 'B-7');
    expect(await isSilent()).toBe(true);
    expect(world.changes.messages).toContainEqual({ kind: 'party', partyId: 'ana', because: 'event:ComplaintOpened' });
    await tell('ComplaintClosed', 2, 'B-7');
    expect(await isSilent()).toBe(false);
  });

  test('of two, one closed, silences still', async () => {
    const { tell, isSilent } = await withAna();
    await tell('ComplaintOpened', 1, 'B-7');
    await tell('ComplaintOpened', 2, 'B-8');
    await tell('ComplaintClosed', 3, 'B-7');
    expect(await isSilent()).toBe(true);
    await tell('ComplaintClosed', 4, 'B-8');
    expect(await isSilent()).toBe(false);
  });

  test('F17: told in the wrong order, and twice, ends alike; opened again it is open', async () => {
    const { tell, isSilent } = await withAna();
    await tell('ComplaintClosed', 2, 'B-7');
    await tell('ComplaintOpened', 1, 'B-7');
    expect(await isSilent()).toBe(false);
    await tell('ComplaintOpened', 5, 'B-7');
    await tell('ComplaintClosed', 2, 'B-7');
    expect(await isSilent()).toBe(true);
  });

  test('without a number: the last word counts', async () => {
    const { tell, isSilent } = await withAna();
    await tell('ComplaintOpened', 1);
    await tell('ComplaintOpened', 2);
    await tell('ComplaintClosed', 3);
    expect(await isSilent()).toBe(false);
  });

  test('no other event silences', async () => {
    const { tell, isSilent } = await withAna();
    await tell('ServiceCallMade', 1, 'B-7');
    expect(await isSilent()).toBe(false);
  });
});

const news = fc.array(
  fc.record({
    complaint: fc.constantFrom('a', 'b', undefined),
    state: fc.constantFrom('opened' as const, 'closed' as const),
    hour: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 8 },
);
const toNews = ({ complaint, state, hour }: { complaint?: string; state: 'opened' | 'closed'; hour: number }) =>
  ({ partyId: ana, state, at: hour as Instant, ...(complaint === undefined ? {} : { complaint }) }) as ComplaintNews;

/** By the words of the promise, without a table: a complaint is open if it was opened after it was last closed. */
const isAnyOpen = (told: readonly ComplaintNews[]): boolean =>
  [...Map.groupBy(told, ({ complaint }) => complaint).values()].some((those) => {
    const latest = (state: string) => Math.max(-1, ...those.filter((one) => one.state === state).map(({ at }) => at));
    return latest('opened') > latest('closed');
  });

test('any news in any order at the same time: the gate says what is known', async () => {
  await fc.assert(
    fc.asyncProperty(news, fc.scheduler(), async (drawn, scheduler) => {
      const store = createComplaints(createMemoryTable());
      const late = async <Value>(act: () => Promise<Value>): Promise<Value> => {
        await scheduler.schedule(Promise.resolve());
        return act();
      };
      let silent = false;
      const ports = {
        complaints: {
          note: (one: ComplaintNews) => late(() => store.note(one)),
          isAnyOpen: (id: PartyId) => late(() => store.isAnyOpen(id)),
        },
        gates: {
          setSituation: (_id: PartyId, _situation: string, on: boolean) =>
            late(async () => {
              silent = on;
              return true;
            }),
        },
      };
      const told = drawn.map(toNews);
      await scheduler.waitFor(Promise.all(told.map((one) => followComplaint(ports, one))));
      expect(silent).toBe(isAnyOpen(told));
    }),
    { numRuns: 300 },
  );
});

for (const engine of tableEngines)
  test(`complaints on ${engine.name}: kept once, the closing counts at the same instant, others’ are others’`, async () => {
    const complaints = createComplaints(await engine.make());
    const at = instant(NOW);
    for (const state of ['opened', 'closed', 'opened'] as const)
      await complaints.note({ partyId: ana, complaint: 'B#7', state, at });
    expect(await complaints.isAnyOpen(ana)).toBe(false);
    await complaints.note({ partyId: 'ben' as PartyId, state: 'opened', at });
    expect([await complaints.isAnyOpen(ana), await complaints.isAnyOpen('ben' as PartyId)]).toEqual([false, true]);
  });
