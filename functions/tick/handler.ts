import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDueWork } from '../../shared/journey/due-work.ts';
import type { DueMessage } from '../../shared/journey/run-due.ts';
import { createDailyKeeper } from '../../shared/launch/due-items.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import { createHandler } from './core.ts';

const dueWork = createDueWork(createDynamoTable(new DynamoDBClient(), required('TABLE_NAME')));

export const handler = createHandler({
  dueWork,
  keepDaily: createDailyKeeper(dueWork),
  due: createSqsQueue<DueMessage>(new SQSClient(), required('DUE_QUEUE_URL')),
  log: createEventLog(),
});
