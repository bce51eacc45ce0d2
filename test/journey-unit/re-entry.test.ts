import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CampaignDefinition } from '../../shared/campaign/definition.ts';
import { followJourney } from '../../shared/journey/follow-journey.ts';
import { entryName } from '../../shared/journey/re-entry.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { campaign, hear, journeysOf } from './campaigns.ts';
import { createWorld, day } from './world.ts';

type ReEntry = CampaignDefinition['reEntry'];
const NOW = '2018-12-03T08:00:00Z';

const worldOf = async (reEntry: ReEntry, table = createMemoryTable()) => {
  const programmes = [
    campaign({
      reEntry,
      trigger: { event: 'CallEnded' },
      useBy: 'P30D',
      steps: [
        { id: 'mail', do: { send: 'email', template: 'welcome' } },
        { id: 'patience', do: { wait: { for: 'P5D' } } },
        { id: 'note', do: { set: { trait: 'called', value: true } } },
      ],
    }),
  ];
  const world = createWorld({ now: NOW, programmes, table });
  await world.person('ana');
  return world;
};
const call = (key: string) => ({ customerRef: 'ref-ana', key });

describe('C4: who may begin a campaign again', () => {
  test.each<[ReEntry, string[]]>([
    ['never', ['test a finished']],
    // b came while a ran
    ['after-exit', ['test a finished', 'test c finished']],
    ['per-term', ['test a finished', 'test b finished', 'test c finished']],
    ['concurrent', ['test a finished', 'test b finished', 'test c finished']],
  ])('%s', async (reEntry, journeys) => {
    const world = await worldOf(reEntry);
    for (const [key, on] of [
      ['a', '2018-12-04'],
      ['b', '2018-12-20'],
      ['c', '2018-12-30'],
    ] as const) {
      await hear(world, 'CallEnded', call(key));
      await world.advance(`${on}T08:00:00Z`);
    }
    expect(await journeysOf(world)).toEqual(journeys);
    // each with a message of its own: the ledger does not take the second journey's for the first's
    expect(new Set(world.seen.map(({ order }) => order.sendId)).size).toBe(journeys.length);
  });

  test.each<ReEntry>(['never', 'after-exit', 'per-term', 'concurrent'])(
    'F10: %s: a copy of the event that began it, during and after, begins nothing',
    async (reEntry) => {
      const world = await worldOf(reEntry);
      for (const to of ['2018-12-04', '2018-12-15', '2018-12-20']) {
        await hear(world, 'CallEnded', { ...call('a'), occurredAt: NOW });
        await world.advance(`${to}T08:00:00Z`);
      }
      expect(await journeysOf(world)).toEqual(['test a finished']);
      expect(world.seen).toHaveLength(1);
    },
  );

  test.each<[ReEntry, number]>([
    ['never', 1],
    ['after-exit', 1],
    ['per-term', 6],
    ['concurrent', 6],
  ])('%s: six different events followed at once by six workers', async (reEntry, count) => {
    const world = await worldOf(reEntry);
    const at = world.now();
    await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        followJourney(
          {
            kind: 'event',
            partyId: 'ana' as PartyId,
            event: {
              id: `e${n}`,
              type: 'CallEnded',
              key: `k${n}`,
              occurredAt: at,
              receivedAt: at,
              properties: {},
              hops: 0,
            },
            because: 'test',
          },
          world.ports(),
          at,
        ),
      ),
    );
    await world.advance('2018-12-04T08:00:00Z');
    expect(await world.enrolments.ofParty('ana' as PartyId)).toHaveLength(count);
    expect(world.seen).toHaveLength(count);
  });

  test('a worker cut off after the enrolment and before its due row is finished by the redelivery', async () => {
    const table = createMemoryTable();
    let cut = true;
    const failing = {
      ...table,
      writeMany: async (...args: Parameters<typeof table.writeMany>) => {
        if (cut && args[0].some(({ entity }) => entity === 'Due')) {
          cut = false;
          throw new Error('killed');
        }
        return table.writeMany(...args);
      },
    };
    const world = await worldOf('after-exit', failing);
    await hear(world, 'CallEnded', call('a'));
    await world.advance('2018-12-04T08:00:00Z');
    expect(cut).toBe(false);
    expect(world.seen).toHaveLength(1);
  });

  test('any history: a name is never used twice, and only as the rule allows', () => {
    const rules = fc.constantFrom<ReEntry>('never', 'after-exit', 'per-term', 'concurrent');
    const steps = fc.array(fc.oneof(fc.record({ begin: fc.integer({ min: 0, max: 6 }) }), fc.constant({ end: true })));
    fc.assert(
      fc.property(rules, steps, (reEntry, acts) => {
        const known: { occurrence: string; occasion?: string; state: 'active' | 'exited' }[] = [];
        for (const act of acts) {
          if ('end' in act) {
            for (const each of known) each.state = 'exited';
            continue;
          }
          const running = known.some(({ state }) => state === 'active');
          const name = entryName({ reEntry }, `o${act.begin}`, known);
          if (!name) continue;
          expect(known.map(({ occurrence }) => occurrence)).not.toContain(name.occurrence);
          if (reEntry === 'never') expect(known).toEqual([]);
          if (reEntry === 'after-exit') expect(running).toBe(false);
          known.push({ ...name, state: 'active' });
        }
        const occasions = known.map(({ occurrence, occasion }) => occasion ?? occurrence);
        expect(new Set(occasions).size).toBe(occasions.length);
      }),
    );
  });
});

test('a claim’s own date is waited for whatever the re-entry rule calls the journey', async () => {
  const programmes = [
    campaign({
      subject: 'policy',
      trigger: { date: 'claim.settledOn' },
      reEntry: 'never',
      steps: [
        { id: 'settle', do: { wait: { until: { date: 'claim.settledOn', days: 3, time: '10:00' } } } },
        { id: 'ask', do: { send: 'email', template: 'welcome' } },
      ],
    }),
  ];
  const world = createWorld({ now: NOW, programmes });
  await world.person('ana');
  const [policyId] = await world.load({ terms: [['2018-01-15', '2019-01-15']] });
  const base = { policyId: policyId!, source: 'claims', recordedAt: world.now(), knownFrom: world.now(), origin: 'x' };
  await world.facts.write(
    ['2018-12-03', '2018-12-04'].map((settledOn, n) => ({
      ...base,
      kind: 'claim',
      claim: { claimNo: `K${n}`, type: 'glass', status: 'settled', settledOn: day(settledOn) },
    })),
  );
  await world.changes.send([{ kind: 'policies', policyIds: [policyId!], because: 'import' }]);
  await world.drain();
  await world.advance('2018-12-30T08:00:00Z');
  expect(await journeysOf(world)).toEqual(['test K0 finished']);
  expect(world.sends()).toEqual(['2018-12-06 email ask']);
});
