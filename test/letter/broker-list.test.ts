import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { createHandler } from '../../functions/hand-over/core.ts';
import { createBrokerLists } from '../../shared/journey/broker-list.ts';
import type { PolicyId } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import type { CivilDate } from '../../shared/platform/time.ts';
import { COMPOSE_AT, createLetterWorld } from './letter-world.ts';

test("C5: a broker's weekly list says what the broker needs to call, with the new premium beside the last", async () => {
  const world = createLetterWorld();
  const order = await world.add(1);
  const lists = createBrokerLists(world.table);
  const week = '2019-01-14' as CivilDate;
  const [ref] = order.enrolments;
  if (!ref) throw new Error('no enrolment');
  const row = {
    broker: 'Álvarez & Hijos/7',
    week,
    policyId: ref.policyId as PolicyId,
    partyId: ref.partyId,
    campaign: 'renewal',
    step: 'm30',
    dueAt: COMPOSE_AT,
  };
  await lists.add([row]);
  const handler = createHandler({ ports: { ...world.ports, lists }, log: silentLog });
  const body = JSON.stringify({ kind: 'broker-list', week, broker: row.broker });
  const event = { Records: [{ messageId: 'm', body, attributes: { ApproximateReceiveCount: '1' } }] };
  expect(await handler(event as never, {} as never)).toEqual({ batchItemFailures: [] });

  const [key = ''] = world.files.keys();
  expect(key).toMatch(/^broker-lists\/2019-01-14\/[^/]+\.csv$/);
  const csv = Buffer.from((await world.files.get(key))?.body ?? []).toString('utf8');
  expect(Papa.parse(csv, { header: true, skipEmptyLines: true }).data).toEqual([
    {
      broker: 'Álvarez & Hijos/7',
      policyNo: "'=N1",
      line: 'motor',
      insured: '沪A12345',
      holder: '张伟',
      renewsOn: '2019-01-31',
      step: 'm30',
      newPremium: '3340.50',
      lastPremium: '3120.00',
      currency: 'CNY',
    },
  ]);
});

test('an order that does not fit the contract is reported back, the others are done', async () => {
  const world = createLetterWorld();
  const handler = createHandler({ ports: { ...world.ports, lists: createBrokerLists(world.table) }, log: silentLog });
  const record = (messageId: string, body: string) => ({
    messageId,
    body,
    attributes: { ApproximateReceiveCount: '1' },
  });
  const event = {
    Records: [
      record('a', '{'),
      record('b', '{"kind":"print","house":"es","printOn":"2019-02-30"}'),
      record('c', '{"kind":"print","house":"es","printOn":"2019-01-11"}'),
    ],
  };
  expect(await handler(event as never, {} as never)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }],
  });
});
