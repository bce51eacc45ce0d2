import { describe, expect, test } from 'vitest';
import type { Gate, RecentContact } from '../../shared/customer/customer.ts';
import { createGates, RECENT_DAYS } from '../../shared/customer/gate-store.ts';
import type { PartyId, SendId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { DAY, type Instant, MINUTE, type ZoneId } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';

const party = 'party00000000000000000000a' as PartyId;
const NOW = 1_550_000_000_000 as Instant;
const gateOf = (more: Partial<Gate> = {}): Gate => ({
  partyId: party,
  version: 1,
  consent: {},
  suppressed: {},
  situations: [],
  zone: 'Europe/Madrid' as ZoneId,
  recent: {},
  ...more,
});
const contactOf = (owner: string, at: number = NOW): RecentContact => ({
  at: at as Instant,
  channel: 'email',
  sendClass: 'service',
  owner,
  leaseUntil: (at + 2 * MINUTE) as Instant,
});
const sendId = (n: number): SendId => `send${n}` as SendId;

describe.each(tableEngines)('the gate on $name', (engine) => {
  const open = async (gate = gateOf()) => {
    const table = await engine.make();
    const gates = createGates(table);
    await gates.create(gate);
    const read = async (): Promise<Gate> => (await gates.getMany([party])).get(party) as Gate;
    return { table, gates, read };
  };

  test('is made once, and read back as written', async () => {
    const { gates, read } = await open(
      gateOf({ consent: { 'email/marketing': { given: true, wording: 'w2', at: NOW } }, situations: ['bereavement'] }),
    );
    await gates.create(gateOf({ zone: 'Asia/Shanghai' as ZoneId }));
    expect(await read()).toEqual(
      gateOf({ consent: { 'email/marketing': { given: true, wording: 'w2', at: NOW } }, situations: ['bereavement'] }),
    );
    expect((await gates.getMany(['nobody' as PartyId])).size).toBe(0);
  });

  test('M4: of twenty workers that reserve one message, one has it and all others learn whose it is', async () => {
    const { gates, read } = await open();
    const gate = await read();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => gates.reserve(gate, [sendId(1)], contactOf(`w${n}`))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'reserved').length).toBe(1);
    expect(outcomes.filter(({ kind }) => kind === 'taken').length).toBe(19);
    const owner = (await read()).recent[sendId(1)]?.owner;
    for (const outcome of outcomes) if (outcome.kind === 'taken') expect(outcome.contact.owner).toBe(owner);
  });

  test('several messages of one person: all or none is reserved', async () => {
    const { gates, read } = await open();
    expect((await gates.reserve(await read(), [sendId(2)], contactOf('a'))).kind).toBe('reserved');
    expect((await gates.reserve(await read(), [sendId(1), sendId(2)], contactOf('b'))).kind).toBe('taken');
    expect(Object.keys((await read()).recent)).toEqual([sendId(2)]);
  });

  test('N4: a reservation is refused once an opt-out changed the gate that was read', async () => {
    const { gates, read } = await open();
    const gate = await read();
    await gates.setConsent(party, 'email', 'marketing', { given: false, wording: 'w', at: NOW });
    expect((await gates.reserve(gate, [sendId(1)], contactOf('a'))).kind).toBe('changed');
    expect((await read()).recent).toEqual({});
  });

  test('F05: own reservation is recognised after its answer was lost, even when the gate moved on meanwhile', async () => {
    const { gates, read } = await open();
    const gate = await read();
    await gates.reserve(gate, [sendId(1)], contactOf('me'));
    expect((await gates.reserve(gate, [sendId(1)], contactOf('me'))).kind).toBe('reserved');
    await gates.suppress(party, 'post', 'returned-mail');
    expect((await gates.reserve(gate, [sendId(1)], contactOf('me'))).kind).toBe('reserved');
    expect((await gates.reserve(gate, [sendId(1)], contactOf('other'))).kind).toBe('taken');
  });

  test('contacts older than 35 days are forgotten by the next reservation, younger ones kept', async () => {
    const { gates, read } = await open();
    await gates.reserve(await read(), [sendId(1)], contactOf('a', NOW));
    await gates.reserve(await read(), [sendId(2)], contactOf('b', NOW + DAY));
    await gates.reserve(await read(), [sendId(3)], contactOf('c', NOW + RECENT_DAYS * DAY + MINUTE));
    expect(Object.keys((await read()).recent).sort()).toEqual([sendId(2), sendId(3)]);
  });

  test('M6: preferences are read back as set, once, and refuse what was read before them', async () => {
    const { gates, read } = await open();
    const before = await read();
    expect(before.preferences).toBeUndefined();
    const said = {
      refusedTopics: ['surveys', 'offers'],
      pace: 'monthly',
      pausedUntil: (NOW + DAY) as Instant,
    } as const;
    expect(await gates.setPreferences(party, said)).toBe(true);
    expect(await gates.setPreferences(party, { ...said, refusedTopics: ['offers', 'surveys'] })).toBe(false);
    expect((await read()).preferences).toEqual({ ...said, refusedTopics: ['offers', 'surveys'] });
    expect((await gates.reserve(before, [sendId(1)], contactOf('a'))).kind).toBe('changed');
    expect(await gates.setPreferences(party, { refusedTopics: [] })).toBe(true);
    expect((await read()).preferences).toEqual({ refusedTopics: [] });
    await expect(gates.setPreferences('nobody' as PartyId, said)).rejects.toMatchObject({ code: 'not-found' });
    const written = gateOf({
      partyId: 'party00000000000000000000b' as PartyId,
      preferences: { refusedTopics: ['events'] },
    });
    await gates.create(written);
    expect((await gates.getMany([written.partyId])).get(written.partyId)).toEqual(written);
  });

  test('what a quarterly pace counts is remembered for the quarter, everything else for 35 days', async () => {
    const { gates, read } = await open();
    await gates.setPreferences(party, { refusedTopics: [], pace: 'quarterly' });
    await gates.reserve(await read(), [sendId(1)], { ...contactOf('a'), paced: true });
    await gates.markFailed(party, sendId(1));
    expect((await read()).recent[sendId(1)]).toMatchObject({ failed: true, paced: true });
    await gates.reserve(await read(), [sendId(2)], { ...contactOf('b', NOW + DAY), paced: true });
    await gates.reserve(await read(), [sendId(3)], contactOf('c', NOW + DAY));
    await gates.reserve(await read(), [sendId(4)], contactOf('d', NOW + 91 * DAY));
    expect(Object.keys((await read()).recent).sort()).toEqual([sendId(1), sendId(2), sendId(4)]);
    await gates.setPreferences(party, { refusedTopics: [], pace: 'monthly' });
    await gates.reserve(await read(), [sendId(5)], contactOf('e', NOW + 92 * DAY));
    expect(Object.keys((await read()).recent).sort()).toEqual([sendId(4), sendId(5)]);
  });

  test('a reservation is taken over from the owner it was taken for and no other', async () => {
    const { gates, read } = await open();
    await gates.reserve(await read(), [sendId(1)], contactOf('first'));
    expect((await gates.takeOver(await read(), [sendId(1)], 'somebody', contactOf('next'))).kind).toBe('taken');
    const gate = await read();
    expect((await gates.takeOver(gate, [sendId(1)], 'first', contactOf('next'))).kind).toBe('reserved');
    expect((await gates.takeOver(gate, [sendId(1)], 'first', contactOf('next'))).kind).toBe('reserved');
    expect((await gates.takeOver(gate, [sendId(1)], 'first', contactOf('late'))).kind).toBe('taken');
    expect((await read()).recent[sendId(1)]?.owner).toBe('next');
  });

  test('what failed keeps its id and is no contact; a message for several policies fails as one', async () => {
    const { gates, read } = await open();
    await gates.reserve(await read(), [sendId(1), sendId(2)], contactOf('a'));
    await gates.markFailed(party, sendId(2));
    expect((await read()).recent[sendId(1)]?.failed).toBeUndefined();
    for (const _ of [1, 2]) await gates.markFailed(party, sendId(1));
    const { recent, version } = await read();
    expect([recent[sendId(1)]?.failed, recent[sendId(2)]?.failed, version]).toEqual([true, true, 3]);
    expect((await gates.reserve(await read(), [sendId(1)], contactOf('b'))).kind).toBe('taken');
    await gates.markFailed(party, sendId(9));
    await gates.markFailed('nobody' as PartyId, sendId(1));
  });

  test('a release gives back own reservations only', async () => {
    const { gates, read } = await open();
    await gates.reserve(await read(), [sendId(1)], contactOf('a'));
    await gates.release(party, [sendId(1)], 'b');
    expect(Object.keys((await read()).recent)).toEqual([sendId(1)]);
    await gates.release(party, [sendId(1)], 'a');
    await gates.release(party, [sendId(1)], 'a');
    expect((await read()).recent).toEqual({});
  });

  test('the later word on consent stands, in whichever order they come; of two at once the refusal', async () => {
    const yes = { given: true, wording: 'w', at: NOW };
    const no = { given: false, wording: 'w', at: (NOW + 1) as Instant };
    for (const states of [
      [yes, no],
      [no, yes],
      [{ ...yes, at: no.at }, no],
      [no, { ...yes, at: no.at }],
    ]) {
      const { gates, read } = await open();
      for (const state of states) await gates.setConsent(party, 'email', 'marketing', state);
      expect((await read()).consent['email/marketing']).toEqual(no);
    }
  });

  test('says whether something changed, keeps the strongest suppression, lifts what it set', async () => {
    const { gates, read } = await open();
    const { version } = await read();
    expect(await gates.suppress(party, 'email', 'hard-bounce')).toBe(true);
    expect(await gates.suppress(party, 'email', 'soft-bounces')).toBe(false);
    expect(await gates.setSituation(party, 'deceased', true)).toBe(true);
    expect(await gates.setSituation(party, 'deceased', true)).toBe(false);
    const shut = await read();
    expect(shut).toMatchObject({
      suppressed: { email: 'hard-bounce' },
      situations: ['deceased'],
      version: version + 2,
    });
    expect(await gates.unsuppress(party, 'email')).toBe(true);
    expect(await gates.setSituation(party, 'deceased', false)).toBe(true);
    expect(await read()).toMatchObject({ suppressed: {}, situations: [] });
  });

  test('goes over to another zone once', async () => {
    const { gates, read } = await open();
    expect(await gates.setZone(party, 'Pacific/Auckland' as ZoneId)).toBe(true);
    expect(await gates.setZone(party, 'Pacific/Auckland' as ZoneId)).toBe(false);
    expect((await read()).zone).toBe('Pacific/Auckland');
  });

  test('fifty changes at once are all kept', async () => {
    const { gates, read } = await open();
    const channels = ['email', 'post', 'phone', 'sms'] as const;
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        gates.setConsent(party, channels[n % 4] ?? 'email', n % 2 === 0 ? 'service' : 'marketing', {
          given: n >= 8,
          wording: `w${n}`,
          at: (NOW + n) as Instant,
        }),
      ),
    );
    const { consent } = await read();
    expect(Object.keys(consent).length).toBe(4);
    for (const state of Object.values(consent)) expect(state?.given).toBe(true);
  });

  test('a person without a gate is a fault, not a silent opt-in', async () => {
    const gates = createGates(await engine.make());
    await expect(gates.suppress(party, 'email', 'hard-bounce')).rejects.toMatchObject({ code: 'not-found' });
  });
});

