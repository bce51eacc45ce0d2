import { describe, expect, test } from 'vitest';
import type { Gate } from '../../shared/customer/customer.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { settlePayload } from '../../shared/message/contract.ts';
import type { SendAnswer } from '../../shared/message/mailer.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { LEASE } from '../../shared/message/plan-mails.ts';
import { readProof } from '../../shared/message/proof.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendOutcome } from '../../shared/message/send-ports.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { resendAnyway, SETTLE_AFTER, settleUnknown } from '../../shared/message/unknown-outcome.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import type { Table } from '../../shared/platform/table.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createSending, NOW, namesOf, orderOf } from './sending.ts';

const ACCEPTED: SendAnswer = { kind: 'accepted', messageId: 'ses-1' };
const kinds = (outcomes: readonly SendOutcome[]): string[] => outcomes.map(({ kind }) => kind);
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('sending one mail', () => {
  test('reserves, calls once, records: the row says when, from which template, and where the proof lies', async () => {
    const sending = await createSending([{ n: 0 }]);
    const order = orderOf(0);
    expect(await sendMail(sending.ports, [order])).toEqual([{ kind: 'sent', messageId: 'ses-1' }]);
    expect(sending.calls.map(({ to }) => to)).toEqual(['person0@example.com']);
    const [row] = await sending.rows(0);
    expect(row).toMatchObject({
      at: NOW,
      kind: 'message',
      id: order.sendId,
      policyIds: [namesOf(0).policyId],
      campaign: 'renewal',
      step: 'm30',
      channel: 'email',
      sendClass: 'service',
      state: 'accepted',
      details: { messageId: 'ses-1', acceptedAt: NOW, template: 'template-hash' },
    });
    if (!row?.proof) throw new Error('no proof');
    expect(Buffer.from(await readProof(sending.objects, row.proof)).toString()).toBe(`mail ${order.sendId}`);
    expect((await sending.gateOf(0)).recent[order.sendId]).toMatchObject({ at: NOW, leaseUntil: NOW + LEASE });
  });

  test('M4: the same order again, also in one batch and under a new due date, sends nothing', async () => {
    const sending = await createSending([{ n: 0 }]);
    expect(kinds(await sendMail(sending.ports, [orderOf(0), orderOf(0)]))).toEqual(['sent', 'done']);
    sending.later(3 * HOUR);
    expect(kinds(await sendMail(sending.ports, [orderOf(0)]))).toEqual(['done']);
    const moved = orderOf(0, { dueAt: (NOW + 2 * HOUR) as Instant });
    expect(kinds(await sendMail(sending.ports, [moved]))).toEqual(['done']);
    expect(sending.calls.length).toBe(1);
    expect(await sending.rows(0)).toHaveLength(1);
  });

  test('F13: twenty workers with the same order: one mail', async () => {
    const sending = await createSending([{ n: 0 }]);
    const outcomes = (await Promise.all(range(20).map(() => sendMail(sending.ports, [orderOf(0)])))).flat();
    expect(outcomes.filter(({ kind }) => kind === 'sent').length).toBe(1);
    expect(sending.calls.length).toBe(1);
    for (const { kind } of outcomes) expect(['sent', 'done', 'retry']).toContain(kind);
  });

  test('what the rules forbid is a row with its reason, once', async () => {
    const sending = await createSending([
      { n: 0, gate: { consent: { 'email/service': { given: false, wording: 'w', at: NOW } } } },
      { n: 1, profile: { email: undefined } },
      { n: 2, enrolment: { state: 'exited', exit: { reason: 'renewed', at: NOW } } },
      { n: 3, enrolment: { next: { step: 'm30', at: (NOW + DAY) as Instant } } },
      { n: 4, enrolment: { state: 'finished' } },
      { n: 5, enrolment: { state: 'exited' }, gate: { situations: ['deceased'] } },
    ]);
    for (let time = 0; time < 2; time += 1)
      await sendMail(
        sending.ports,
        range(6).map((n) => orderOf(n)),
      );
    const reasons = await Promise.all(
      range(6).map(async (n) => (await sending.rows(n)).map((row) => row.reason ?? row.state)),
    );
    expect(reasons).toEqual([['opted-out'], ['no-email'], ['exited'], ['rescheduled'], ['accepted'], ['deceased']]);
    expect(sending.calls.length).toBe(1);
    expect((await createTimeline(sending.memory).trouble('skipped')).entries).toHaveLength(5);
  });

  test('a held message has one row, waits in the due work, and goes out under the same row', async () => {
    const night = (NOW + 14 * HOUR) as Instant;
    const sending = await createSending([{ n: 0 }]);
    const order = orderOf(0, { dueAt: night, useBy: (night + DAY) as Instant });
    sending.later(14 * HOUR);
    const until = (NOW + 22 * HOUR) as Instant;
    for (let time = 0; time < 2; time += 1)
      expect(await sendMail(sending.ports, [order])).toEqual([{ kind: 'held', reason: 'quiet-hours', until }]);
    expect(await sending.rows(0)).toMatchObject([{ state: 'held', reason: 'quiet-hours', details: { until } }]);
    expect(sending.placed[0]).toEqual({ at: until, kind: 'order', id: order.sendId, payload: order });
    sending.later(8 * HOUR);
    expect(kinds(await sendMail(sending.ports, [sending.placed[0]?.payload as SendOrder]))).toEqual(['sent']);
    const [row, ...more] = await sending.rows(0);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ at: night, state: 'accepted', details: { acceptedAt: until } });
    expect(row?.reason).toBeUndefined();
  });

  test('a renewal event between the decision and the reservation is seen when the gate moved', async () => {
    const sending = await createSending([{ n: 0 }]);
    const { partyId } = namesOf(0);
    const inner = sending.ports.gates;
    const enrolments = createEnrolments(sending.memory);
    const gates = {
      ...inner,
      reserve: async (...given: Parameters<typeof inner.reserve>) => {
        const [enrolment] = await enrolments.ofParty(partyId);
        if (enrolment?.state === 'active') {
          await enrolments.put({ ...enrolment, state: 'exited' }, enrolment.version);
          await inner.setSituation(partyId, 'open-complaint', true);
        }
        return inner.reserve(...given);
      },
    };
    expect(await sendMail({ ...sending.ports, gates }, [orderOf(0)])).toEqual([{ kind: 'skipped', reason: 'exited' }]);
    expect(sending.calls).toEqual([]);
  });

  test('two advertisements to one person at once: the frequency cap holds', async () => {
    const sending = await createSending([{ n: 0 }]);
    const orders = ['a', 'b', 'c'].map((step) =>
      orderOf(0, {
        sendClass: 'marketing',
        step,
        sendId: `send-${step}` as SendOrder['sendId'],
        useBy: (NOW + 20 * DAY) as Instant,
      }),
    );
    expect(kinds(await sendMail(sending.ports, orders)).sort()).toEqual(['held', 'held', 'sent']);
    expect(sending.calls.length).toBe(1);
  });
});

