import { describe, expect, test } from 'vitest';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { ConsentStatement, JoinedRecord } from '../../shared/customer/record.ts';
import { createUnclearRecords } from '../../shared/customer/unclear-store.ts';
import { createPersons, updatePerson } from '../../shared/customer/update-person.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { NOW } from './sending.ts';

const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((name) => name.padEnd(26, '0') as PartyId) as [
  PartyId,
  PartyId,
  PartyId,
];
const later = (milliseconds: number): Instant => (NOW + milliseconds) as Instant;

const recordOf = (email: string, more: { asOf?: Instant; consents?: ConsentStatement[] } = {}): JoinedRecord =>
  ({
    source: 'underwriting',
    key: email,
    scope: 's',
    asOf: NOW,
    knownFrom: NOW,
    authority: 1,
    data: { email },
    consents: [],
    joinedBy: 'new',
    joinedAt: NOW,
    ...more,
  }) as never;

const start = () => {
  const table = createMemoryTable();
  const stores = {
    table,
    profiles: createProfiles(table),
    gates: createGates(table),
    addresses: createAddressBook(table),
    ledger: createConsentLedger(table),
    unclear: createUnclearRecords(table),
  };
  const said = { wording: 'one-click', source: 'unsubscribe-link' };
  const stop = (partyId: PartyId, at = later(1)) =>
    optOut(
      {
        ...stores,
        addressBook: stores.addresses,
        timeline: createTimeline(table),
        changes: createMemoryQueue<ChangeMessage>(),
      },
      { partyId, sendClass: 'service', at, ...said },
    );
  const refused = async (partyId: PartyId): Promise<boolean[]> => {
    const gate = (await stores.gates.getMany([partyId])).get(partyId);
    return (['service', 'marketing'] as const).map((purpose) => gate?.consent[`email/${purpose}`]?.given === false);
  };
  const change = (partyId: PartyId, record: JoinedRecord) =>
    updatePerson(stores, partyId, [record], later(10), { puts: [], deletes: [] });
  return { stores, stop, refused, change };
};

describe('F43: two customers at one address', () => {
  test('an opt-out covers both, and whoever comes to the address later', async () => {
    const { stores, stop, refused } = start();
    await createPersons(
      stores,
      [ann, bob].map((partyId) => ({ partyId, record: recordOf('Family@example.com') })),
      NOW,
    );
    await stop(ann);
    await createPersons(stores, [{ partyId: cid, record: recordOf('family@example.com ') }], later(10));
    for (const party of [ann, bob, cid]) expect(await refused(party)).toEqual([true, true]);
  });

  test('… by a change of address too; and a new address of its own stays as it was', async () => {
    const { stores, stop, refused, change } = start();
    await createPersons(stores, [{ partyId: ann, record: recordOf('family@example.com') }], NOW);
    await createPersons(
      stores,
      [bob, cid].map((partyId) => ({ partyId, record: recordOf('own@example.com') })),
      NOW,
    );
    await stop(ann);
    const moved = { ...recordOf('own@example.com', { asOf: later(5) }), data: { email: 'family@example.com' } };
    await change(bob, moved);
    await change(cid, { ...moved, data: { email: 'another@example.com' } });
    expect(await refused(bob)).toEqual([true, true]);
    expect(await refused(cid)).toEqual([false, false]);
  });

  test('what the newcomer agreed to after the refusal stands; what before does not', async () => {
    const { stores, stop, refused } = start();
    await createPersons(stores, [{ partyId: ann, record: recordOf('family@example.com') }], NOW);
    await stop(ann);
    const agreed = (at: Instant): ConsentStatement[] =>
      (['service', 'marketing'] as const).map((purpose) => ({
        channel: 'email',
        purpose,
        given: true,
        wording: 'w2',
        at,
      }));
    const records = [agreed(NOW), agreed(later(5))].map((consents) => recordOf('family@example.com', { consents }));
    await createPersons(
      stores,
      [bob, cid].map((partyId, n) => ({ partyId, record: records[n] as JoinedRecord })),
      later(10),
    );
    expect(await refused(bob)).toEqual([true, true]);
    expect(await refused(cid)).toEqual([false, false]);
  });

  test('N4: an opt-out in the middle of somebody’s coming finds him, or is found', async () => {
    const { stores } = start();
    await createPersons(stores, [{ partyId: ann, record: recordOf('family@example.com') }], NOW);
    const calls = Object.keys(stores.addresses).length;
    for (let n = 0; n < calls * 3; n += 1) {
      const world = start();
      await createPersons(world.stores, [{ partyId: ann, record: recordOf('family@example.com') }], NOW);
      let call = 0;
      // the opt-out strikes before or after the n-th call of the newcomer's making
      const striking = <Port extends object>(port: Port): Port =>
        new Proxy(port, {
          get: (target, name) => {
            const method = target[name as keyof Port];
            if (typeof method !== 'function') return method;
            return async (...args: unknown[]) => {
              if (call++ === n) await world.stop(ann);
              const answer: unknown = await method.apply(target, args);
              return answer;
            };
          },
        });
      const ports = {
        ...world.stores,
        addresses: striking(world.stores.addresses),
        profiles: striking(world.stores.profiles),
        gates: striking(world.stores.gates),
      };
      await createPersons(ports, [{ partyId: bob, record: recordOf('family@example.com') }], later(10));
      if (call > n) expect(await world.refused(bob), `strike ${n}`).toEqual([true, true]);
    }
  });
});
