import { describe, expect, test } from 'vitest';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { LEASE } from '../../shared/message/plan-mails.ts';
import { sendIdsOf } from '../../shared/message/send-ids.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import { settleUnknown } from '../../shared/message/unknown-outcome.ts';
import type { PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { DAY, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createSending, mergedOrder, NOW, namesOf, policyOf } from './sending.ts';

type Sending = Awaited<ReturnType<typeof createSending>>;

const exit = async ({ memory }: Sending, k: number): Promise<void> => {
  const enrolments = createEnrolments(memory);
  const { partyId } = namesOf(0);
  const ref = { partyId, campaign: 'renewal', policyId: policyOf(0, k), occurrence: '2018-02-14' };
  const known = await enrolments.get(ref);
  if (!known) throw new Error('no enrolment');
  await enrolments.put({ ...known, state: 'exited', exit: { reason: 'renewed', at: NOW } }, known.version);
};
const kinds = (outcomes: readonly { kind: string }[]): string[] => outcomes.map(({ kind }) => kind);
/** Rows by the policies they tell of: `0,1 accepted`. */
const told = async (sending: Sending): Promise<string[]> => {
  const nameOf = (id: PolicyId): number => [0, 1, 2].findIndex((k) => policyOf(0, k) === id);
  return (await sending.rows(0))
    .map(({ policyIds, state, reason }) => `${policyIds.map(nameOf).join(',')} ${state}${reason ? ` ${reason}` : ''}`)
    .sort();
};

describe('one message for several policies (C5)', () => {
  test('M4: one reservation for all send ids, one mail, one row; each policy by itself finds it done', async () => {
    const sending = await createSending([{ n: 0, policies: 3 }]);
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [0, 1, 2])]))).toEqual(['sent']);
    expect(await told(sending)).toEqual(['0,1,2 accepted']);
    const gate = await sending.gateOf(0);
    expect(gate.version).toBe(2);
    expect(Object.keys(gate.recent).sort()).toEqual([...sendIdsOf(mergedOrder(0, [0, 1, 2]))].sort());
    for (const k of [0, 1, 2]) expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [k])]))).toEqual(['done']);
    expect(sending.calls).toHaveLength(1);
    expect(sending.calls[0]?.tags.policies?.split('-')).toHaveLength(3);
  });

  test('the gate of a person with three policies stays below one write unit', async () => {
    const sending = await createSending([{ n: 0, policies: 3 }]);
    await sendMail(sending.ports, [mergedOrder(0, [0, 1, 2])]);
    const item = await sending.memory.get({ pk: `C#${namesOf(0).partyId}`, sk: 'GATE' });
    expect(JSON.stringify(item).length).toBeLessThan(1_024);
  });

  test('what renewed meanwhile is left out, with its reason; the rest is written about', async () => {
    const sending = await createSending([{ n: 0, policies: 3 }]);
    await exit(sending, 0);
    const composed: PolicyId[][] = [];
    const ports = {
      ...sending.ports,
      compose: (...given: Parameters<typeof sending.ports.compose>) => {
        composed.push(given[0].policies.map(({ policyId }) => policyId));
        return sending.ports.compose(...given);
      },
    };
    expect(kinds(await sendMail(ports, [mergedOrder(0, [0, 1, 2])]))).toEqual(['sent']);
    expect(composed).toEqual([[policyOf(0, 1), policyOf(0, 2)]]);
    expect(await told(sending)).toEqual(['0 skipped exited', '1,2 accepted']);
    expect(kinds(await sendMail(ports, [mergedOrder(0, [0, 1, 2])]))).toEqual(['skipped']);
    expect(sending.calls).toHaveLength(1);
  });

  test('all renewed: a row says so of each', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    for (const k of [0, 1]) await exit(sending, k);
    await sendMail(sending.ports, [mergedOrder(0, [0, 1])]);
    expect(await told(sending)).toEqual(['0 skipped exited', '1 skipped exited']);
  });

  test('N2: skipped as a whole while an order for one of them, read before they ended, still goes: the other keeps its row', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    // found by the soak: seed 4826
    const { enrolments } = sending.ports;
    const slow = {
      ...sending.ports,
      enrolments: {
        getMany: async (refs: Parameters<typeof enrolments.getMany>[0]) => {
          const read = await enrolments.getMany(refs);
          for (const k of [0, 1]) await exit(sending, k);
          await sendMail(sending.ports, [mergedOrder(0, [0, 1])]);
          return read;
        },
      },
    };
    expect(kinds(await sendMail(slow, [mergedOrder(0, [0])]))).toEqual(['sent']);
    expect(await told(sending)).toEqual(['0 accepted', '1 skipped exited']);
  });

  test('what another message was reserved for is left out, the rest goes', async () => {
    const sending = await createSending([{ n: 0, policies: 3 }]);
    await sendMail(sending.ports, [mergedOrder(0, [1])]);
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [0, 1, 2])]))).toEqual(['sent']);
    expect(await told(sending)).toEqual(['0,2 accepted', '1 accepted']);
    expect(sending.calls).toHaveLength(2);
  });

  test('orders of one batch that overlap: each policy is told of once', async () => {
    const sending = await createSending([{ n: 0, policies: 3 }]);
    const orders = [mergedOrder(0, [0, 1]), mergedOrder(0, [1, 2]), mergedOrder(0, [2])];
    for (let time = 0; time < 3; time += 1) {
      await sendMail(sending.ports, orders);
      sending.later(LEASE);
    }
    const policies = sending.calls.flatMap(({ tags }) => tags.policies?.split('-') ?? []);
    expect(policies.sort()).toEqual([0, 1, 2].map((k) => policyOf(0, k)).sort());
  });

  test('two orders that begin with the same policy are both held, and neither takes the other’s place', async () => {
    const quiet = (NOW + 13 * 60 * MINUTE) as Instant;
    const sending = await createSending([{ n: 0, policies: 2 }]);
    sending.later(13 * 60 * MINUTE);
    const orders = [
      mergedOrder(0, [0, 1], { useBy: (quiet + DAY) as Instant }),
      mergedOrder(0, [0], { useBy: (quiet + DAY) as Instant }),
    ];
    expect(kinds(await sendMail(sending.ports, orders))).toEqual(['held', 'held']);
    expect(new Set(sending.placed.map(({ id }) => id)).size).toBe(2);
  });

  test('a held order of a policy that went with another says so', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    sending.later(13 * 60 * MINUTE);
    const alone = mergedOrder(0, [1]);
    expect(kinds(await sendMail(sending.ports, [alone]))).toEqual(['held']);
    sending.later(11 * 60 * MINUTE);
    await sendMail(sending.ports, [mergedOrder(0, [0, 1])]);
    expect(kinds(await sendMail(sending.ports, [alone]))).toEqual(['done']);
    expect(await told(sending)).toEqual(['0,1 accepted', '1 skipped merged']);
  });

  test('N2: a held order that comes due at once, and went with another, is not held for ever', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    // a worker whose clock is behind holds until a moment that the others have passed
    const [late, awake] = [(NOW + 21 * 60 * MINUTE) as Instant, (NOW + 24 * 60 * MINUTE) as Instant];
    const others = { ...sending.ports, clock: () => awake };
    const alone = mergedOrder(0, [1]);
    const due = {
      place: async () => {
        await sendMail(others, [mergedOrder(0, [0, 1])]);
        await sendMail(others, [alone]);
      },
    };
    expect(kinds(await sendMail({ ...sending.ports, clock: () => late, due }, [alone]))).toEqual(['held']);
    expect(await told(sending)).toEqual(['0,1 accepted', '1 skipped merged']);
  });

  test('N2: cut off while it is held, and all renewed by then: the held row ends too', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    await exit(sending, 0);
    sending.later(13 * 60 * MINUTE);
    const cut = { place: () => Promise.reject(new Error('cut off')) };
    const order = mergedOrder(0, [0, 1]);
    expect(kinds(await sendMail({ ...sending.ports, due: cut }, [order]))).toEqual(['retry']);
    expect(await told(sending)).toEqual(['0 skipped exited', '1 held quiet-hours']);
    await exit(sending, 1);
    expect(kinds(await sendMail(sending.ports, [order]))).toEqual(['skipped']);
    expect(await told(sending)).toEqual(['0 skipped exited', '1 skipped exited']);
  });

  test('a crash after the reservation: an order of one policy waits for the order that names all', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    const gate = await sending.gateOf(0);
    const contact = {
      at: NOW,
      channel: 'email',
      sendClass: 'service',
      owner: 'gone',
      leaseUntil: (NOW + LEASE) as Instant,
    } as const;
    await sending.ports.gates.reserve(gate, sendIdsOf(mergedOrder(0, [0, 1])), contact);
    sending.later(LEASE + MINUTE);
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [1])]))).toEqual(['retry']);
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [1, 0])]))).toEqual(['unknown']);
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [1])]))).toEqual(['done']);
    expect(await told(sending)).toEqual(['0,1 unknown unknown-outcome']);

    const orders = createMemoryQueue<SendOrder>();
    const [settle] = sending.placed.filter(({ kind }) => kind === 'settle');
    expect((await settleUnknown({ timeline: sending.ports.timeline, orders }, settle?.payload as never)).kind).toBe(
      'resent',
    );
    // one renewed before the second call: it speaks of the other alone, and says what it left out
    await exit(sending, 0);
    expect(kinds(await sendMail(sending.ports, orders.take()))).toEqual(['sent']);
    expect(await told(sending)).toEqual(['1 accepted']);
    const [row] = await sending.rows(0);
    expect(row?.details).toMatchObject({ resent: true, leftOut: policyOf(0, 0) });
    for (const k of [0, 1]) expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [k])]))).toEqual(['done']);
    expect(sending.calls).toHaveLength(1);
  });

  test('N4: an opt-out between two orders of one person in one batch stops the second', async () => {
    let calls = 0;
    const sending = await createSending([{ n: 0, policies: 2 }], async () => {
      calls += 1;
      await sending.ports.gates.setConsent(namesOf(0).partyId, 'email', 'service', {
        given: false,
        wording: 'w',
        at: NOW,
      });
      return { kind: 'accepted', messageId: `m${calls}` };
    });
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [0]), mergedOrder(0, [1])])).sort()).toEqual([
      'sent',
      'skipped',
    ]);
    expect(calls).toBe(1);
  });

  test('N4: an opt-out before the first of two reservations stops both, though it makes the version the second expects', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    const { proof } = sending.ports;
    const ports = {
      ...sending.ports,
      proof: {
        put: async (...given: Parameters<typeof proof.put>) => {
          await proof.put(...given);
          await sending.ports.gates.setConsent(namesOf(0).partyId, 'email', 'service', {
            given: false,
            wording: 'w',
            at: NOW,
          });
        },
      },
    };
    expect(kinds(await sendMail(ports, [mergedOrder(0, [0]), mergedOrder(0, [1])]))).toEqual(['skipped', 'skipped']);
    expect(sending.calls).toEqual([]);
  });

  test('two mails of one person in one batch take two reservations and no second look', async () => {
    const sending = await createSending([{ n: 0, policies: 2 }]);
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, [0]), mergedOrder(0, [1])]))).toEqual(['sent', 'sent']);
    expect((await sending.gateOf(0)).version).toBe(3);
    expect(sending.objects.keys()).toHaveLength(1);
  });

  test('a fleet of thirty: the tags hold nine, the row holds all, also where an event was faster', async () => {
    const ks = Array.from({ length: 30 }, (_, k) => k);
    const sending = await createSending([{ n: 0, policies: 30 }]);
    await sendMail(sending.ports, [mergedOrder(0, ks)]);
    expect(sending.calls[0]?.tags.policies?.split('-')).toHaveLength(9);
    expect((await sending.rows(0))[0]?.policyIds).toHaveLength(30);
    // as an event of the mail writes it, by a sender that died before its own write
    const [row] = await sending.rows(0);
    await sending.ports.timeline.complete(row as never, { policyIds: row?.policyIds.slice(0, 9) as never });
    expect(kinds(await sendMail(sending.ports, [mergedOrder(0, ks)]))).toEqual(['done']);
    expect((await sending.rows(0))[0]?.policyIds).toHaveLength(30);
  });
});