test('P7: a gate with consent to four channels, all preferences and six contacts stays within 1 KB, one write unit', async () => {
  const consent = Object.fromEntries(
    ['email/service', 'email/marketing', 'post/marketing', 'phone/marketing'].map((name) => [
      name,
      { given: true, wording: '2018-05-web', at: NOW },
    ]),
  );
  const recent = Object.fromEntries(
    Array.from({ length: 6 }, (_, n) => [
      `${'x'.repeat(25)}${n}`,
      { ...contactOf('01d0000000000000000000000a', NOW + n), row: NOW },
    ]),
  );
  const preferences = {
    refusedTopics: ['advice', 'events', 'surveys'],
    pace: 'quarterly',
    pausedUntil: (NOW + 90 * DAY) as Instant,
  } as const;
  const table = createMemoryTable();
  await createGates(table).create(gateOf({ consent, recent, preferences }));
  expect(itemBytes(await table.get({ pk: `C#${party}`, sk: 'GATE' }))).toBeLessThan(1_024);
});

/** Size of an item by DynamoDB's rules: names and text in UTF-8, numbers by digits, 1–3 bytes for structure. */
const itemBytes = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1;
  if (Array.isArray(value)) return 3 + value.reduce((sum: number, entry) => sum + 1 + itemBytes(entry), 0);
  if (value !== null && typeof value === 'object')
    return Object.entries(value).reduce(
      (sum, [name, entry]) => sum + 1 + Buffer.byteLength(name) + itemBytes(entry),
      3,
    );
  return 1;
};