describe('what the provider answers', () => {
  test('F22: one mail of many is refused for good: failed with its reason, nobody else is touched', async () => {
    const sending = await createSending(
      range(10).map((n) => ({ n })),
      ({ to }) =>
        to === 'person3@example.com' ? { kind: 'refused', permanent: true, code: 'MessageRejected' } : ACCEPTED,
    );
    const orders = range(10).map((n) => orderOf(n));
    const outcomes = await sendMail(sending.ports, orders);
    expect(kinds(outcomes).filter((kind) => kind === 'sent').length).toBe(9);
    expect(outcomes[3]).toEqual({ kind: 'failed', reason: 'rejected' });
    expect(await sending.rows(3)).toMatchObject([
      { state: 'failed', reason: 'rejected', details: { detail: 'MessageRejected' } },
    ]);
    const { partyId } = namesOf(3);
    const { recent } = (await sending.ports.gates.getMany([partyId])).get(partyId) as Gate;
    expect(recent[orders[3]?.sendId as SendId]).toMatchObject({ failed: true });
    sending.later(HOUR);
    expect(new Set(kinds(await sendMail(sending.ports, orders)))).toEqual(new Set(['done']));
    expect(sending.calls.length).toBe(10);
  });

  test('a template that misses a value fails that message and says which', async () => {
    const sending = await createSending([{ n: 0 }, { n: 1 }]);
    const { compose } = sending.ports;
    const ports = {
      ...sending.ports,
      compose: async (...given: Parameters<typeof compose>) =>
        given[0].order.partyId === namesOf(1).partyId
          ? ({ kind: 'failed', reason: 'missing-value', detail: 'offer.premium' } as const)
          : compose(...given),
    };
    expect(kinds(await sendMail(ports, [orderOf(0), orderOf(1)]))).toEqual(['sent', 'failed']);
    expect(await sending.rows(1)).toMatchObject([
      { state: 'failed', reason: 'missing-value', details: { detail: 'offer.premium' } },
    ]);
  });

  test('F08: a fault of one order is that order’s; the nine others are done and not done again', async () => {
    let broken = true;
    const sending = await createSending(range(10).map((n) => ({ n })));
    const inner = sending.ports.timeline;
    const timeline = {
      ...inner,
      record: async (entry: Parameters<typeof inner.record>[0]) => {
        if (broken && entry.partyId === namesOf(4).partyId) throw new Error('table is away');
        return inner.record(entry);
      },
    };
    const orders = range(10).map((n) => orderOf(n));
    const outcomes = await sendMail({ ...sending.ports, timeline }, orders);
    expect(
      kinds(outcomes)
        .map((kind, n) => (kind === 'retry' ? n : -1))
        .filter((n) => n >= 0),
    ).toEqual([4]);
    expect(outcomes[4]).toMatchObject({ error: { code: 'unavailable', retryable: true } });
    broken = false;
    sending.later(LEASE + MINUTE);
    const again = await sendMail({ ...sending.ports, timeline }, orders);
    expect(kinds(again).filter((kind) => kind !== 'done')).toEqual(['unknown']);
    expect(sending.calls.length).toBe(10);
  });

  test('F08: proof that cannot be kept stops the batch before anything is sent or written', async () => {
    const sending = await createSending([{ n: 0 }, { n: 1, profile: { email: undefined } }]);
    const before = sending.memory.all();
    const proof = { put: () => Promise.reject(new Error('bucket is away')) };
    await expect(sendMail({ ...sending.ports, proof }, [orderOf(0), orderOf(1)])).rejects.toThrow('bucket is away');
    expect(sending.memory.all()).toEqual(before);
    expect(sending.calls).toEqual([]);
  });

  test('over the rate: three calls with growing pauses, then held without a reservation, then sent', async () => {
    let full = true;
    const pauses: number[] = [];
    const sending = await createSending([{ n: 0 }], () =>
      full ? { kind: 'throttled', code: 'Throttling' } : ACCEPTED,
    );
    const ports = {
      ...sending.ports,
      pause: async (milliseconds: number) => {
        pauses.push(milliseconds);
      },
    };
    expect(await sendMail(ports, [orderOf(0)])).toMatchObject([{ kind: 'held', reason: 'no-quota' }]);
    expect(sending.calls.length).toBe(3);
    expect(pauses).toEqual([250, 500]);
    expect((await sending.gateOf(0)).recent).toEqual({});
    full = false;
    sending.later(2 * MINUTE);
    expect(kinds(await sendMail(ports, [sending.placed[0]?.payload as SendOrder]))).toEqual(['sent']);
    expect(await sending.rows(0)).toMatchObject([{ state: 'accepted' }]);
  });

  test('a set-up at fault keeps the order: it comes again as if nothing had been', async () => {
    const sending = await createSending([{ n: 0 }], () => ({
      kind: 'refused',
      permanent: false,
      code: 'AccessDenied',
    }));
    expect(await sendMail(sending.ports, [orderOf(0)])).toMatchObject([
      { kind: 'retry', error: { code: 'misconfigured' } },
    ]);
    expect((await sending.gateOf(0)).recent).toEqual({});
    expect(await sending.rows(0)).toEqual([]);
  });

  test('an order that names nobody is a fault, and the others go', async () => {
    const sending = await createSending([{ n: 0 }]);
    expect(await sendMail(sending.ports, [orderOf(7), orderOf(0)])).toMatchObject([
      { kind: 'retry', error: { code: 'not-found', retryable: false } },
      { kind: 'sent' },
    ]);
  });
});

