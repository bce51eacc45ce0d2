import { describe, expect, test } from 'vitest';
import type { SendClass } from '../../shared/customer/customer.ts';
import { cachedLimits, createSendQuota, type SendLimits } from '../../shared/message/quota.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendPorts } from '../../shared/message/send-ports.ts';
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';
import { createSending, NOW, orderOf } from './sending.ts';

const limitsOf = (more: Partial<SendLimits> = {}): (() => Promise<SendLimits>) => {
  const limits = { perSecond: 1, perDay: 1_000, sentLast24Hours: 0, ...more };
  return async () => limits;
};
const at = (milliseconds: number): Instant => (NOW + milliseconds) as Instant;

describe.each(tableEngines)('the send quota on $name', (engine) => {
  test('F20: all workers together never take more than the minute holds, and the next minute is new', async () => {
    const quota = createSendQuota(await engine.make(), limitsOf());
    const leases = await Promise.all(Array.from({ length: 20 }, () => quota.lease('statutory', 7, NOW)));
    const granted = leases.reduce((sum, lease) => sum + lease.granted, 0);
    expect(granted).toBeLessThanOrEqual(60);
    expect(granted).toBeGreaterThan(50);
    expect(leases.find(({ retryAt }) => retryAt)?.retryAt).toBe(Math.floor(NOW / MINUTE) * MINUTE + MINUTE);
    expect(await quota.lease('statutory', 7, at(MINUTE))).toEqual({ granted: 7 });
  });

  test('F20: advertising leaves room for service, service for the law, whoever asks first', async () => {
    const quota = createSendQuota(await engine.make(), limitsOf());
    const take = async (sendClass: SendClass) => (await quota.lease(sendClass, 100, NOW)).granted;
    expect([await take('marketing'), await take('marketing')]).toEqual([42, 0]);
    expect([await take('service'), await take('marketing')]).toEqual([12, 0]);
    expect([await take('statutory'), await take('statutory')]).toEqual([6, 0]);
  });

  test('F20: the last part of the day is not advertising’s', async () => {
    const quota = createSendQuota(await engine.make(), limitsOf({ sentLast24Hours: 895 }));
    expect(await quota.lease('marketing', 5, NOW)).toEqual({ granted: 0, retryAt: at(6 * HOUR) });
    expect(await quota.lease('service', 10, NOW)).toMatchObject({ granted: 5 });
    expect((await quota.lease('statutory', 10, NOW)).granted).toBe(10);
  });
});

describe('the provider’s limits', () => {
  test('are asked for once a minute, and an older answer serves where there is none', async () => {
    let asked = 0;
    let broken = false;
    const limits = cachedLimits(async () => {
      asked += 1;
      if (broken) throw new Error('throttled');
      return { perSecond: asked, perDay: 1, sentLast24Hours: 0 };
    });
    await limits(NOW);
    expect((await limits(at(59 * SECOND))).perSecond).toBe(1);
    expect((await limits(at(MINUTE))).perSecond).toBe(2);
    broken = true;
    expect((await limits(at(3 * MINUTE))).perSecond).toBe(2);
    await expect(
      cachedLimits(async () => {
        throw new Error('throttled');
      })(NOW),
    ).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });
});