describe('a broadcast', () => {
  const broadcast = (more: Partial<SendOrder> = {}): SendOrder => {
    const { partyId } = namesOf(0);
    const enrolments = [{ partyId, campaign: 'renewal', occurrence: 'run-1' }];
    return mergedOrder(0, [0], { broadcast: true, enrolments, ...more, dueAts: undefined } as never);
  };

  test('needs no enrolment row, tells of no policy, and is not read for one', async () => {
    const sending = await createSending([{ n: 0, policies: 0 }]);
    expect(kinds(await sendMail(sending.ports, [broadcast()]))).toEqual(['sent']);
    expect(await sending.rows(0)).toMatchObject([{ state: 'accepted', policyIds: [] }]);
    expect(sending.calls[0]?.tags).not.toHaveProperty('policies');
  });

  test('a failed one tells no journey; an order of a journey does', async () => {
    const failed = async () => ({ kind: 'failed', reason: 'missing-value', detail: 'x' }) as const;
    const sending = await createSending([{ n: 0, policies: 2 }]);
    await sendMail({ ...sending.ports, compose: failed }, [broadcast({ sendId: 'other' as never })]);
    expect(sending.told).toEqual([]);
    await sendMail({ ...sending.ports, compose: failed }, [mergedOrder(0, [0, 1])]);
    expect(sending.told).toMatchObject([0, 1].map((k) => ({ kind: 'step-failed', ref: { policyId: policyOf(0, k) } })));
  });
});
