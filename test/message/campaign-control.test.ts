import { describe, expect, test } from 'vitest';
import type { CampaignControl } from '../../shared/campaign/campaign.ts';
import { createControls } from '../../shared/campaign/control.ts';
import type { DecisionTrace } from '../../shared/message/decision-trace.ts';
import { replay } from '../../shared/message/decision-trace.ts';
import { readEvidence } from '../../shared/message/proof.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import { DAY, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createSending, mergedOrder, NOW, namesOf, orderOf, policyOf } from './sending.ts';

const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind);
const at = (milliseconds: number): Instant => (NOW + milliseconds) as Instant;

describe('what a campaign may do when its mail goes', () => {
  test.each(['paused', 'stopped'] as const)(
    'C8, G6: %s: onto the shelf, the row says so, nothing is reserved',
    async (reason) => {
      const sending = await createSending([{ n: 0 }]);
      sending.controls.set('renewal', { kind: 'hold', reason });
      expect(await sendMail(sending.ports, [orderOf(0)])).toEqual([{ kind: 'held', reason }]);
      expect(sending.shelved).toMatchObject([{ kind: 'order', payload: { sendId: orderOf(0).sendId } }]);
      expect(sending.placed).toEqual([]);
      expect(await sending.rows(0)).toMatchObject([{ state: 'held', reason }]);
      expect((await sending.gateOf(0)).recent).toEqual({});
      sending.controls.clear();
      expect(kinds(await sendMail(sending.ports, [orderOf(0)]))).toEqual(['sent']);
    },
  );

  test('C8: within the ten minutes after its launch it waits for their end; after its use-by it is too late', async () => {
    const sending = await createSending([{ n: 0 }, { n: 1 }]);
    sending.controls.set('renewal', { kind: 'hold', reason: 'not-yet', until: at(10 * MINUTE) });
    const orders = [orderOf(0), orderOf(1, { useBy: at(MINUTE) })];
    expect(await sendMail(sending.ports, orders)).toEqual([
      { kind: 'held', reason: 'not-yet', until: at(10 * MINUTE) },
      { kind: 'skipped', reason: 'too-late' },
    ]);
  });

  test('C8: cancelled: skipped for good, and so is the resend of what stayed unknown', async () => {
    const sending = await createSending([{ n: 0 }], () => ({ kind: 'unknown', code: 'timeout' }));
    await sendMail(sending.ports, [orderOf(0)]);
    sending.controls.set('renewal', { kind: 'cancelled' });
    const { owner } = (await sending.gateOf(0)).recent[orderOf(0).sendId] as { owner: string };
    const resend = { of: owner, by: 'rule' } as const;
    expect(kinds(await sendMail(sending.ports, [orderOf(0, { resend })]))).toEqual(['skipped']);
    expect(await sending.rows(0)).toMatchObject([
      { state: 'unknown', details: { parked: true, because: 'cancelled' } },
    ]);
    expect(sending.calls).toHaveLength(1);
  });

  test('a pause holds all policies of a merged message, even one that renewed meanwhile', async () => {
    const sending = await createSending([{ n: 0, policies: 2, enrolment: { state: 'exited' } }]);
    sending.controls.set('renewal', { kind: 'hold', reason: 'paused' });
    await sendMail(sending.ports, [mergedOrder(0, [0, 1])]);
    expect(await sending.rows(0)).toMatchObject([{ state: 'held', policyIds: [policyOf(0, 0), policyOf(0, 1)] }]);
  });

  test('F33: cancelled at any moment of a batch, at most that batch goes, and nothing read after it', async () => {
    for (let cancelAt = 0; cancelAt < 12; cancelAt += 1) {
      let calls = 0;
      const people = Array.from({ length: 30 }, (_, n) => ({ n }));
      const sending = await createSending(people, () => {
        calls += 1;
        if (calls > cancelAt) sending.controls.set('renewal', { kind: 'cancelled' });
        return { kind: 'accepted', messageId: `m${calls}` };
      });
      if (cancelAt === 0) sending.controls.set('renewal', { kind: 'cancelled' });
      for (let from = 0; from < 30; from += 10)
        await sendMail(
          sending.ports,
          people.slice(from, from + 10).map(({ n }) => orderOf(n)),
        );
      expect(sending.calls.length - cancelAt).toBeLessThanOrEqual(10);
      expect(sending.calls.length % 10).toBe(0);
    }
  });

  test('G6: a stop of a branch holds its customers and no others', async () => {
    const sending = await createSending([{ n: 0 }, { n: 1, profile: { scope: 'house/west' }, policies: 0 }]);
    const controls = createControls(sending.memory, [], () => NOW);
    await controls.stop('house', 'user-1', NOW);
    const { partyId } = namesOf(1);
    const orders = [
      orderOf(0),
      orderOf(1, { broadcast: true, enrolments: [{ partyId, campaign: 'renewal', occurrence: 'run-1' }] }),
    ];
    const outcomes = await sendMail({ ...sending.ports, controls }, orders);
    // the policy of the first lies in scope `s`, the second customer in the house that is stopped
    expect(outcomes).toMatchObject([{ kind: 'sent' }, { kind: 'held', reason: 'stopped' }]);
  });
});

