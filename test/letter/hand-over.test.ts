import { createHash } from 'node:crypto';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import type { ConsentState } from '../../shared/customer/customer.ts';
import { composeLetters } from '../../shared/letter/compose-letter.ts';
import { handOver } from '../../shared/letter/hand-over.ts';
import { recordPrintStatus } from '../../shared/letter/record-print-status.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { HOUR } from '../../shared/platform/time.ts';
import { CUT_OFF, createKiller, createLetterWorld, DAY_OF_PRINT } from './letter-world.ts';

const readManifest = (csv: string | undefined) =>
  Papa.parse<Record<string, string>>(csv ?? '', { header: true, skipEmptyLines: true }).data;

/** Letters of customers 1 … count, composed in the morning; the clock stands at the cut-off. */
const morning = async (count: number) => {
  const world = createLetterWorld();
  const orders = [];
  for (let n = 1; n <= count; n += 1) orders.push(await world.add(n));
  await composeLetters(world.ports, orders);
  world.clock.now = CUT_OFF;
  return { world, orders };
};

describe('hand-over', () => {
  test('copies the files, writes the manifest, marks letters and timeline', async () => {
    const { world, orders } = await morning(3);
    expect(await handOver(world.ports, DAY_OF_PRINT)).toEqual({
      kind: 'handed-over',
      batch: '2019-01-11-es-1',
      letters: 3,
      recalled: 0,
    });
    const rows = readManifest(await world.manifest('2019-01-11-es-1'));
    expect(rows.map((row) => row['letterId']).sort()).toEqual(orders.map(({ sendId }) => sendId).sort());
    for (const row of rows) {
      const file = await world.files.get(`batches/2019-01-11-es-1/${row['file']}`);
      expect(
        createHash('sha256')
          .update(file?.body ?? '')
          .digest('hex'),
      ).toBe(row['sha256']);
      expect(row).toMatchObject({
        pages: '1',
        sendClass: 'service',
        campaign: 'renewal',
        step: 'm14',
        at: '2019-01-11T13:00:00.000Z',
      });
      expect([row['addressLine1'], row['addressLine3'], row['addressLine6']]).toEqual([
        'María García',
        '28013 Madrid',
        '',
      ]);
    }
    for (const order of orders) {
      expect(await world.row(order)).toMatchObject({ state: 'handed-over', details: { batch: '2019-01-11-es-1' } });
    }
  });

  test('S21: a policy number that looks like a formula is disarmed', async () => {
    const { world } = await morning(1);
    await handOver(world.ports, DAY_OF_PRINT);
    expect(await world.manifest('2019-01-11-es-1')).toContain(`,"'=N1",`);
  });

  test('F36: a second hand-over of the same batch does nothing', async () => {
    const { world } = await morning(2);
    await handOver(world.ports, DAY_OF_PRINT);
    const before = world.files.keys();
    expect(await handOver(world.ports, DAY_OF_PRINT)).toEqual({ kind: 'nothing-to-print', recalled: 0 });
    expect(world.files.keys()).toEqual(before);
  });

  test('a letter that came late makes the next batch of the day', async () => {
    const { world } = await morning(2);
    const late = await world.add(9);
    // reserved before the cut-off, filed after it
    world.clock.now = (CUT_OFF - 1) as Instant;
    const slow = {
      ...world.ports,
      files: { ...world.ports.files, put: async () => Promise.reject(new Error('gone')) },
    };
    await composeLetters(slow, [late]);
    world.clock.now = CUT_OFF;
    await handOver(world.ports, DAY_OF_PRINT);
    world.clock.now = (CUT_OFF + HOUR) as Instant;
    await composeLetters(world.ports, [late]);
    expect(await handOver(world.ports, DAY_OF_PRINT)).toMatchObject({ batch: '2019-01-11-es-2', letters: 1 });
    expect(readManifest(await world.manifest('2019-01-11-es-1'))).toHaveLength(2);
  });

  test('F36: a lost or damaged file is not handed over, and somebody is told', async () => {
    const { world, orders } = await morning(3);
    await world.files.remove(`letters/${orders[0]?.sendId}.pdf`);
    await world.files.put(`letters/${orders[1]?.sendId}.pdf`, 'half of it');
    expect(await handOver(world.ports, DAY_OF_PRINT)).toMatchObject({ letters: 1 });
    expect(readManifest(await world.manifest('2019-01-11-es-1')).map((row) => row['letterId'])).toEqual([
      orders[2]?.sendId,
    ]);
    for (const order of orders.slice(0, 2))
      expect(await world.row(order)).toMatchObject({ state: 'failed', reason: 'not-printable' });
  });
});

describe('recall until the cut-off', () => {
  const refusal: ConsentState = { given: false, wording: 'w1', at: CUT_OFF };

  test('renewed, opted out, died or returned since: recalled, with the reason', async () => {
    const { world, orders } = await morning(5);
    const [renewed, optedOut, dead, returned, going] = orders as [never, never, never, never, never];
    await world.exit(renewed);
    await world.ports.gates.setConsent((optedOut as { partyId: never }).partyId, 'post', 'service', refusal);
    await world.ports.gates.setSituation((dead as { partyId: never }).partyId, 'deceased', true);
    await world.ports.gates.suppress((returned as { partyId: never }).partyId, 'post', 'returned-mail');
    expect(await handOver(world.ports, DAY_OF_PRINT)).toMatchObject({ letters: 1, recalled: 4 });
    const because = async (order: never) => (await world.row(order))?.details?.['because'];
    expect(await Promise.all([renewed, optedOut, dead, returned].map(because))).toEqual([
      'exited',
      'opted-out',
      'deceased',
      'suppressed',
    ]);
    expect((await world.row(renewed))?.state).toBe('recalled');
    expect((await world.row(going))?.state).toBe('handed-over');
  });

  test('a date that was moved recalls the letter and lets its step come again', async () => {
    const { world, orders } = await morning(1);
    const [order] = orders;
    if (!order) throw new Error('no order');
    const known = await world.ports.enrolments.get(order.enrolments[0] as never);
    const next = { step: 'm14', at: (order.dueAt + 30 * 24 * HOUR) as Instant };
    if (known) await world.ports.enrolments.put({ ...known, next }, known.version);
    expect(await handOver(world.ports, DAY_OF_PRINT)).toEqual({ kind: 'nothing-to-print', recalled: 1 });

    world.clock.now = next.at;
    const again = { ...order, dueAt: next.at, useBy: (next.at + 24 * HOUR) as Instant };
    expect(await composeLetters(world.ports, [again])).toMatchObject([{ kind: 'sent' }]);
    expect(await world.row(again)).toMatchObject({ state: 'composed' });
  });
});

