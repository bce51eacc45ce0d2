import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { handle } from 'hono/aws-lambda';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { secretReaders } from '../../shared/platform/secrets.ts';
import { sqsQueues } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { wire } from './wire.ts';

export const handler = handle(
  wire({
    table: createDynamoTable(new DynamoDBClient(), required('TABLE_NAME')),
    queue: sqsQueues(new SQSClient(), required),
    bus: createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME')),
    secret: secretReaders(new SecretsManagerClient(), required),
    setting: required,
    ids: randomIds,
    clock: () => Date.now() as Instant,
    log: createEventLog(),
  }),
);