describe('sending within the quota', () => {
  const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind);
  const withRoom = (ports: SendPorts, room: number, retryAt = at(MINUTE)): SendPorts => ({
    ...ports,
    quota: { lease: async (_, wanted) => (wanted <= room ? { granted: wanted } : { granted: room, retryAt }) },
  });
  const people = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

  test('what gets no room is held with that reason until there may be some; the more urgent goes first', async () => {
    const sending = await createSending(people(4));
    const orders = [10, 90, 50, 70].map((priority, n) => orderOf(n, { priority }));
    expect(kinds(await sendMail(withRoom(sending.ports, 2), orders))).toEqual(['held', 'sent', 'held', 'sent']);
    expect(await sending.rows(0)).toMatchObject([
      { state: 'held', reason: 'no-quota', details: { until: at(MINUTE) } },
    ]);
    // nothing of it was reserved: it is decided anew
    expect((await sending.gateOf(0)).recent).toEqual({});
    expect(kinds(await sendMail(sending.ports, orders))).toEqual(['sent', 'done', 'sent', 'done']);
  });

  test('the wait ends before the use-by', async () => {
    const sending = await createSending(people(1));
    const useBy = at(HOUR);
    const [outcome] = await sendMail(withRoom(sending.ports, 0, at(6 * HOUR)), [orderOf(0, { useBy })]);
    expect(outcome).toMatchObject({ kind: 'held', reason: 'no-quota', until: at(50 * MINUTE) });
  });

  test('F20: a day’s mail beyond the quota goes the next day, before its deadline, the law’s first', async () => {
    const sending = await createSending(people(30));
    // ten a day; the provider counts the last 24 hours
    const sentAt: number[] = [];
    let now = NOW;
    const limits = async () => ({
      perSecond: 10,
      perDay: 10,
      sentLast24Hours: sentAt.filter((one) => one > now - DAY).length,
    });
    const classes: SendClass[] = ['marketing', 'service', 'statutory'];
    const orders = Array.from({ length: 24 }, (_, n) =>
      orderOf(n, { sendClass: classes[n % 3] as SendClass, useBy: at(5 * DAY) }),
    );
    const done: { n: number; at: number }[] = [];
    const ports: SendPorts = {
      ...sending.ports,
      clock: () => now,
      quota: {
        lease: async (sendClass, wanted) => createSendQuota(sending.memory, limits).lease(sendClass, wanted, now),
      },
      mailer: {
        send: async ({ to }) => {
          sentAt.push(now);
          done.push({ n: Number(/\d+/.exec(to)?.[0]), at: now });
          return { kind: 'accepted', messageId: `m${sentAt.length}` };
        },
      },
      settings: async () => ({ ...(await sending.ports.settings()), quietHours: {}, closedDays: {}, caps: [] }),
    };
    let waiting = orders.map((order) => ({ order, until: NOW as number }));
    for (; waiting.length > 0 && now < NOW + 5 * DAY; now = (now + 15 * MINUTE) as Instant) {
      const next: typeof waiting = [];
      // in no helpful order
      for (const one of [...waiting].sort((a, b) => (a.order.sendId < b.order.sendId ? -1 : 1))) {
        if (one.until > now) {
          next.push(one);
          continue;
        }
        const [outcome] = await sendMail(ports, [one.order]);
        if (outcome?.kind === 'held') next.push({ ...one, until: outcome.until ?? 0 });
      }
      waiting = next;
    }
    expect(waiting).toEqual([]);
    for (const at of sentAt) expect(sentAt.filter((one) => one > at - DAY && one <= at).length).toBeLessThanOrEqual(10);
    const lastOf = (sendClass: SendClass) =>
      Math.max(...done.filter(({ n }) => classes[n % 3] === sendClass).map((one) => one.at));
    expect(lastOf('statutory')).toBeLessThan(lastOf('marketing'));
  });

  test('F21: paused by the provider, the run halts, staff are told once, and everything goes later, each once', async () => {
    let paused = true;
    const sending = await createSending(people(8), () =>
      paused ? { kind: 'throttled', code: 'AccountSendingPausedException' } : { kind: 'accepted', messageId: 'm' },
    );
    const orders = Array.from({ length: 8 }, (_, n) => orderOf(n));
    expect(new Set(kinds(await sendMail(sending.ports, orders)))).toEqual(new Set(['held']));
    expect(sending.paused).toEqual(['AccountSendingPausedException']);
    // those under way when it was said, and no more
    const tried = sending.calls.length;
    expect(tried).toBeLessThanOrEqual(5);
    for (let n = 0; n < 8; n += 1) expect((await sending.gateOf(n)).recent).toEqual({});
    paused = false;
    sending.later(15 * MINUTE);
    expect(kinds(await sendMail(sending.ports, orders))).toEqual(Array(8).fill('sent'));
    expect(sending.calls.length - tried).toBe(8);
  });
});