describe('F36: the hand-over killed at any call, before or after its effect', () => {
  test.each([false, true])('ends with each letter in one batch exactly once (after: %s)', async (after) => {
    let points = 0;
    for (let dieAt = 1; ; dieAt += 1) {
      const { world, orders } = await morning(3);
      await world.exit(orders[0] as never);
      const killer = createKiller(dieAt, after);
      await handOver(world.portsOver(killer), DAY_OF_PRINT).catch(() => undefined);
      if (killer.calls() < dieAt) break;
      points += 1;
      // between death and the next try somebody else renews: a batch that was opened keeps its letters
      if (dieAt % 3 === 0) await world.exit(orders[1] as never);
      world.clock.now = (CUT_OFF + HOUR) as Instant;
      for (let more = true; more; ) more = (await handOver(world.ports, DAY_OF_PRINT)).kind === 'handed-over';

      const manifests = world.files.keys().filter((key) => key.endsWith('manifest.csv'));
      expect(manifests.length, `killed at ${dieAt}`).toBeLessThanOrEqual(1);
      const printed = readManifest(await world.manifest('2019-01-11-es-1')).map((row) => row['letterId']);
      expect(new Set(printed).size).toBe(printed.length);
      for (const letterId of printed) expect(world.files.keys()).toContain(`batches/2019-01-11-es-1/${letterId}.pdf`);
      for (const order of orders) {
        const state = (await world.row(order))?.state;
        expect(state, `killed at ${dieAt}`).toBe(printed.includes(order.sendId) ? 'handed-over' : 'recalled');
      }
      expect(world.writes('batches/2019-01-11-es-1/manifest.csv'), `killed at ${dieAt}`).toBe(1);
      expect(printed).not.toContain(orders[0]?.sendId);
      expect(printed).toContain(orders[2]?.sendId);
    }
    expect(points).toBeGreaterThan(15);
  });
});

describe('news from the print house', () => {
  const news = (letterId: SendId, status: 'printed' | 'posted' | 'returned') => ({
    ...DAY_OF_PRINT,
    letterId,
    status,
    at: CUT_OFF,
  });

  test('printed, posted, returned; a return shuts the post and shows in the timeline', async () => {
    const { world, orders } = await morning(1);
    const order = orders[0] as SendOrder;
    await handOver(world.ports, DAY_OF_PRINT);
    expect(await recordPrintStatus(world.ports, news(order.sendId, 'posted'))).toBe('recorded');
    expect(await recordPrintStatus(world.ports, news(order.sendId, 'printed'))).toBe('behind');
    expect(await recordPrintStatus(world.ports, news(order.sendId, 'returned'))).toBe('recorded');
    expect(await recordPrintStatus(world.ports, news(order.sendId, 'returned'))).toBe('recorded');
    expect(await world.row(order)).toMatchObject({
      state: 'returned',
      reason: 'returned-mail',
      details: { postedAt: CUT_OFF },
    });
    const gate = (await world.ports.gates.getMany([order.partyId])).get(order.partyId);
    expect(gate?.suppressed.post).toBe('returned-mail');
    // told by both copies of the news; a journey takes it once
    const [failure, event] = world.told;
    expect(failure).toMatchObject({ kind: 'step-failed', step: order.step, because: 'returned-mail' });
    expect(event).toMatchObject({
      kind: 'event',
      event: { type: 'MessageUndelivered', properties: { channel: 'post', step: order.step, why: 'returned-mail' } },
    });
    expect(world.told).toEqual([failure, event, failure, event]);
  });

  test('F42: the letter of somebody who was erased comes back: recorded, and nobody is told', async () => {
    const { world, orders } = await morning(1);
    const order = orders[0] as SendOrder;
    await handOver(world.ports, DAY_OF_PRINT);
    await world.table.remove({ pk: `C#${order.partyId}`, sk: 'GATE' });
    const { pk, sk } = world.table.all().find(({ sk }) => sk.startsWith('T#')) ?? { pk: '', sk: '' };
    await world.table.remove({ pk, sk });
    expect(await recordPrintStatus(world.ports, news(order.sendId, 'returned'))).toBe('recorded');
    expect(world.told).toEqual([]);
    expect(world.table.all().filter((item) => item.sk.startsWith('T#') || item.sk === 'GATE')).toEqual([]);
  });

  test('of a letter that was never handed over changes nothing', async () => {
    const { world, orders } = await morning(1);
    expect(await recordPrintStatus(world.ports, news((orders[0] as SendOrder).sendId, 'printed'))).toBe('behind');
    expect(await recordPrintStatus(world.ports, news('nope' as SendId, 'printed'))).toBe('unknown-letter');
  });
});