describe('traces (M7, M8)', () => {
  test('every decision is kept with its answer and replays: sent, held, skipped, failed, cancelled, shelved, without room', async () => {
    const sending = await createSending([
      { n: 0 },
      { n: 1, gate: { situations: ['bereavement'] } },
      { n: 2, profile: { email: undefined } },
      { n: 3 },
      { n: 4 },
      { n: 5 },
      { n: 6 },
    ]);
    const control = (campaign: string, given: CampaignControl) => sending.controls.set(campaign, given);
    control('cancelled', { kind: 'cancelled' });
    control('paused', { kind: 'hold', reason: 'paused' });
    const { compose } = sending.ports;
    const ports = {
      ...sending.ports,
      compose: async (...given: Parameters<typeof compose>) =>
        given[0].order.partyId === namesOf(3).partyId
          ? ({ kind: 'failed', reason: 'missing-value', detail: 'x' } as const)
          : compose(...given),
      quota: { lease: async () => ({ granted: 2, retryAt: at(MINUTE) }) },
    };
    const orders = [
      orderOf(0, { priority: 90 }),
      orderOf(1),
      orderOf(2),
      orderOf(3, { priority: 80 }),
      orderOf(4, { campaign: 'cancelled' }),
      orderOf(5, { campaign: 'paused' }),
      orderOf(6, { priority: 1 }),
    ];
    expect(kinds(await sendMail(ports, orders))).toEqual([
      'sent',
      'held',
      'skipped',
      'failed',
      'skipped',
      'held',
      'held',
    ]);
    // one object for the whole batch
    expect(sending.objects.keys()).toHaveLength(1);
    const answers: unknown[] = [];
    for (let n = 0; n < 7; n += 1) {
      const [row] = await sending.rows(n);
      const kept = row?.proof ?? row?.trace;
      if (!kept) throw new Error(`no trace of ${n}`);
      const trace = JSON.parse((await readEvidence(sending.objects, kept)).trace) as DecisionTrace;
      expect(replay(trace)).toMatchObject({ replayed: true });
      expect(trace.question.order.sendId).toBe(orders[n]?.sendId);
      answers.push([trace.answer.kind, 'reason' in trace.answer ? trace.answer.reason : undefined]);
    }
    expect(answers).toEqual([
      ['send', undefined],
      ['hold', 'situation-silence'],
      ['skip', 'no-email'],
      ['send', undefined],
      ['skip', 'cancelled'],
      ['shelve', 'paused'],
      ['hold', 'no-quota'],
    ]);
  });
});

describe('faults', () => {
  test('F34: the order names the template’s version, and that is what it is made from', async () => {
    const sending = await createSending([{ n: 0 }]);
    const versions: string[] = [];
    const { compose } = sending.ports;
    const ports = {
      ...sending.ports,
      compose: (...given: Parameters<typeof compose>) => {
        versions.push(given[0].order.templateVersion);
        return compose(...given);
      },
    };
    await sendMail(ports, [orderOf(0, { templateVersion: 'approved-1' })]);
    expect(versions).toEqual(['approved-1']);
  });

  test('F38: 500 dead orders come again after a fix: each done once, the stale and the unwilling refused', async () => {
    const people = Array.from({ length: 500 }, (_, n) => ({ n }));
    const sending = await createSending(people);
    const { partyId: unwilling } = namesOf(1);
    const refusal = { given: false, wording: 'w', at: NOW };
    await sending.ports.gates.setConsent(unwilling, 'email', 'service', refusal);
    sending.later(2 * DAY);
    // every tenth was due long ago
    const orders = people.map(({ n }) => orderOf(n, n % 10 === 0 ? { useBy: at(DAY) } : {}));
    const outcomes: string[] = [];
    for (let time = 0; time < 2; time += 1)
      for (let from = 0; from < 500; from += 10)
        outcomes.push(...kinds(await sendMail(sending.ports, orders.slice(from, from + 10))));
    const count = (kind: string) => outcomes.filter((one) => one === kind).length;
    expect(sending.calls).toHaveLength(449);
    expect(new Set(sending.calls.map(({ to }) => to)).size).toBe(449);
    expect([count('sent'), count('done'), count('skipped')]).toEqual([449, 449, 102]);
  });

  test('F45: eligibility is by strong reads: gates, enrolments and controls are asked consistently', async () => {
    const asked: { entity: string; consistent: boolean }[] = [];
    const sending = await createSending([{ n: 0 }], undefined, (table) => ({
      ...table,
      getMany: (keys, options) => {
        for (const { sk, pk } of keys)
          asked.push({
            entity: sk.startsWith('E#') ? 'enrolment' : pk === 'STOP' ? 'stop' : sk,
            consistent: options?.consistent === true,
          });
        return table.getMany(keys, options);
      },
    }));
    const controls = createControls(sending.table, [], () => NOW);
    await sendMail({ ...sending.ports, controls }, [orderOf(0)]);
    for (const entity of ['enrolment', 'GATE', 'stop', 'renewal'])
      expect(
        asked.filter((one) => one.entity === entity).map(({ consistent }) => consistent),
        entity,
      ).toContain(true);
    expect(
      asked.filter(
        ({ entity, consistent }) => ['enrolment', 'GATE', 'stop', 'renewal'].includes(entity) && !consistent,
      ),
    ).toEqual([]);
  });
});
