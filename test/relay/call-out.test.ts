import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { createHandler } from '../../functions/call-out/core.ts';
import { silentLog } from '../../shared/platform/logging.ts';

const record = (messageId: string, body: unknown): SQSRecord =>
  ({
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1' },
  }) as SQSRecord;

const call = {
  kind: 'webhook',
  id: 'c',
  endpoint: 'crm',
  campaign: 'w',
  step: 's',
  partyId: 'p',
  occurrence: 'o',
  occurredAt: 1,
};

test('F08, F09: webhooks and orders of one batch go their ways; exactly those that failed are reported', async () => {
  const called: string[] = [];
  const batches: string[][] = [];
  const handler = createHandler({
    call: async ({ id }) => {
      called.push(id);
      if (id === 'broken') throw new Error('the table is gone');
      return { kind: 'delivered' };
    },
    orders: async ({ Records }: SQSEvent) => {
      batches.push(Records.map(({ messageId }) => messageId));
      return { batchItemFailures: [{ itemIdentifier: 'poison' }] };
    },
    log: silentLog,
  });
  const Records = [
    record('1', call),
    record('2', { ...call, id: 'broken' }),
    record('3', { sendId: 'an order' }),
    record('poison', 'not JSON'),
    record('null', 'null'),
    record('4', { ...call, surplus: true }),
  ];
  const answer = await handler({ Records }, {} as Context);
  expect(called.sort()).toEqual(['broken', 'c']);
  expect(batches).toEqual([['3', 'poison', 'null']]);
  expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['2', '4', 'poison']);
});
