import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SESClient } from '@aws-sdk/client-ses';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSesLimits } from '../../shared/message/ses-limits.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { sqsQueues } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { wire } from './wire.ts';

export const handler = wire({
  table: createDynamoTable(new DynamoDBClient(), required('TABLE_NAME')),
  queue: sqsQueues(new SQSClient(), required),
  bus: createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME')),
  setting: required,
  limits: createSesLimits(new SESClient()),
  clock: () => Date.now() as Instant,
  log: createEventLog(),
});
