import { describe, expect, test } from 'vitest';
import type { PartyId } from '../../shared/platform/ids.ts';
import { campaign, clause, hear, journeysOf, mailAfter } from './campaigns.ts';
import { createWorld, day, type World } from './world.ts';

const NOW = '2018-12-03T08:00:00Z';
const partyId = 'ana' as PartyId;
const steps = [mailAfter('one', 1), mailAfter('nine', 9)];

const worldOf = async (source: Parameters<typeof campaign>[0]) => {
  const world = createWorld({ now: NOW, programmes: [campaign({ steps, ...source })] });
  await world.person('ana');
  return world;
};
const looked = async (world: World) => {
  await world.changes.send([{ kind: 'party', partyId, because: 'test' }]);
  await world.drain();
};
const change = async (world: World, more: object) => {
  const profile = (await world.profiles.get(partyId))!;
  await world.profiles.put({ ...profile, ...more }, profile.version);
};

describe('what ends a journey before its last step', () => {
  test('a rule that comes to hold, on the change of the person that makes it so', async () => {
    const world = await worldOf({
      trigger: { event: 'CallEnded' },
      exits: ['deceased', { when: clause('customer.hasPhone', '=', true) }],
    });
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'a' });
    await looked(world);
    expect(await journeysOf(world)).toEqual(['test a active']);
    await world.advance('2018-12-05T08:00:00Z');
    await change(world, { phone: '+34600000000' });
    await looked(world);
    expect(await journeysOf(world)).toEqual(['test a exited exits.1']);
    expect(await world.history('ana')).toContain('fact test by-definition');
    await world.advance('2018-12-30T08:00:00Z');
    expect(world.seen.map(({ order }) => order.step)).toEqual(['one']);
  });

  test('a rule that comes to hold unheard of: before the next step', async () => {
    const world = await worldOf({
      trigger: { event: 'CallEnded' },
      exits: ['deceased', { when: clause('customer.hasPhone', '=', true) }],
    });
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'a' });
    await world.advance('2018-12-05T08:00:00Z');
    await change(world, { phone: '+34600000000' });
    await world.advance('2018-12-30T08:00:00Z');
    expect(await journeysOf(world)).toEqual(['test a exited exits.1']);
    expect(world.seen.map(({ order }) => order.step)).toEqual(['one']);
  });

  test('a rule about the policy, on the change of the policy', async () => {
    const world = await worldOf({
      subject: 'policy',
      trigger: { date: 'policy.renewsOn' },
      exits: ['deceased', { when: clause('policy.hasOffer', '=', true) }],
      steps: [{ id: 'm30', at: { daysBefore: 30, time: '10:00' }, do: { send: 'email', template: 'welcome' } }],
    });
    await world.load({ terms: [['2018-01-07', '2019-01-07']] });
    expect(await journeysOf(world)).toEqual(['test 2018-01-07 active']);
    await world.load({ terms: [['2018-01-07', '2019-01-07']], offerFor: '2019-01-07' });
    expect(await journeysOf(world)).toEqual(['test 2018-01-07 exited exits.1']);
  });

  test('an event, by its filter, wherever the journey stands', async () => {
    const world = await worldOf({
      trigger: { event: 'PremiumDue' },
      exits: ['deceased', { event: 'PremiumPaid', where: clause('event.inFull', '=', true) }],
    });
    await hear(world, 'PremiumDue', { customerRef: 'ref-ana', key: 'a' });
    await hear(world, 'PremiumPaid', { customerRef: 'ref-ana', properties: { inFull: false } });
    expect(await journeysOf(world)).toEqual(['test a active']);
    await world.advance('2018-12-05T08:00:00Z');
    await hear(world, 'PremiumPaid', { customerRef: 'ref-ana', properties: { inFull: true } });
    expect(await journeysOf(world)).toEqual(['test a exited exits.1']);
  });

  test('an event about another policy ends nothing of this one', async () => {
    const world = await worldOf({
      subject: 'policy',
      trigger: { event: 'PremiumDue' },
      exits: ['deceased', { event: 'PremiumPaid' }],
    });
    const terms = [['2018-06-01', '2019-06-01']] as const;
    await world.load({ no: 'P1', terms }, { no: 'P2', terms });
    await hear(world, 'PremiumDue', [
      { policyNo: 'P1', key: 'p1' },
      { policyNo: 'P2', key: 'p2' },
    ]);
    await hear(world, 'PremiumPaid', { policyNo: 'P2' });
    expect((await journeysOf(world)).sort()).toEqual(['test p1 active', 'test p2 exited exits.1']);
  });

  test('a death ends what says so, about the person too, and nothing of it begins any more', async () => {
    const world = await worldOf({ trigger: { event: 'CallEnded' } });
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'a' });
    await world.event('CustomerDeceased', { customerRef: 'ref-ana' });
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'b' });
    await world.advance('2018-12-30T08:00:00Z');
    expect(await journeysOf(world)).toEqual(['test a exited deceased']);
    expect(world.seen).toEqual([]);
  });

  test('a campaign that has ended takes nobody in, and its journeys still end with the policy', async () => {
    const world = await worldOf({
      subject: 'policy',
      trigger: { date: 'policy.renewsOn' },
      exits: ['deceased', 'renewed'],
      steps: [{ id: 'm30', at: { daysBefore: 30, time: '10:00' }, do: { send: 'email', template: 'welcome' } }],
    });
    await world.load({ no: 'P1', terms: [['2018-01-07', '2019-01-07']] });
    const record = (await world.campaigns.get('test'))!;
    await world.campaigns.put({ ...record, state: 'ended' }, 0);
    await world.load({ no: 'P2', terms: [['2018-01-11', '2019-01-11']] });
    await world.event('PolicyRenewed', { policyNo: 'P1', termStartsOn: '2019-01-07', nextRenewalOn: '2020-01-07' });
    expect(await journeysOf(world)).toEqual(['test 2018-01-07 exited renewed']);
  });

  test('a birthday that was mended moves with its journey; one withdrawn ends it', async () => {
    const world = await worldOf({
      trigger: { date: 'customer.birthOn', yearly: true },
      steps: [{ id: 'day', at: { daysBefore: 0, time: '09:00' }, do: { send: 'email', template: 'welcome' } }],
    });
    await change(world, { birthOn: day('1990-12-08') });
    await looked(world);
    expect(await journeysOf(world)).toEqual(['test 2018 active']);
    await change(world, { birthOn: day('1990-12-09') });
    await looked(world);
    await world.advance('2018-12-20T08:00:00Z');
    expect(world.sends()).toEqual(['2018-12-09 email day']);
    await world.advance('2019-12-07T08:00:00Z');
    await change(world, { birthOn: undefined });
    await looked(world);
    await world.advance('2020-02-01T08:00:00Z');
    expect(await journeysOf(world)).toEqual(['test 2018 finished', 'test 2019 exited superseded']);
    expect(world.sends()).toHaveLength(1);
  });
});