describe('an unknown outcome', () => {
  const lost = async (sendClass: SendOrder['sendClass']) => {
    let answer: SendAnswer = { kind: 'unknown', code: 'TimeoutError' };
    const sending = await createSending([{ n: 0 }], () => answer);
    const orders = createMemoryQueue<SendOrder>();
    const order = orderOf(0, { sendClass });
    expect(kinds(await sendMail(sending.ports, [order]))).toEqual(['unknown']);
    return {
      ...sending,
      order,
      orders,
      settle: (n = 0) => {
        sending.later(SETTLE_AFTER);
        const item = sending.placed.filter(({ kind }) => kind === 'settle')[n];
        return settleUnknown({ timeline: sending.ports.timeline, orders }, settlePayload.parse(item?.payload));
      },
      answers: (next: SendAnswer) => {
        answer = next;
      },
    };
  };

  test('is a row on its list and due work in fifteen minutes', async () => {
    const { placed, rows, order } = await lost('service');
    expect(placed).toMatchObject([{ kind: 'settle', at: NOW + SETTLE_AFTER }]);
    expect(await rows(0)).toMatchObject([{ state: 'unknown', reason: 'unknown-outcome', order }]);
  });

  test('F02: service goes once more, flagged; the resend of a resend is parked', async () => {
    const { settle, orders, ports, rows, calls } = await lost('service');
    expect(await settle()).toEqual({ kind: 'resent' });
    const [resend] = orders.take();
    expect(kinds(await sendMail(ports, [resend as SendOrder]))).toEqual(['unknown']);
    expect(calls.length).toBe(2);
    expect(await settle(0)).toEqual({ kind: 'superseded' });
    expect(await settle(1)).toEqual({ kind: 'parked' });
    expect(await rows(0)).toMatchObject([{ state: 'unknown', details: { parked: true, resent: true } }]);
  });

  test('a resend that is accepted leaves one row, accepted and flagged; delivered twice it sends once', async () => {
    const { settle, orders, ports, rows, calls, answers } = await lost('statutory');
    await settle();
    answers(ACCEPTED);
    const [resend] = orders.take() as [SendOrder];
    expect(kinds(await sendMail(ports, [resend]))).toEqual(['sent']);
    expect(kinds(await sendMail(ports, [resend]))).toEqual(['done']);
    expect(calls.length).toBe(2);
    expect(await rows(0)).toMatchObject([{ state: 'accepted', details: { resent: true } }]);
    expect((await rows(0))[0]?.order).toBeUndefined();
  });

  test('F03: marketing is parked, on the operator’s list; resend anyway obeys the rules', async () => {
    const { settle, orders, ports, rows, answers, gateOf } = await lost('marketing');
    expect(await settle()).toEqual({ kind: 'parked' });
    expect(orders.messages).toEqual([]);
    const [row] = (await ports.timeline.trouble('unknown')).entries;
    if (!row) throw new Error('not on the list');
    const now = (NOW + 5 * DAY) as Instant;
    expect(await resendAnyway({ timeline: ports.timeline, orders }, row, now)).toEqual({ kind: 'resent' });
    const [resend] = orders.take() as [SendOrder];
    expect(resend.resend?.by).toBe('operator');
    answers(ACCEPTED);
    expect(kinds(await sendMail(ports, [resend]))).toEqual(['sent']);
    expect(await rows(0)).toMatchObject([{ state: 'accepted' }]);
    expect(await resendAnyway({ timeline: ports.timeline, orders }, row, now)).toEqual({ kind: 'settled' });
    expect(Object.keys((await gateOf(0)).recent)).toHaveLength(1);
  });

  test('N4: a resend after an opt-out does not go; the row stays unknown and says why', async () => {
    const { settle, orders, ports, rows, calls } = await lost('service');
    await settle();
    await ports.gates.setConsent(namesOf(0).partyId, 'email', 'service', { given: false, wording: 'w', at: NOW });
    const outcome = await sendMail(ports, orders.take());
    expect(outcome).toEqual([{ kind: 'skipped', reason: 'opted-out' }]);
    expect(calls.length).toBe(1);
    expect(await rows(0)).toMatchObject([{ state: 'unknown', details: { parked: true, because: 'opted-out' } }]);
  });

  test('F06: a redelivery while the first run works waits; after its lease it finds the outcome unknown', async () => {
    const sending = await createSending([{ n: 0 }]);
    const { partyId } = namesOf(0);
    const contact = {
      at: NOW,
      channel: 'email',
      sendClass: 'service',
      owner: 'dead',
      leaseUntil: (NOW + LEASE) as Instant,
    } as const;
    await sending.ports.gates.reserve(await sending.gateOf(0), [orderOf(0).sendId], contact);
    expect(await sendMail(sending.ports, [orderOf(0)])).toMatchObject([
      { kind: 'retry', error: { code: 'conflict', retryable: true } },
    ]);
    sending.later(LEASE);
    expect(kinds(await sendMail(sending.ports, [orderOf(0)]))).toEqual(['unknown']);
    expect(kinds(await sendMail(sending.ports, [orderOf(0)]))).toEqual(['done']);
    expect(sending.calls).toEqual([]);
    expect((await sending.ports.timeline.list(partyId)).entries).toMatchObject([{ state: 'unknown' }]);
  });
});

