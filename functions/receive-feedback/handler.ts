import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { sqsQueues } from '../../shared/platform/sqs-queue.ts';
import { wire } from './wire.ts';

export const handler = wire({
  table: createDynamoTable(new DynamoDBClient(), required('TABLE_NAME')),
  queue: sqsQueues(new SQSClient(), required),
  log: createEventLog(),
});
