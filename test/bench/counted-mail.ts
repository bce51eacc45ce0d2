import type { Context, SQSEvent } from 'aws-lambda';
import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createSendQuota } from '../../shared/message/quota.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createSending, NOW, orderOf } from '../message/sending.ts';
import { createCountingTable, type Usage } from './counting-table.ts';

/** Orders that the send queues hand over at a time. */
const BATCH = 10;

/**
 * Units and calls of one mail: a full batch through the consumer of the send queues with everything that it reads and
 * writes (controls, quota, proof, counts, health), in a minute in which another batch went before.
 */
export const countMail = async (): Promise<Usage> => {
  const usage: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };
  const people = Array.from({ length: 2 * BATCH }, (_, n) => ({ n }));
  const sending = await createSending(people, undefined, (table) => createCountingTable(table, usage));
  const { table, ports } = sending;
  const limits = { perSecond: 100, perDay: 1_000_000, sentLast24Hours: 0 };
  const proofs = ports.proof;
  const counted = {
    ...ports,
    controls: createControls(table, programmes, () => NOW),
    quota: createSendQuota(table, async () => limits),
    proof: {
      put: async (...given: Parameters<typeof proofs.put>): Promise<void> => {
        usage.calls += 1;
        await proofs.put(...given);
      },
    },
  };
  const handler = orderHandler({
    name: 'send-mail',
    decide: (orders) => sendMail(counted, orders),
    counts: createOutcomeCounts(table),
    health: createCampaignHealth(table),
    clock: () => NOW,
    log: silentLog,
    meter: { count: () => {} },
  });
  const send = async (from: number): Promise<void> => {
    const Records = people.slice(from, from + BATCH).map(({ n }) => ({
      messageId: `m${n}`,
      body: JSON.stringify(orderOf(n)),
      attributes: { ApproximateReceiveCount: '1' },
    }));
    const { batchItemFailures } = await handler({ Records } as unknown as SQSEvent, {} as Context);
    if (batchItemFailures.length > 0) throw new Error('every mail of the batch should have gone');
  };
  await send(0);
  const before = { ...usage };
  await send(BATCH);
  if (sending.calls.length !== 2 * BATCH) throw new Error('every mail of the batch should have gone');
  const perMail = (name: keyof Usage): number => (usage[name] - before[name]) / BATCH;
  return { calls: perMail('calls'), readUnits: perMail('readUnits'), writeUnits: perMail('writeUnits') };
};