describe('what it costs', () => {
  test('P7, P8, P9: a batch of ten mails: 2 write units, 3 read units and at most 2.5 calls a mail beside SES', async () => {
    const counts = { calls: 0, writes: 0, reads: 0 };
    const watch = (table: Table): Table => ({
      ...table,
      async getMany(keys, options) {
        counts.calls += 1;
        counts.reads += keys.length * (options?.consistent ? 1 : 0.5);
        return table.getMany(keys, options);
      },
      async get(key, options) {
        counts.calls += 1;
        counts.reads += options?.consistent ? 1 : 0.5;
        return table.get(key, options);
      },
      async put(item, condition) {
        counts.calls += 1;
        counts.writes += Math.ceil(JSON.stringify(item).length / 1_024);
        return table.put(item, condition);
      },
      async update(key, change, condition) {
        counts.calls += 1;
        const outcome = await table.update(key, change, condition);
        const size = JSON.stringify(await table.get(key)).length;
        counts.writes += Math.ceil(size / 1_024);
        return outcome;
      },
    });
    const sending = await createSending(
      range(10).map((n) => ({ n })),
      () => ACCEPTED,
      watch,
    );
    let puts = 0;
    const proof = {
      put: async (...given: Parameters<typeof sending.objects.put>) => {
        puts += 1;
        await sending.objects.put(...given);
      },
    };
    expect(
      new Set(
        kinds(
          await sendMail(
            { ...sending.ports, proof },
            range(10).map((n) => orderOf(n)),
          ),
        ),
      ),
    ).toEqual(new Set(['sent']));
    expect(counts.writes / 10).toBe(2);
    expect(counts.reads / 10).toBe(3);
    expect((counts.calls + puts) / 10).toBeLessThanOrEqual(2.5);
  });
});
